// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The order that stated balances prove, and the moves that lead to it.
#include <support/catch.hpp>

#include <algorithm>
#include <numeric>
#include <random>

#include "bank/day_order.hpp"
#include "memory_bank.hpp"

namespace bank::tests {

namespace {

using numbers = std::vector<std::size_t>;

statement_row line_on(unsigned on, std::int64_t amount, std::optional<std::int64_t> stated) {
    statement_row row;
    row.on = day(1993, 1, on);
    row.amount = czk(amount);
    if (stated) row.stated_balance = czk(*stated);
    return row;
}

numbers identity(std::size_t n) {
    numbers all(n);
    std::iota(all.begin(), all.end(), std::size_t{0});
    return all;
}

std::vector<statement_row> in_order(std::vector<statement_row> const& lines, numbers const& order) {
    std::vector<statement_row> sorted;
    for (auto const i : order) sorted.push_back(lines[i]);
    return sorted;
}

// What the moves make of rows that are in place. Each must pass a row that is not moved by it.
numbers carried_out(std::size_t n, std::vector<line_move> const& moves) {
    auto rows = identity(n);
    for (auto const& m : moves) {
        auto const was = std::find(rows.begin(), rows.end(), m.line) - rows.begin();
        rows.erase(rows.begin() + was);
        auto const beside = std::find(rows.begin(), rows.end(), m.beside) - rows.begin();
        auto const is = beside + (m.after ? 1 : 0);
        CHECK(is != was);
        rows.insert(rows.begin() + is, m.line);
    }
    return rows;
}

// By trying every choice of them.
std::size_t longest_rise(numbers const& order) {
    std::size_t longest = 0;
    for (unsigned choice = 0; choice < 1U << order.size(); ++choice) {
        numbers chosen;
        for (std::size_t i = 0; i < order.size(); ++i) {
            if ((choice >> i & 1U) != 0) chosen.push_back(order[i]);
        }
        if (std::is_sorted(chosen.begin(), chosen.end())) {
            longest = std::max(longest, chosen.size());
        }
    }
    return longest;
}

}  // namespace

TEST_CASE("a day is put into the order that its stated balances prove", "[bank]") {
    std::vector const lines{line_on(1, 50, 750), line_on(1, -300, 700), line_on(1, 1'000, 1'000)};
    auto const proven = proven_order(lines);
    CHECK(proven.order == numbers{2, 1, 0});
    CHECK(proven.left.empty());
    CHECK(breaks_in(lines, identity(3)) == 3);
    CHECK(breaks_in(lines, proven.order) == 0);
    CHECK(out_of_place(proven.order) == 2);  // the middle one stays the second
}

TEST_CASE("a day begins where the day before it ended", "[bank]") {
    std::vector const lines{line_on(1, 1'000, 1'000), line_on(2, -100, 1'400),
                            line_on(2, 500, 1'500), line_on(3, 7, 1'407)};
    CHECK(proven_order(lines).order == numbers{0, 2, 1, 3});
    CHECK(proven_order(lines).left.empty());
}

TEST_CASE("a row that nothing explains is left, and the others are judged from it", "[bank]") {
    std::vector const lines{line_on(1, 1'000, 1'000), line_on(1, 5, 777), line_on(1, 20, 797),
                            line_on(1, 1, 1'001)};
    auto const proven = proven_order(lines);
    CHECK(proven.order == numbers{0, 3, 1, 2});
    CHECK(proven.left == numbers{1});
}

TEST_CASE("of a row without a stated balance nothing is proven", "[bank]") {
    std::vector const lines{line_on(1, 5, {}), line_on(1, 1'000, 1'005), line_on(1, 1, {})};
    CHECK(proven_order(lines).order == identity(3));
    CHECK(proven_order(lines).left.empty());
    CHECK(proven_order({}).order.empty());
}

TEST_CASE("what was shuffled within its days comes back", "[bank]") {
    // Amounts of which no two sets have the same sum: one order alone fits.
    std::mt19937 numbers_of{20'260'101};  // the same everywhere: the generator is the standard's
    for (int round = 0; round < 50; ++round) {
        std::vector<statement_row> lines;
        std::int64_t balance = 0;
        for (unsigned on = 1; on <= 6; ++on) {
            for (auto rows = numbers_of() % 8; rows > 0; --rows) {
                auto const amount = std::int64_t{100} << lines.size();
                balance += amount;
                lines.push_back(line_on(on, amount, balance));
            }
        }
        auto shuffled = lines;
        for (std::size_t i = 0; i < shuffled.size(); ++i) {
            auto const j = numbers_of() % shuffled.size();
            if (shuffled[i].on == shuffled[j].on) std::swap(shuffled[i], shuffled[j]);
        }
        auto const proven = proven_order(shuffled);
        CHECK(proven.left.empty());
        auto const sorted = in_order(shuffled, proven.order);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            CHECK(sorted[i].stated_balance == lines[i].stated_balance);
        }
    }
}

TEST_CASE("what is in the proven order stays so, whatever the balances state", "[bank]") {
    std::mt19937 numbers_of{7};
    for (int round = 0; round < 200; ++round) {
        std::vector<statement_row> lines;
        auto const rows = numbers_of() % 12;
        for (std::size_t i = 0; i < rows; ++i) {
            auto const small = [&] {
                return static_cast<std::int64_t>(numbers_of() % 5) * 20 - 40;
            };
            auto stated = std::optional{small()};
            if (numbers_of() % 4 == 0) stated.reset();
            auto const on = static_cast<unsigned>(numbers_of() % 3 + 1);
            lines.push_back(line_on(on, small(), stated));
        }
        auto const proven = proven_order(lines);
        CHECK(
            std::is_permutation(proven.order.begin(), proven.order.end(), identity(rows).begin()));
        CHECK(static_cast<std::size_t>(breaks_in(lines, proven.order)) == proven.left.size());
        auto const sorted = in_order(lines, proven.order);
        CHECK(proven_order(sorted).order == identity(rows));
        CHECK(proven_order(sorted).left.size() == proven.left.size());
    }
}

TEST_CASE("any order is reached, by as few moves as can be, none of them in vain", "[bank]") {
    for (std::size_t n = 0; n <= 6; ++n) {
        auto order = identity(n);
        do {
            auto const moves = fewest_moves(order);
            CAPTURE(order);
            CHECK(carried_out(n, moves) == order);
            CHECK(moves.size() == n - longest_rise(order));
            for (auto const& m : moves) {
                // Places nest no deeper than one step: what stays is never moved.
                CHECK(std::none_of(moves.begin(), moves.end(),
                                   [&](auto const& other) { return other.line == m.beside; }));
            }
        } while (std::next_permutation(order.begin(), order.end()));
    }
}

TEST_CASE("a thousand rows the wrong way round take all but one move", "[bank]") {
    auto order = identity(1'000);
    std::reverse(order.begin(), order.end());
    auto const moves = fewest_moves(order);
    CHECK(moves.size() == 999);
    CHECK(carried_out(1'000, moves) == order);
    CHECK(fewest_moves(identity(1'000)).empty());
}

}  // namespace bank::tests
