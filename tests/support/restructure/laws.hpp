// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Random logs and the running of laws over them. A log is made from a tape of choices, so a case
// that fails is shrunk by shortening and lowering the tape: every tape makes a valid log.
//
//     TEST_CASE("law 1: …") {
//         check_law("1 identity", [](choices& c) -> std::string {
//             auto const log = random_log(c);
//             return holds(log) ? "" : log.told();      // empty: the law holds
//         });
//     }
//
// RECOUNT_SEED runs a seed again; `cases_full` cases with the tag [full], else `cases_quick`. Of
// the former each law leaves a line in <build>/laws.txt, which `./test --full` prints at its end.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "support/restructure/world.hpp"

namespace recount::tests {

class choices {
public:
    explicit choices(std::vector<std::uint32_t> tape) : tape_{std::move(tape)} {}
    // 0 when the tape has run out: the simplest choice comes first everywhere.
    [[nodiscard]] std::size_t below(std::size_t end) {
        return at_ < tape_.size() && end > 0 ? tape_[at_++] % end : 0;
    }
    [[nodiscard]] bool one_in(std::size_t n) { return below(n) == n - 1; }
    template <class T> [[nodiscard]] T const& of(std::vector<T> const& all) {
        return all[below(all.size())];
    }

private:
    std::vector<std::uint32_t> tape_;
    std::size_t at_ = 0;
};

// Empty: the law holds; else what was found, with the log.
using law = std::function<std::string(choices&)>;

inline constexpr int cases_quick = 300;
inline constexpr int cases_full = 10'000;

struct named_law {
    std::string name;
    law holds;
};
// Runs the law, shrinks the first failure, and makes it a failure of the running test.
void check_law(std::string const& name, law const& holds, int cases = cases_quick);
inline void check_laws(std::vector<named_law> const& laws, int cases = cases_quick) {
    for (auto const& l : laws) check_law(l.name, l.holds, cases);
}
// How many of the cases fail: for laws that must not hold.
[[nodiscard]] int count_failures(law const& holds, int cases);

inline std::vector<std::string> const streams_of_logs{"account-a", "account-b", "account-c"};

struct log_shape {
    std::size_t commits = 14;
    bool restructures = true;
    bool hostile = false;  // operations that no append would let through
};
[[nodiscard]] world random_log(choices& c, log_shape const& shape = {});
void random_events(choices& c, world& log);
void random_restructure(choices& c, world& log, bool hostile = false);
// One operation that an append would let through; nothing if there is none.
[[nodiscard]] std::optional<wish> random_wish(choices& c, world const& log, bool hostile = false);
[[nodiscard]] history::anchor random_anchor(choices& c, world const& log);
[[nodiscard]] uuid random_slot(choices& c, world const& log);

// Rows as no append would write them.
void spoil(choices& c, std::vector<recorded_event>& rows);

// The same views, or what differs.
[[nodiscard]] std::string difference(std::string const& what, std::vector<shown_slot> const& found,
                                     std::vector<shown_slot> const& expected);
[[nodiscard]] history::fold folded(std::vector<history::entry> const& entries);

}  // namespace recount::tests
