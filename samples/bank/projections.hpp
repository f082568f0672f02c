// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The bank's tables: what every account holds, who deposited how much on which day, and the
// statement with its running balance.
#pragma once

#include "account.hpp"

namespace bank {

// --- account_balances: a row an account ---

struct balance_row {
    account_id account;
    money balance;
    std::int64_t movements = 0;
    std::optional<recount::date> last_movement_on{};
};
RECOUNT_ROW(balance_row, 1, recount::key<&balance_row::account>, account, balance, movements,
            last_movement_on)

// Keyed: the last date cannot be computed back, so a correction refolds the account.
struct account_balances {
    using row = balance_row;
    using events = recount::types<opened, deposited, withdrawn, fee_charged, interest_credited,
                                  charged, charge_returned>;
    static void on(recount::rows<row>& r, opened const& e, recount::info const& i);
    static void on(recount::rows<row>& r, deposited const& e, recount::info const& i);
    static void on(recount::rows<row>& r, withdrawn const& e, recount::info const& i);
    static void on(recount::rows<row>& r, fee_charged const& e, recount::info const& i);
    static void on(recount::rows<row>& r, interest_credited const& e, recount::info const& i);
    static void on(recount::rows<row>& r, charged const& e, recount::info const& i);
    static void on(recount::rows<row>& r, charge_returned const& e, recount::info const& i);
};
RECOUNT_PROJECTION(account_balances, "account_balances", 1)

// --- deposits_by_day: a row a day and account ---

struct deposits_row {
    recount::date day;
    account_id account;
    money amount;
    std::int64_t deposits = 0;
};
RECOUNT_ROW(deposits_row, 1, (recount::key<&deposits_row::day, &deposits_row::account>), day,
            account, amount, deposits)

// Invertible: sums and counts can be taken back.
struct deposits_by_day {
    using row = deposits_row;
    using events = recount::types<deposited>;
    static void on(recount::rows<row>& r, deposited const& e, recount::info const& i, int weight);
};
RECOUNT_PROJECTION(deposits_by_day, "deposits_by_day", 1)

// --- statement_lines: a row a movement ---

struct statement_row {
    account_id account;
    std::int64_t line = 0;  // 1, 2, 3 … in the account
    recount::date on;
    movement_kind kind = movement_kind::deposit;
    money amount;   // signed
    money balance;  // running
    std::optional<money> stated_balance{};
    std::optional<std::string> reference{};
};
RECOUNT_ROW(statement_row, 1, (recount::key<&statement_row::account, &statement_row::line>),
            account, line, on, kind, amount, balance, stated_balance, reference)

struct statement_lines {
    using row = statement_row;
    using events = recount::types<deposited, withdrawn, fee_charged, interest_credited, charged,
                                  charge_returned>;
    static void on(recount::rows<row>& r, deposited const& e, recount::info const& i);
    static void on(recount::rows<row>& r, withdrawn const& e, recount::info const& i);
    static void on(recount::rows<row>& r, fee_charged const& e, recount::info const& i);
    static void on(recount::rows<row>& r, interest_credited const& e, recount::info const& i);
    static void on(recount::rows<row>& r, charged const& e, recount::info const& i);
    static void on(recount::rows<row>& r, charge_returned const& e, recount::info const& i);
};
RECOUNT_PROJECTION(statement_lines, "statement_lines", 1)

}  // namespace bank
