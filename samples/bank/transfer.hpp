// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A transfer of money between two accounts: what was asked for, and what became of it. The money
// itself moves on the accounts; the process that sees to it is in transfer_process.hpp.
#pragma once

#include "account.hpp"

namespace bank {

enum class transfer_status { requested, completed, refused, refunded };
RECOUNT_ENUM(transfer_status, requested, completed, refused, refunded)

// --- events ---

struct transfer_requested {
    transfer_id transfer;
    account_id from;
    account_id to;
    money amount;
    recount::duration within{};                     // to reach an account that is not open yet
    std::optional<std::string> standing_order{};    // that asked for it
};
RECOUNT_EVENT(transfer_requested, "transfer.requested", 1, transfer, from, to, amount, within,
              standing_order)

struct transfer_completed {
    transfer_id transfer;
};
RECOUNT_EVENT(transfer_completed, "transfer.completed", 1, transfer)

// Nothing was moved: the account that was to pay would not.
struct transfer_refused {
    transfer_id transfer;
    std::string code;
    std::string text;
};
RECOUNT_EVENT(transfer_refused, "transfer.refused", 1, transfer, code, text)

// It had left, the other account would not have it, and it is back.
struct transfer_refunded {
    transfer_id transfer;
    std::string code;
    std::string text;
};
RECOUNT_EVENT(transfer_refunded, "transfer.refunded", 1, transfer, code, text)

// --- commands ---

struct request_transfer {
    transfer_id transfer;
    account_id from;
    account_id to;
    money amount;
    std::optional<recount::duration> within{};      // an hour
    std::optional<std::string> standing_order{};
};
RECOUNT_COMMAND(request_transfer, "transfer.request", transfer, from, to, amount, within,
                standing_order)

struct complete_transfer {
    transfer_id transfer;
};
RECOUNT_COMMAND(complete_transfer, "transfer.complete", transfer)

struct refuse_transfer {
    transfer_id transfer;
    std::string code;
    std::string text;
};
RECOUNT_COMMAND(refuse_transfer, "transfer.refuse", transfer, code, text)

struct refund_transfer {
    transfer_id transfer;
    std::string code;
    std::string text;
};
RECOUNT_COMMAND(refund_transfer, "transfer.refund", transfer, code, text)

// --- the aggregate ---

struct transfer {
    using id = transfer_id;
    using events = recount::types<transfer_requested, transfer_completed, transfer_refused,
                                  transfer_refunded>;
    using commands =
        recount::types<request_transfer, complete_transfer, refuse_transfer, refund_transfer>;
    using decision = recount::decision<events>;

    std::optional<transfer_status> status{};        // nothing: it was never asked for
    account_id from;
    account_id to;
    money amount;
    std::string code;                               // why it was refused or refunded
    std::string text;

    static void evolve(transfer& t, transfer_requested const& e);
    static void evolve(transfer& t, transfer_completed const&);
    static void evolve(transfer& t, transfer_refused const& e);
    static void evolve(transfer& t, transfer_refunded const& e);

    static decision decide(transfer const& t, request_transfer const& c);
    static decision decide(transfer const& t, complete_transfer const& c);
    static decision decide(transfer const& t, refuse_transfer const& c);
    static decision decide(transfer const& t, refund_transfer const& c);
};
RECOUNT_AGGREGATE(transfer, "transfer", 1, status, from, to, amount, code, text)

}  // namespace bank
