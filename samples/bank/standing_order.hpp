// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A standing order: each month, on the same day, a transfer of the same amount. The process sets a
// timer on the database's clock for the next day that is due; when that fires it asks for the
// transfer, and sets the next. Days that nobody's program saw are made up for, each once.
#pragma once

#include <recount/saga/saga.hpp>

#include "transfer.hpp"

namespace bank {

using standing_order_id = recount::strong_id<struct standing_order_tag>;

// The same day of the next month, or that month's last one.
[[nodiscard]] recount::date month_after(recount::date const& on, std::chrono::day wanted);

// --- events ---

struct standing_order_agreed {
    standing_order_id order;
    account_id account;
    account_id to;
    money amount;
    recount::date first_on;
    std::optional<std::string> purpose{};
};
RECOUNT_EVENT(standing_order_agreed, "standing_order.agreed", 1, order, account, to, amount,
              first_on, purpose)

struct standing_order_cancelled {
    standing_order_id order;
};
RECOUNT_EVENT(standing_order_cancelled, "standing_order.cancelled", 1, order)

// --- commands ---

struct agree_standing_order {
    standing_order_id order;
    account_id account;
    account_id to;
    money amount;
    std::optional<recount::date> first_on{};        // the first of next month
    std::optional<std::string> purpose{};
};
RECOUNT_COMMAND(agree_standing_order, "standing_order.agree", order, account, to, amount, first_on,
                purpose)

struct cancel_standing_order {
    standing_order_id order;
};
RECOUNT_COMMAND(cancel_standing_order, "standing_order.cancel", order)

// --- the aggregate ---

struct standing_order {
    using id = standing_order_id;
    using events = recount::types<standing_order_agreed, standing_order_cancelled>;
    using commands = recount::types<agree_standing_order, cancel_standing_order>;
    using decision = recount::decision<events>;

    bool is_agreed = false;
    bool is_cancelled = false;
    account_id account;
    account_id to;
    money amount;

    static void evolve(standing_order& s, standing_order_agreed const& e);
    static void evolve(standing_order& s, standing_order_cancelled const&);
    static decision decide(standing_order const& s, agree_standing_order const& c,
                           recount::facts const& known);
    static decision decide(standing_order const& s, cancel_standing_order const& c);
};
RECOUNT_AGGREGATE(standing_order, "standing_order", 1, is_agreed, is_cancelled, account, to,
                  amount)

// --- the process ---

struct standing_order_due {
    standing_order_id order;
    recount::date on;
};
RECOUNT_EVENT(standing_order_due, "standing_order.due", 1, order, on)

struct standing_order_process {
    using events = recount::types<standing_order_agreed, standing_order_cancelled>;
    using commands = recount::types<request_transfer>;
    using timers = recount::types<standing_order_due>;
    using reaction = recount::reaction<commands, timers>;

    account_id account;
    account_id to;
    money amount;
    recount::date first_on{};

    static recount::route route(standing_order_agreed const& e);
    static recount::route route(standing_order_cancelled const& e);
    static reaction react(standing_order_process const&, standing_order_agreed const& e);
    static reaction react(standing_order_process const&, standing_order_cancelled const&) {
        return {};
    }
    static reaction react(standing_order_process const& s, standing_order_due const& e);
    static void evolve(standing_order_process& s, standing_order_agreed const& e);
    // What a transfer cannot be asked for this month may be asked for in the next.
    static recount::verdict failed(standing_order_process const&, recount::refused const&) {
        return recount::skip();
    }
};
RECOUNT_SAGA(standing_order_process, "standing_order", 1, account, to, amount, first_on)

}  // namespace bank
