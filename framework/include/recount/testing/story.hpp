// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What happened in a given/when/then test, and what to say when it is not what was expected. Under
// recount/testing/given.hpp; it knows nothing of Catch2.
//
//     story s;
//     s.given(erased(opened{{"a-1"}}));
//     s.when({"account.deposit{…}", std::nullopt, {erased(deposited{…})}});
//     auto failure = s.expect_nothing();       // "given  account.opened{…}\nwhen   …"
//
// Thread safety: one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recount/testing/clock.hpp>
#include <recount/testing/difference.hpp>

namespace recount::testing {

// What came of the commands so far. Each expectation answers with the failure's text, empty when it
// is met, and begins anew behind it.
class story {
public:
    struct step {
        std::string command;   // as text
        std::optional<rejection> rejected{};
        std::vector<described_value> events{};
    };

    void given(described_value const& event);
    void when(step decided);
    [[nodiscard]] std::string expect_events(std::vector<described_value> const& expected);
    [[nodiscard]] std::string expect_rejection(std::string_view code,
                                               std::optional<std::string_view> text);
    [[nodiscard]] std::string expect_nothing();
    [[nodiscard]] std::string expect_no_rejection() const;

    // For the decider: its time and actor, and an id that is another for each command.
    facts known{first_of_2026, {}, {}, {}};
    void next_command_id();

private:
    std::vector<std::string> told_;    // "given  account.opened{…}", …
    std::vector<step> open_;           // since the last expectation
    int commands_ = 0;

    [[nodiscard]] std::string unexpected_rejection(std::size_t among) const;
    [[nodiscard]] std::vector<described_value> recorded() const;
    [[nodiscard]] std::string with_story(std::string const& failure) const;
};

}  // namespace recount::testing
