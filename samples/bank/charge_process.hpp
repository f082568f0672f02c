// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a month costs: when it has ended for an account, the fee that was agreed, and penalty
// interest for the days below zero (penalties.hpp).
//
//     charges agreed ──> movements … ──> month ended ──> charge the fee
//                                                    └─> charge the penalty interest, if any
//
// It goes by the movements of the account as they are told by now. When these are corrected the
// framework tells the process again, and compares: a charge that should not have been is returned,
// of another amount the difference is charged or returned, a missing one is charged. Nothing of
// that is written here but `amend` and the undo of each charge.
//
// Only accounts with which charges were agreed have an instance. What the charges themselves do to
// the balance does not count: nobody pays interest on a penalty.
#pragma once

#include <recount/saga/saga.hpp>

#include "account.hpp"

namespace bank {

struct day_amount {
    recount::date on;
    money amount;  // signed
};
RECOUNT_DESCRIBE(day_amount, on, amount)

struct charge_process {
    using events = recount::types<charges_agreed, deposited, withdrawn, fee_charged,
                                  interest_credited, month_ended>;
    using commands = recount::types<charge, return_charge>;
    using reaction = recount::reaction<commands>;

    account_id account;
    money monthly_fee;
    bool in_use = false;                 // before the movements below, as is the balance
    money balance;
    std::vector<day_amount> movements;   // of months that have not ended

    static recount::route route(charges_agreed const&, recount::info const& i);
    static recount::route route(deposited const&, recount::info const& i);
    static recount::route route(withdrawn const&, recount::info const& i);
    static recount::route route(fee_charged const&, recount::info const& i);
    static recount::route route(interest_credited const&, recount::info const& i);
    static recount::route route(month_ended const&, recount::info const& i);

    static reaction react(charge_process const&, charges_agreed const&) { return {}; }
    static reaction react(charge_process const&, deposited const&) { return {}; }
    static reaction react(charge_process const&, withdrawn const&) { return {}; }
    static reaction react(charge_process const&, fee_charged const&) { return {}; }
    static reaction react(charge_process const&, interest_credited const&) { return {}; }
    static reaction react(charge_process const& p, month_ended const& e);

    static void evolve(charge_process& p, charges_agreed const& e, recount::info const& i);
    static void evolve(charge_process& p, deposited const& e, recount::info const& i);
    static void evolve(charge_process& p, withdrawn const& e, recount::info const& i);
    static void evolve(charge_process& p, fee_charged const& e, recount::info const& i);
    static void evolve(charge_process& p, interest_credited const& e, recount::info const& i);
    static void evolve(charge_process& p, month_ended const& e);

    static reaction amend(charge_process const&, charge const& did, charge const& should);
    // An account that was closed before its month was charged pays no more.
    static recount::verdict failed(charge_process const&, recount::refused const&) {
        return recount::skip();
    }
};
RECOUNT_SAGA(charge_process, "charges", 1, account, monthly_fee, in_use, balance, movements)

}  // namespace bank
