// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "charge_process.hpp"

#include <algorithm>
#include <utility>

#include "penalties.hpp"

namespace bank {

namespace {

// Of the stream, and not of the event: what was moved here from another account is of this one.
account_id account_of(recount::info const& i) { return i.stream_id<account_id>(); }

recount::route of_its_account(recount::info const& i) { return recount::continues(account_of(i)); }

void move(charge_process& p, money const& amount, recount::info const& i) {
    p.movements.push_back({recount::date_of(i.effective_at), amount});
}

// Before it was first used an account costs nothing.
bool used_by_end_of(charge_process const& p, recount::date const& month) {
    auto const next = next_month(month);
    return p.in_use || std::any_of(p.movements.begin(), p.movements.end(),
                                   [&](day_amount const& one) { return one.on < next; });
}

return_charge returned(charge const& one, money const& amount) {
    return {one.account, one.kind, one.month, amount};
}

money penalty_of_month(charge_process const& p, recount::date const& month) {
    std::vector<statement_row> lines(p.movements.size() + 1);
    lines.front().on = month - std::chrono::days{1};
    lines.front().amount = p.balance;
    for (std::size_t i = 0; i < p.movements.size(); ++i) {
        lines[i + 1].on = p.movements[i].on;
        lines[i + 1].amount = p.movements[i].amount;
    }
    money owed;
    auto const last = next_month(month) - std::chrono::days{1};
    for (auto const& lowest : lowest_balances(lines, month, last)) owed += penalty_of(lowest);
    return owed;
}

}  // namespace

recount::route charge_process::route(charges_agreed const&, recount::info const& i) {
    return recount::starts(account_of(i));
}
recount::route charge_process::route(deposited const&, recount::info const& i) {
    return of_its_account(i);
}
recount::route charge_process::route(withdrawn const&, recount::info const& i) {
    return of_its_account(i);
}
recount::route charge_process::route(fee_charged const&, recount::info const& i) {
    return of_its_account(i);
}
recount::route charge_process::route(interest_credited const&, recount::info const& i) {
    return of_its_account(i);
}
recount::route charge_process::route(month_ended const&, recount::info const& i) {
    return of_its_account(i);
}

//[charges
charge_process::reaction charge_process::react(charge_process const& p, month_ended const& e) {
    reaction made;
    auto const add = [&](charge_kind kind, money const& amount) {
        if (amount.minor <= 0) return;
        charge const wanted{p.account, kind, e.month, amount};
        made.add(recount::compensable{wanted, returned(wanted, amount)});
    };
    if (used_by_end_of(p, e.month)) add(charge_kind::fee, p.monthly_fee);
    add(charge_kind::penalty, penalty_of_month(p, e.month));
    return made;
}

// The difference. (If the fee was agreed anew the outputs may have changed places.)
charge_process::reaction charge_process::amend(charge_process const&, charge const& did,
                                               charge const& should) {
    if (did.kind != should.kind || did.amount.currency != should.amount.currency) {
        return {returned(did, did.amount), should};
    }
    auto const more = should.amount - did.amount;
    if (more.minor < 0) return {returned(did, -more)};
    return {charge{should.account, should.kind, should.month, more}};
}
//]

void charge_process::evolve(charge_process& p, charges_agreed const& e, recount::info const& i) {
    p.account = account_of(i);
    p.monthly_fee = e.monthly_fee;
    p.balance = e.balance;
    p.in_use = !e.balance.is_zero();
}
void charge_process::evolve(charge_process& p, deposited const& e, recount::info const& i) {
    move(p, e.amount, i);
}
void charge_process::evolve(charge_process& p, withdrawn const& e, recount::info const& i) {
    move(p, -e.amount, i);
}
void charge_process::evolve(charge_process& p, fee_charged const& e, recount::info const& i) {
    move(p, -e.amount, i);
}
void charge_process::evolve(charge_process& p, interest_credited const& e,
                            recount::info const& i) {
    move(p, e.amount, i);
}

// What comes late, of a month that has ended, counts from the next one on.
void charge_process::evolve(charge_process& p, month_ended const& e) {
    auto const next = next_month(e.month);
    std::vector<day_amount> later;
    for (auto const& one : p.movements) {
        if (one.on < next) {
            p.in_use = true;
            p.balance += one.amount;
        } else {
            later.push_back(one);
        }
    }
    p.movements = std::move(later);
}

}  // namespace bank
