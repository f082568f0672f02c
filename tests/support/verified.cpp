// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "support/verified.hpp"

#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "support/catch.hpp"

namespace recount::tests {

void check_verified(test_database const& database) {
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
    CHECK(status == 0);
    CHECK(said.find(R"("bad": [])") != std::string::npos);
}

}  // namespace recount::tests
