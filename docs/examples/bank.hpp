// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The smallest bank: the application of docs/concepts/event-sourcing.md and docs/guides/testing.md.
#pragma once

#include <recount/recount.hpp>

namespace examples::bank {

//[events
using recount::money;
using account_id = recount::strong_id<struct account_tag>;

struct deposited { account_id account; money amount; };
struct withdrawn { account_id account; money amount; };
RECOUNT_EVENT(deposited, "account.deposited", 1, account, amount)
RECOUNT_EVENT(withdrawn, "account.withdrawn", 1, account, amount)
//]

//[commands
struct deposit { account_id account; money amount; };
struct withdraw { account_id account; money amount; };
RECOUNT_COMMAND(deposit, "account.deposit", account, amount)
RECOUNT_COMMAND(withdraw, "account.withdraw", account, amount)
//]

//[aggregate
struct account {
    using id = account_id;
    using events = recount::types<deposited, withdrawn>;
    using commands = recount::types<deposit, withdraw>;
    using decision = recount::decision<events>;

    money balance;                                                    // the state

    static void evolve(account& a, deposited const& e) { a.balance += e.amount; }
    static void evolve(account& a, withdrawn const& e) { a.balance -= e.amount; }

    static decision decide(account const&, deposit const& c) {
        return deposited{c.account, c.amount};
    }
    static decision decide(account const& a, withdraw const& c) {
        if (a.balance < c.amount) return recount::rejection{"overdrawn"};
        return withdrawn{c.account, c.amount};
    }
};
RECOUNT_AGGREGATE(account, "account", 1, balance)
//]

//[projection
struct balance_row { account_id account; money balance; };
RECOUNT_ROW(balance_row, 1, recount::key<&balance_row::account>, account, balance)

struct account_balances {
    using row = balance_row;
    using events = recount::types<deposited, withdrawn>;
    static void on(recount::rows<row>& r, deposited const& e, recount::info const& i,
                   int weight) {
        r[i.stream_id<account_id>()].balance += weight * e.amount;
    }
    static void on(recount::rows<row>& r, withdrawn const& e, recount::info const& i,
                   int weight) {
        r[i.stream_id<account_id>()].balance -= weight * e.amount;
    }
};
RECOUNT_PROJECTION(account_balances, "account_balances", 1)
//]

}  // namespace examples::bank
