// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A small domain for the tests of the framework: accounts that are opened, fed and emptied, and
// projections of each kind over them.
#pragma once

#include <algorithm>
#include <string>

#include <recount/aggregate/aggregate.hpp>
#include <recount/projection/projection.hpp>

#include "support/catch.hpp"

namespace sample {

using recount::info;
using recount::money;
using recount::rejection;
using recount::rows;

using account_id = recount::strong_id<struct account_tag>;

struct opened {
    account_id account;
};
RECOUNT_EVENT(opened, "account.opened", 1, account)
struct deposited {
    account_id account;
    money amount;
};
RECOUNT_EVENT(deposited, "account.deposited", 1, account, amount)
struct withdrawn {
    account_id account;
    money amount;
};
RECOUNT_EVENT(withdrawn, "account.withdrawn", 1, account, amount)
struct closed {
    account_id account;
};
RECOUNT_EVENT(closed, "account.closed", 1, account)

struct open_account {
    account_id account;
};
RECOUNT_COMMAND(open_account, "account.open", account)
struct deposit {
    account_id account;
    money amount;
};
RECOUNT_COMMAND(deposit, "account.deposit", account, amount)
struct withdraw_all {
    account_id account;
};
RECOUNT_COMMAND(withdraw_all, "account.withdraw_all", account)
struct close_account {
    account_id account;
};
RECOUNT_COMMAND(close_account, "account.close", account)

struct account {
    using id = account_id;
    using events = recount::types<opened, deposited, withdrawn, closed>;
    using commands = recount::types<open_account, deposit, withdraw_all, close_account>;
    using decision = recount::decision<events>;

    bool is_open = false;
    money balance;

    static void evolve(account& a, opened const&) { a.is_open = true; }
    static void evolve(account& a, deposited const& e) { a.balance += e.amount; }
    static void evolve(account& a, withdrawn const& e) { a.balance -= e.amount; }
    static void evolve(account& a, closed const&) { a.is_open = false; }

    // Asked twice, an account stays open: nothing to record.
    static decision decide(account const& a, open_account const& c) {
        if (a.is_open) return {};
        return opened{c.account};
    }
    static decision decide(account const& a, deposit const& c) {
        if (!a.is_open) return rejection{"not_open", "the account is not open"};
        return deposited{c.account, c.amount};
    }
    static decision decide(account const& a, withdraw_all const& c) {
        if (a.balance.is_zero()) return rejection{"empty"};
        return withdrawn{c.account, a.balance};
    }
    // Pays out what is left: two events.
    static decision decide(account const& a, close_account const& c) {
        if (!a.is_open) return rejection{"not_open"};
        if (a.balance.is_zero()) return closed{c.account};
        return {withdrawn{c.account, a.balance}, closed{c.account}};
    }
};
RECOUNT_AGGREGATE(account, "account", 1, is_open, balance)

// --- projections ---

// Keyed: the greatest amount cannot be computed back. A closed account has no row.
struct balance_row {
    account_id account;
    money balance;
    std::int64_t movements = 0;
    std::optional<money> greatest{};
    std::optional<std::string> remark{};
};
RECOUNT_ROW(balance_row, 1, recount::key<&balance_row::account>, account, balance, movements,
            greatest, remark)

struct balances {
    using row = balance_row;
    using events = recount::types<opened, deposited, withdrawn, closed>;
    static void on(rows<row>& r, opened const&, info const& i) { r[i.stream_id<account_id>()]; }
    static void on(rows<row>& r, deposited const& e, info const& i) {
        auto& row = r[i.stream_id<account_id>()];
        row.balance += e.amount;
        ++row.movements;
        if (!row.greatest || *row.greatest < e.amount) row.greatest = e.amount;
    }
    static void on(rows<row>& r, withdrawn const& e, info const& i) {
        auto* const row = r.find(i.stream_id<account_id>());
        if (row == nullptr) return;
        row->balance -= e.amount;
        ++row->movements;
        row->remark = "paid out at version " + std::to_string(i.version);
    }
    static void on(rows<row>& r, closed const&, info const& i) {
        r.erase(i.stream_id<account_id>());
    }
};
RECOUNT_PROJECTION(balances, "balances", 1)

// Invertible, with rows that many streams share: what moved, by amount.
struct total_row {
    std::int64_t amount_minor = 0;
    std::int64_t deposits = 0;
    money sum;
};
RECOUNT_ROW(total_row, 1, recount::key<&total_row::amount_minor>, amount_minor, deposits, sum)

struct totals {
    using row = total_row;
    using events = recount::types<deposited>;
    static void on(rows<row>& r, deposited const& e, int weight) {
        auto& row = r[e.amount.minor];
        row.deposits += weight;
        row.sum += weight * e.amount;
    }
};
RECOUNT_PROJECTION(totals, "totals", 1)

// Keyed, a row an event. A withdrawal takes the last line away and writes one of its own; closing
// takes all lines away, from the last to the first.
enum class line_kind { deposit, withdrawal };
RECOUNT_ENUM(line_kind, deposit, withdrawal)

struct line_row {
    account_id account;
    std::int64_t line = 0;
    line_kind kind = line_kind::deposit;
    money amount;
    money running;
};
RECOUNT_ROW(line_row, 1, (recount::key<&line_row::account, &line_row::line>), account, line, kind,
            amount, running)

struct lines {
    using row = line_row;
    using events = recount::types<deposited, withdrawn, closed>;

    static void on(rows<row>& r, deposited const& e) {
        add(r, e.account, line_kind::deposit, e.amount);
    }
    static void on(rows<row>& r, withdrawn const& e) {
        if (auto const* const last = r.last()) r.erase({e.account, last->line});
        add(r, e.account, line_kind::withdrawal, -e.amount);
    }
    static void on(rows<row>& r, closed const& e) {
        while (auto const* const last = r.last()) r.erase({e.account, last->line});
    }

private:
    static void add(rows<row>& r, account_id const& account, line_kind kind, money const& amount) {
        auto const* const last = r.last();
        auto const running = last == nullptr ? amount : last->running + amount;
        auto& line = r[{account, last == nullptr ? 1 : last->line + 1}];
        line.kind = kind;
        line.amount = amount;
        line.running = running;
    }
};
RECOUNT_PROJECTION(lines, "lines", 1)

inline money eur(std::int64_t minor) { return {minor, "EUR"}; }

}  // namespace sample
