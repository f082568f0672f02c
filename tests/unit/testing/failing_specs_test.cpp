// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// That a failure of the kit fails the test, at the line that expected otherwise. The cases tagged
// [.fails] fail on purpose; they are hidden, and the last case runs them in a process of their own.
#include <recount/testing/catch.hpp>

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <regex>
#include <set>

#include "support/sample_domain.hpp"

namespace {

using namespace sample;

std::string output_of(std::string const& command, int& status) {
    std::string text;
    auto* const from = popen(command.c_str(), "r");
    REQUIRE(from != nullptr);
    std::array<char, 4096> part;
    while (auto const size = std::fread(part.data(), 1, part.size(), from)) {
        text.append(part.data(), size);
    }
    status = pclose(from);
    return text;
}

std::string this_program() {
    std::array<char, 4096> path;
    auto const size = readlink("/proc/self/exe", path.data(), path.size());
    REQUIRE(size > 0);
    return {path.data(), static_cast<std::size_t>(size)};
}

// "~[full]" alone runs hidden cases as well, so the tag is not enough.
bool wanted() { return std::getenv("RECOUNT_TEST_FAILURES") != nullptr; }

constexpr int then_line = __LINE__ + 5;
TEST_CASE("fails: other events, and goes on", "[.fails]") {
    if (!wanted()) return;
    recount::given<account>()
        .when(open_account{{"a"}})
        .then(closed{{"a"}})
        .when(open_account{{"a"}})
        .then_rejected("not_open");
}
constexpr int rows_line = __LINE__ + 4;
TEST_CASE("fails: other rows", "[.fails]") {
    if (!wanted()) return;
    recount::given_projection<balances>(recount::in("account-a", opened{{"a"}}))
        .then_no_rows();
}

}  // namespace

TEST_CASE("a failed expectation fails the test at its own line, and the test goes on",
          "[testing]") {
    int status = 0;
    auto const command =
        "RECOUNT_TEST_FAILURES=1 '" + this_program() + "' '[.fails]' 2>&1";
    auto const text = output_of(command, status);
    CAPTURE(text);
    CHECK(WIFEXITED(status));
    // Catch2: how many assertions failed; version 3 has one code for any number.
    auto const code = WEXITSTATUS(status);
    CHECK((code == 3 || code == 42));
    std::set<int> lines;
    std::regex const place{R"(failing_specs_test\.cpp[:(](\d+)\)?: FAILED)"};
    for (std::sregex_iterator at{text.begin(), text.end(), place}, end; at != end; ++at) {
        lines.insert(std::stoi((*at)[1]));
    }
    CHECK(lines == std::set<int>{then_line, then_line + 2, rows_line});
    CHECK_THAT(text, Catch::Matchers::ContainsSubstring("account.closed{account: \"a\"}"));
}
