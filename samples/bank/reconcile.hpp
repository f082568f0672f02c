// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Compares each account's movements with the balances that the bank itself stated after them.
//
// A break is a movement whose stated balance is not the previous stated one (zero at first) plus
// its amount, within the bank's rounding of 0.10, in the order of the statement: as recorded, but
// for what was corrected (reorder.hpp).
#pragma once

#include <vector>

#include "reorder.hpp"

namespace bank {

struct reconcile_break {
    account_id account;
    std::int64_t line = 0;
    recount::date on;
    money amount;
    money expected_balance;
    money stated_balance;
};
RECOUNT_DESCRIBE(reconcile_break, account, line, on, amount, expected_balance, stated_balance)

struct reconcile_report {
    std::int64_t accounts = 0;
    std::int64_t movements = 0;
    std::int64_t breaks = 0;
    std::int64_t left = 0;              // that no order of an account's day explains
    std::vector<reconcile_break> rows;  // the breaks
    std::optional<order_report> fix{};  // what --fix did, or would do
};
RECOUNT_DESCRIBE(reconcile_report, accounts, movements, breaks, left, rows, fix)

// `lines` in order of account and line.
[[nodiscard]] reconcile_report reconcile(std::vector<statement_row> const& lines);

[[nodiscard]] recount::verb reconcile_verb();

}  // namespace bank
