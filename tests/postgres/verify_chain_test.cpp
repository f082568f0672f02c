// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The independent verifier (tests/support/verify_chain.py) agrees with what the library wrote.
// (What it says of changes: verify_mutations_test.cpp.)
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <recount/postgres/log.hpp>

#include "conformance/log_conformance.hpp"
#include "support/postgres.hpp"

using namespace conformance;
namespace postgres = recount::postgres;

namespace {

struct verdict {
    int exit_code = -1;
    nlohmann::json answer;
};

std::string script() {
    char const* source = std::getenv("RECOUNT_SOURCE");
    std::string const root = source != nullptr ? source : ".";
    return root + "/tests/support/verify_chain.py";
}

verdict verify(recount::tests::test_database const& database) {
    auto const command = fmt::format("python3 '{}' '{}'", script(), database.url());
    auto* const pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string text;
    char buffer[4096];
    for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) {
        text.append(buffer, n);
    }
    auto const status = ::pclose(pipe);
    verdict result;
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (!text.empty()) result.answer = nlohmann::json::parse(text);
    return result;
}

void write_history(postgres::log& log) {
    log.append(commit_to("a-1", 3));
    auto rich = commit_of({event("b-1", "{ \"odd\" :\r\n 1e2, \"q\":\"\\\",'\" }"), event("a-1"),
                           event("a-žluť 😀", "null"), event("b-1", R"("\\N")")});
    rich.command = recount::json_text::checked(R"({"name":"n","version":1,"payload":"ž"})");
    rich.meta.actor = "ann, \"the\" actor\n";
    rich.events[1].effective_at = recount::timestamp_from_string("0001-01-01T00:00:00.000001Z");
    rich.events[2].effective_at = recount::timestamp_from_string("9999-12-31T23:59:59.999999Z");
    log.append(rich);
    std::vector<recount::commit> const batch{commit_to("c-1", 2), commit_to("a-1")};
    static_cast<void>(log.append_batch(batch));
}

}  // namespace

TEST_CASE("an independent verifier agrees with what was written", "[postgres][verify]") {
    recount::tests::test_database const database;
    postgres::migrate({.url = database.url()});
    auto const log = postgres::log::open({.url = database.url()});
    auto const empty = verify(database);
    CHECK(empty.exit_code == 0);
    CHECK(empty.answer.dump() == R"({"bad":[],"batches":0,"events":0,"streams":0})");
    write_history(*log);
    auto const found = verify(database);
    INFO(found.answer.dump());
    CHECK(found.exit_code == 0);
    CHECK(found.answer.dump() == R"({"bad":[],"batches":3,"events":10,"streams":4})");
}
