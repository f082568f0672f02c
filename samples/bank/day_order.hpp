// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The order that stated balances prove, and the fewest moves that lead to it.
//
//     auto const proven = bank::proven_order(lines);          // of one account
//     for (auto const& m : bank::fewest_moves(proven.order)) …
//
// Of a day's remaining rows the next is always the first, in the order of the lines, whose stated
// balance is the one before it plus its amount, within the bank's rounding of 0.10. Where none is,
// the day's first remaining row is left where it is, and the rest is judged from it.
//
// Thread safety: pure functions. Cost: of a day the square of its rows at worst; n log n in all.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "projections.hpp"

namespace bank {

using lines_view = std::span<statement_row const>;

// Whether the line's stated balance follows from the balance before it. One that states none does.
[[nodiscard]] bool follows(money const& before, statement_row const& line);
// The balance that the next line is judged from.
[[nodiscard]] money balance_after(money const& before, statement_row const& line);

struct proven_lines {
    std::vector<std::size_t> order;  // indexes into the lines, days in order of the calendar
    std::vector<std::size_t> left;   // those that no order explains, as they come in `order`
};
[[nodiscard]] proven_lines proven_order(lines_view account);
// Lines that do not follow from the one before them, when they are read in this order.
[[nodiscard]] std::int64_t breaks_in(lines_view account, std::vector<std::size_t> const& order);
[[nodiscard]] std::size_t out_of_place(std::vector<std::size_t> const& order) noexcept;

// To be done one after the other. `beside` stays where it is.
struct line_move {
    std::size_t line = 0;
    std::size_t beside = 0;
    bool after = true;
    friend bool operator==(line_move const&, line_move const&) = default;
};
// As many as there are rows less the longest run of them that rises: no fewer can do it.
[[nodiscard]] std::vector<line_move> fewest_moves(std::vector<std::size_t> const& order);

}  // namespace bank
