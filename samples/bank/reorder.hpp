// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// `reconcile --fix`: each account is put into the order that its stated balances prove, by one
// restructure of as few moves as can be.
//
//     auto const report = bank::put_in_order(bank, {.dry_run = true});   // writes nothing
//     for (auto const& one : report.changes) …                           // by account
//
// It goes by the corrected history: what is in order already, or was put there, is not touched. So
// it can be run again at any time, and goes on where it was killed. A restructure's id follows from
// the account and the version of its stream, so that two who run it at once write it once. Rows
// that no order explains stay where they are (day_order.hpp) and are counted as left; an account
// that would not get better is not touched.
//
// Errors: those of the log. What is refused for one account is said there, and the others go on.
// Thread safety: as the application.
#pragma once

#include <functional>

#include <recount/restructure/read.hpp>

#include "day_order.hpp"

namespace bank {

// The movements of an account in a view of its stream, with their running balance.
[[nodiscard]] std::vector<statement_row> lines_of(recount::history::stream_view const& account);

// An account's movements as the corrected history tells them.
struct account_book {
    account_id account;
    recount::version version = 0;  // of the recorded stream that it was read from
    std::vector<statement_row> lines;
    std::vector<recount::uuid> events;  // of each line
};
[[nodiscard]] account_book read_book(recount::log& from, account_id const& account,
                                     recount::history::read_cut const& cut = {});
// All there are, in order of their ids.
[[nodiscard]] std::vector<account_id> accounts_of(recount::log& log);

struct account_change {
    account_id account;
    std::int64_t rows = 0;  // that change place
    std::int64_t moves = 0;
    std::int64_t breaks_before = 0;
    std::int64_t breaks_after = 0;
    std::int64_t left = 0;
    std::vector<recount::uuid> restructures{};
    std::optional<std::string> refused{};  // why nothing was written
};
RECOUNT_DESCRIBE(account_change, account, rows, moves, breaks_before, breaks_after, left,
                 restructures, refused)

struct order_report {
    bool dry_run = false;
    std::int64_t accounts = 0;  // that change
    std::int64_t rows = 0;
    std::int64_t moves = 0;
    std::int64_t breaks_before = 0;  // of all accounts
    std::int64_t breaks_after = 0;
    std::int64_t left = 0;
    std::int64_t refused = 0;  // accounts that should have changed
    std::vector<account_change> changes{};
};
RECOUNT_DESCRIBE(order_report, dry_run, accounts, rows, moves, breaks_before, breaks_after, left,
                 refused, changes)

// What would put the book in order: no plan if it is, or would not get better. With more moves than
// a restructure holds well it is the first of them, and the rest is found when it was done.
struct planned_order {
    account_change change;
    std::optional<recount::restructure> plan;
};
[[nodiscard]] planned_order plan_order(account_book const& book);

struct order_options {
    bool dry_run = false;
    std::vector<std::string> acknowledged{};  // closed periods, say: kept in each restructure
    std::function<void(std::int64_t accounts)> progress{};
    std::function<bool()> stop_wanted{};
};
[[nodiscard]] order_report put_in_order(recount::application& bank,
                                        order_options const& options = {});

}  // namespace bank
