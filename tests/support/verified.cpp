// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "support/verified.hpp"

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "support/catch.hpp"

namespace recount::tests {

namespace {

constexpr int exit_difference = 6;

}  // namespace

script_report verified_by_script(test_database const& database) {
    char const* const source = std::getenv("RECOUNT_SOURCE");
    auto const command = fmt::format("python3 '{}/tests/support/verify_chain.py' '{}'",
                                     source != nullptr ? source : ".", database.url());
    auto* const pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string said;
    char buffer[4096];
    for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
        said.append(buffer, n);
    }
    auto const status = ::pclose(pipe);
    INFO(said.substr(0, 2'000));
    REQUIRE(WIFEXITED(status));
    auto const answer = nlohmann::json::parse(said);
    script_report found;
    found.events = answer.at("events").get<std::int64_t>();
    found.streams = answer.at("streams").get<std::int64_t>();
    found.batches = answer.at("batches").get<std::int64_t>();
    for (auto const& one : answer.at("bad")) {
        found.differences.push_back({one.at("position").get<std::int64_t>(),
                                     one.at("stream").get<std::string>(),
                                     one.at("what").get<std::string>()});
    }
    CHECK(WEXITSTATUS(status) == (found.differences.empty() ? 0 : exit_difference));
    return found;
}

void check_verified(test_database const& database) {
    auto const found = verified_by_script(database);
    for (auto const& one : found.differences) {
        UNSCOPED_INFO(one.what << " at " << one.position << " in '" << one.stream << "'");
    }
    CHECK(found.differences.empty());
}

}  // namespace recount::tests
