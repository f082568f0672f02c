// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Penalty interest: what an account owes for the days on which it was below zero, by the corrected
// history, as it is known now or was known at a position.
//
//     auto const lowest = lowest_balances(read_book(log, account).lines, first, last);
//     for (auto const& balance : lowest) owed += penalty_of(balance);       // one for each day
//
// A day counts by the lowest balance that the account had at any moment of it, the one that it
// began with included. So the order of a day's movements matters: a withdrawal before the deposit
// that covers it is an overdraft, after it is none, though the day ends with the same balance.
// The interest is 20 % a year, a year has 365 days, and each day is rounded to the minor unit; so
// the days of an account add up to what it owes, and changed days to what has changed.
//
// Thread safety: pure functions, but for those that read a log. Errors: those of the log.
// Cost: of `penalties_of` the rows of all accounts.
#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include "reorder.hpp"

namespace bank {

// One a day from `first` to `last`; before the first movement it is zero.
[[nodiscard]] std::vector<money> lowest_balances(lines_view account, recount::date first,
                                                 recount::date last);
[[nodiscard]] money penalty_of(money const& lowest_balance);

struct account_penalty {
    account_id account;
    std::int64_t days = 0;            // below zero
    money lowest;                     // of them all
    money amount;                     // owed
};
RECOUNT_DESCRIBE(account_penalty, account, days, lowest, amount)

struct penalty_report {
    std::int64_t year = 0;
    std::int64_t at = 0;              // the knowledge position
    std::int64_t accounts = 0;        // that there are
    std::int64_t days = 0;
    std::vector<money> amounts{};     // a sum for each currency
    std::vector<account_penalty> rows{};
};
RECOUNT_DESCRIBE(penalty_report, year, at, accounts, days, amounts, rows)

// A movement of a day whose penalty has changed: its place in the statement and the balance behind
// it, as known then and as known now. Nothing: it was not there.
struct moved_movement {
    std::optional<std::string> reference{};
    money amount;
    std::optional<std::int64_t> line_before{};
    std::optional<money> balance_before{};
    std::optional<std::int64_t> line_after{};
    std::optional<money> balance_after{};
};
RECOUNT_DESCRIBE(moved_movement, reference, amount, line_before, balance_before, line_after,
                 balance_after)

struct penalty_change {
    account_id account;
    recount::date on;
    money lowest_before;
    money lowest_after;
    money penalty_before;
    money penalty_after;
    std::vector<moved_movement> movements{};   // of that day, in the order of now
};
RECOUNT_DESCRIBE(penalty_change, account, on, lowest_before, lowest_after, penalty_before,
                 penalty_after, movements)

struct penalty_difference {
    penalty_report before;
    penalty_report after;
    std::vector<penalty_change> changes{};     // each day whose penalty is another
};
RECOUNT_DESCRIBE(penalty_difference, before, after, changes)

struct penalty_options {
    std::chrono::year year{};
    recount::date last{};                      // of the days that count; no later than the year
    std::function<void(std::int64_t accounts)> progress{};
    std::function<bool()> stop_wanted{};
};
// At `known_at`, or if there is none at the head of the log.
[[nodiscard]] penalty_report penalties_of(recount::log& log, penalty_options const& options,
                                          std::optional<recount::position> known_at = {});
[[nodiscard]] penalty_difference penalties_since(recount::log& log, penalty_options const& options,
                                                 recount::position before,
                                                 std::optional<recount::position> after = {});

[[nodiscard]] recount::verb penalties_verb();

}  // namespace bank
