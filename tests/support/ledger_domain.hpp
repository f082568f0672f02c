// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A domain for the tests of corrections: accounts that say what is to be true of them, and one
// projection of each kind.
#pragma once

#include <string>

#include <recount/recount.hpp>

namespace ledger {

using recount::money;
using recount::rejection;

using account_id = recount::strong_id<struct account_tag>;

struct opened { account_id account; };
RECOUNT_EVENT(opened, "account.opened", 1, account)
struct deposited { account_id account; money amount; };
RECOUNT_EVENT(deposited, "account.deposited", 1, account, amount)
struct withdrawn_v1 { account_id account; std::int64_t cents = 0; };
RECOUNT_EVENT(withdrawn_v1, "account.withdrawn", 1, account, cents)
struct withdrawn {
    account_id account;
    money amount;
    static withdrawn upcast(withdrawn_v1 const& old) {
        return {old.account, money{old.cents, "EUR"}};
    }
};
RECOUNT_EVENT(withdrawn, "account.withdrawn", 2, account, amount)

struct open { account_id account; };
RECOUNT_COMMAND(open, "account.open", account)
struct deposit { account_id account; money amount; };
RECOUNT_COMMAND(deposit, "account.deposit", account, amount)
struct withdraw { account_id account; money amount; };
RECOUNT_COMMAND(withdraw, "account.withdraw", account, amount)

struct account {
    using id = account_id;
    using events = recount::types<opened, deposited, withdrawn>;
    using commands = recount::types<open, deposit, withdraw>;
    using decision = recount::decision<events>;
    bool is_open = false;
    money balance{0, "EUR"};

    static void evolve(account& a, opened const&) { a.is_open = true; }
    static void evolve(account& a, deposited const& e) { a.balance += e.amount; }
    static void evolve(account& a, withdrawn const& e) { a.balance -= e.amount; }
    static decision decide(account const& a, open const& c) {
        if (a.is_open) return {};
        return opened{c.account};
    }
    static decision decide(account const& a, deposit const& c) {
        if (!a.is_open) return rejection{"not_open"};
        return deposited{c.account, c.amount};
    }
    static decision decide(account const& a, withdraw const& c) {
        if (a.balance < c.amount) return rejection{"overdrawn", "there is not so much"};
        return withdrawn{c.account, c.amount};
    }
    static void check(account const& a, recount::invariants& holds) {
        holds.that("never_overdrawn", a.balance >= money{0, "EUR"});
    }
};
RECOUNT_AGGREGATE(account, "account", 1, is_open, balance)

// Invertible.
struct balance_row {
    account_id account;
    money balance;
    std::int64_t movements = 0;
};
RECOUNT_ROW(balance_row, 1, recount::key<&balance_row::account>, account, balance, movements)
struct balances {
    using row = balance_row;
    using events = recount::types<deposited, withdrawn>;
    static void on(recount::rows<row>& r, deposited const& e, int weight) {
        r[e.account].balance += weight * e.amount;
        r[e.account].movements += weight;
    }
    static void on(recount::rows<row>& r, withdrawn const& e, int weight) {
        r[e.account].balance -= weight * e.amount;
        r[e.account].movements += weight;
    }
};
RECOUNT_PROJECTION(balances, "balances", 1)

// Keyed: the greatest deposit cannot be computed back. A row is its stream's, and not that of the
// account which a deposit names: a moved one is told in the stream it came to.
struct greatest_row {
    std::string stream;
    money greatest;
};
RECOUNT_ROW(greatest_row, 1, recount::key<&greatest_row::stream>, stream, greatest)
struct greatest {
    using row = greatest_row;
    using events = recount::types<deposited>;
    static void on(recount::rows<row>& r, deposited const& e, recount::info const& i) {
        auto& row = r[std::string{i.stream}];
        if (row.greatest.is_zero() || row.greatest < e.amount) row.greatest = e.amount;
    }
};
RECOUNT_PROJECTION(greatest, "greatest", 1)

inline money eur(std::int64_t cents) { return {cents, "EUR"}; }

}  // namespace ledger
