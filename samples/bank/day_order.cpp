// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "day_order.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <numeric>

namespace bank {

namespace {

constexpr std::int64_t rounding_minor_max = 10;  // the bank rounds to tenths
constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

}  // namespace

bool follows(money const& before, statement_row const& line) {
    if (!line.stated_balance) return true;
    return std::abs((before + line.amount - *line.stated_balance).minor) <= rounding_minor_max;
}

money balance_after(money const& before, statement_row const& line) {
    return line.stated_balance.value_or(before + line.amount);
}

proven_lines proven_order(lines_view account) {
    proven_lines proven;
    auto& order = proven.order;
    order.resize(account.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    auto const on = [&](std::size_t line) { return account[line].on; };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return on(a) < on(b); });
    money before;
    for (auto from = order.begin(); from != order.end();) {
        auto const day = on(*from);
        auto const end =
            std::find_if(from, order.end(), [&](std::size_t line) { return on(line) != day; });
        for (; from != end; ++from) {
            auto const next = std::find_if(
                from, end, [&](std::size_t line) { return follows(before, account[line]); });
            if (next == end) {
                proven.left.push_back(*from);
            } else {
                std::rotate(from, next, next + 1);
            }
            before = balance_after(before, account[*from]);
        }
    }
    return proven;
}

std::int64_t breaks_in(lines_view account, std::vector<std::size_t> const& order) {
    std::int64_t breaks = 0;
    money before;
    for (auto const line : order) {
        if (!follows(before, account[line])) ++breaks;
        before = balance_after(before, account[line]);
    }
    return breaks;
}

std::size_t out_of_place(std::vector<std::size_t> const& order) noexcept {
    std::size_t count = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (order[i] != i) ++count;
    }
    return count;
}

namespace {

// Which of the numbers are of one longest rising run, by index.
std::vector<bool> longest_rise(std::vector<std::size_t> const& numbers) {
    std::vector<std::size_t> ends;  // of a run of each length, that which ends lowest, by index
    std::vector<std::size_t> before(numbers.size(), none);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        auto const at = std::lower_bound(
            ends.begin(), ends.end(), numbers[i],
            [&](std::size_t end, std::size_t number) { return numbers[end] < number; });
        if (at != ends.begin()) before[i] = *(at - 1);
        if (at == ends.end()) {
            ends.push_back(i);
        } else {
            *at = i;
        }
    }
    std::vector<bool> rises(numbers.size(), false);
    for (auto i = ends.empty() ? none : ends.back(); i != none; i = before[i]) rises[i] = true;
    return rises;
}

}  // namespace

// What does not move is what the others are put beside, so that no chain of moves comes to be. What
// is put beside a row last stands right at it: behind it a run goes last row first, before it first
// row first. No move is in vain: a row that could stand where it is among those that stay is one.
std::vector<line_move> fewest_moves(std::vector<std::size_t> const& order) {
    auto const stays = longest_rise(order);
    std::vector<line_move> moves;
    auto const first = std::find(stays.begin(), stays.end(), true);
    for (std::size_t i = 0; i < order.size() && !stays[i]; ++i) {
        moves.push_back({order[i], order[static_cast<std::size_t>(first - stays.begin())], false});
    }
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (!stays[i]) continue;
        auto end = i + 1;
        while (end < order.size() && !stays[end]) ++end;
        for (auto line = end - 1; line > i; --line) moves.push_back({order[line], order[i], true});
    }
    return moves;
}

}  // namespace bank
