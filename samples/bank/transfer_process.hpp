// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The process that a transfer goes through: the money leaves one account, arrives at the other, and
// the transfer is completed. It is never in both places, and never lost:
//
//     requested ──> send ──withdrawn──> receive ──deposited──> complete
//                    │                     │
//                 refused              closed, other currency: at once;
//                    │                 not open: tried again until the time is up
//                    v                     v
//                 refuse               take back ──deposited──> refund
//
// The time that is up does not itself give the money back, for the other account may take it at
// that very moment. It makes the next "not open" the last one; so there is one answer of the
// account, and one decision after it.
//
// When what was asked for is corrected and was too much, the account that paid has the difference
// back. What another account has been given nobody takes from it by itself: the process has
// diverged, and a person sees to it (docs/guides/bank-repairs.md).
#pragma once

#include <recount/saga/saga.hpp>

#include "transfer.hpp"

namespace bank {

struct transfer_time_is_up {
    transfer_id transfer;
};
RECOUNT_EVENT(transfer_time_is_up, "transfer.time_is_up", 1, transfer)

struct transfer_process {
    using events = recount::types<transfer_requested, withdrawn, deposited, transfer_completed,
                                  transfer_refused, transfer_refunded>;
    using commands = recount::types<send_transfer, receive_transfer, take_back_transfer,
                                    complete_transfer, refuse_transfer, refund_transfer>;
    using timers = recount::types<transfer_time_is_up>;
    using reaction = recount::reaction<commands, timers>;

    transfer_id id;
    account_id from;
    account_id to;
    money amount;
    bool time_is_up = false;
    bool has_left = false;                          // the account that pays

    static recount::route route(transfer_requested const& e);
    static recount::route route(withdrawn const& e);
    static recount::route route(deposited const& e);
    static recount::route route(transfer_completed const& e);
    static recount::route route(transfer_refused const& e);
    static recount::route route(transfer_refunded const& e);

    static reaction react(transfer_process const& t, transfer_requested const& e);
    static reaction react(transfer_process const& t, withdrawn const& e);
    static reaction react(transfer_process const& t, deposited const& e);
    static reaction react(transfer_process const&, transfer_completed const&) { return {}; }
    static reaction react(transfer_process const&, transfer_refused const&) { return {}; }
    static reaction react(transfer_process const&, transfer_refunded const&) { return {}; }
    static reaction react(transfer_process const&, transfer_time_is_up const&) { return {}; }

    static void evolve(transfer_process& t, transfer_requested const& e);
    static void evolve(transfer_process& t, withdrawn const& e);
    static void evolve(transfer_process& t, transfer_time_is_up const&) { t.time_is_up = true; }

    static reaction amend(transfer_process const&, send_transfer const& did,
                          send_transfer const& should);
    static recount::verdict failed(transfer_process const& t, recount::refused const& no);
};
RECOUNT_SAGA(transfer_process, "transfer", 1, id, from, to, amount, time_is_up,
             has_left)

}  // namespace bank
