// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What is appended, commanded and read: accounts that are moved money to.
#pragma once

#include <recount/aggregate/aggregate.hpp>
#include <recount/core/money.hpp>
#include <recount/core/strong_id.hpp>
#include <recount/describe/macros.hpp>

namespace recount::bench {

using account_id = strong_id<struct account_tag>;

struct moved { account_id account; money amount; std::string note; };
RECOUNT_EVENT(moved, "account.moved", 1, account, amount, note)

struct move { account_id account; money amount; std::string note; };
RECOUNT_COMMAND(move, "account.move", account, amount, note)

struct account {
    using id = account_id;
    using events = recount::types<moved>;
    using commands = recount::types<move>;
    using decision = recount::decision<events>;

    money balance;
    std::int64_t movements = 0;

    static void evolve(account& a, moved const& e) {
        a.balance += e.amount;
        ++a.movements;
    }
    static decision decide(account const& a, move const& c) {
        if (a.balance.minor + c.amount.minor < 0) return rejection{"overdrawn"};
        return moved{c.account, c.amount, c.note};
    }
};
RECOUNT_AGGREGATE(account, "account", 1, balance, movements)

}  // namespace recount::bench
