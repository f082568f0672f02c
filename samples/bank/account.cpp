// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "account.hpp"

namespace bank {

namespace {

using recount::rejection;

// False if the account is kept in another currency: that of its first amount.
bool takes(account const& a, money const& amount) {
    auto const& kept = a.balance.currency.empty() ? a.overdraft_limit : a.balance;
    if (kept.currency.empty()) return amount.is_zero() || !amount.currency.empty();
    return kept.currency == amount.currency;
}

rejection other_currency() { return {"other_currency", "the account is kept in another currency"}; }

// What speaks against moving `amount` on this account, nothing if nothing does.
std::optional<rejection> refusal(account const& a, money const& amount) {
    if (a.is_closed) return rejection{"closed", "the account is closed"};
    if (!a.is_open) return rejection{"not_open", "the account was never opened"};
    if (amount.minor <= 0) return rejection{"not_positive", "an amount is more than zero"};
    if (!takes(a, amount)) return other_currency();
    return std::nullopt;
}

std::optional<rejection> refusal_beyond_limit(account const& a, money const& amount) {
    if ((a.balance - amount).minor >= (-a.overdraft_limit).minor) return std::nullopt;
    return rejection{"overdrawn", "the balance of " + to_string(a.balance) +
                                      " and the overdraft limit do not cover " +
                                      to_string(amount)};
}

std::string named(transfer_id const& transfer) { return "transfer " + transfer.value; }

}  // namespace

void account::evolve(account& a, withdrawn const& e) {
    a.balance -= e.amount;
    bool const decided_here = e.transfer || !e.reference;
    auto const below = -a.overdraft_limit.minor - a.balance.minor;
    if (!decided_here || below <= (a.not_covered ? a.not_covered->minor : 0)) return;
    a.not_covered = money{below, a.balance.currency};
}

account::decision account::decide(account const& a, open const& c) {
    if (a.is_closed) return rejection{"closed", "the account is closed"};
    if (a.is_open) return {};
    return opened{c.account};
}

account::decision account::decide(account const& a, agree_overdraft const& c) {
    if (a.is_closed) return rejection{"closed", "the account is closed"};
    if (!a.is_open) return rejection{"not_open", "the account was never opened"};
    if (c.limit.minor < 0) return rejection{"negative", "a limit is zero or more"};
    if (!takes(a, c.limit)) return other_currency();
    if (a.overdraft_limit == c.limit) return {};
    return overdraft_agreed{c.account, c.limit};
}

account::decision account::decide(account const& a, deposit const& c) {
    if (auto no = refusal(a, c.amount)) return *no;
    return deposited{c.account, c.amount};
}

account::decision account::decide(account const& a, withdraw const& c) {
    if (auto no = refusal(a, c.amount)) return *no;
    if (auto no = refusal_beyond_limit(a, c.amount)) return *no;
    return withdrawn{c.account, c.amount};
}

account::decision account::decide(account const& a, charge_fee const& c) {
    if (auto no = refusal(a, c.amount)) return *no;
    return fee_charged{c.account, c.amount};
}

account::decision account::decide(account const& a, credit_interest const& c) {
    if (auto no = refusal(a, c.amount)) return *no;
    return interest_credited{c.account, c.amount};
}

account::decision account::decide(account const& a, close const& c) {
    if (a.is_closed) return {};
    if (!a.is_open) return rejection{"not_open", "the account was never opened"};
    if (!a.balance.is_zero()) {
        return rejection{"not_empty", "the account still holds " + to_string(a.balance)};
    }
    return closed{c.account};
}

account::decision account::decide(account const& a, send_transfer const& c) {
    if (auto no = refusal(a, c.amount)) return *no;
    if (auto no = refusal_beyond_limit(a, c.amount)) return *no;
    return withdrawn{c.account, c.amount, {}, named(c.transfer), c.transfer};
}

account::decision account::decide(account const& a, receive_transfer const& c) {
    if (auto no = refusal(a, c.amount)) return *no;
    return deposited{c.account, c.amount, {}, named(c.transfer), c.transfer};
}

account::decision account::decide(account const&, take_back_transfer const& c) {
    return deposited{c.account, c.amount, {}, named(c.transfer) + ", returned", c.transfer};
}

// --- charges -------------------------------------------------------------------------------------

namespace {

constexpr std::size_t months_at_once_max = 240;

}  // namespace

recount::date month_of(recount::date const& day) {
    std::chrono::year_month_day const of{day};
    return recount::date{of.year() / of.month() / 1};
}

recount::date next_month(recount::date const& day) {
    std::chrono::year_month_day const of{day};
    return recount::date{of.year() / of.month() / 1 + std::chrono::months{1}};
}

void account::evolve(account& a, charges_agreed const& e) {
    a.month_to_end = e.from;
    a.monthly_fee = e.monthly_fee;
}
void account::evolve(account& a, month_ended const& e) { a.month_to_end = next_month(e.month); }

account::decision account::decide(account const& a, agree_charges const& c,
                                  recount::facts const& known) {
    if (a.is_closed) return rejection{"closed", "the account is closed"};
    if (!a.is_open) return rejection{"not_open", "the account was never opened"};
    if (c.monthly_fee.minor < 0) return rejection{"negative", "a fee is zero or more"};
    if (!takes(a, c.monthly_fee)) return other_currency();
    if (a.month_to_end) {
        if (a.monthly_fee == c.monthly_fee) return {};
        return rejection{"agreed", "another fee was agreed with this account"};
    }
    auto const today = recount::date_of(known.now);
    auto const from = month_of(c.from.value_or(today));
    bool const moved = !a.balance.currency.empty();
    if (moved && from < month_of(today)) {
        return rejection{"moved", "the account has movements already: its charges can begin with "
                                  "this month"};
    }
    return charges_agreed{c.account, c.monthly_fee, from, a.balance};
}

account::decision account::decide(account const& a, end_months const& c,
                                  recount::facts const& known) {
    if (a.is_closed) return rejection{"closed", "the account is closed"};
    if (!a.month_to_end) return rejection{"not_agreed", "no charges were agreed"};
    if (next_month(c.through) > recount::date_of(known.now)) {
        return rejection{"not_over", "that month is not over yet"};
    }
    decision made;
    auto const last = month_of(c.through);
    std::size_t ended = 0;
    for (auto month = *a.month_to_end; month <= last; month = next_month(month)) {
        if (++ended > months_at_once_max) {
            return rejection{"too_many", "at most 240 months at once"};
        }
        made.add(recount::effective(month_ended{c.account, month},
                                    recount::start_of(next_month(month))));
    }
    return made;
}

account::decision account::decide(account const& a, charge const& c) {
    if (auto no = refusal(a, c.amount)) return *no;
    auto const last_day = next_month(c.month) - std::chrono::days{1};
    return recount::effective(charged{c.account, c.kind, c.month, c.amount},
                              recount::start_of(last_day));
}

account::decision account::decide(account const&, return_charge const& c) {
    return charge_returned{c.account, c.kind, c.month, c.amount};
}

// --- what another bank has decided ---------------------------------------------------------------

account::decision account::decide(account const& a, record_movement const& c) {
    if (c.movement.empty()) return rejection{"nameless", "a movement has a number"};
    if (c.account.value.empty()) return rejection{"nameless", "an account has a number"};
    if (a.is_closed) return rejection{"closed", "the account is closed"};
    if (c.stated_balance && c.stated_balance->currency != c.amount.currency) {
        return rejection{"other_currency", "amount and stated balance are in two currencies"};
    }
    decision made;
    auto const when = recount::start_of(c.on);
    auto const add = [&](auto event) { made.add(recount::effective(std::move(event), when)); };
    if (!a.is_open) add(opened{c.account});
    switch (c.kind) {
        case movement_kind::deposit:
            add(deposited{c.account, c.amount, c.stated_balance, c.movement});
            break;
        case movement_kind::withdrawal:
            add(withdrawn{c.account, c.amount, c.stated_balance, c.movement});
            break;
        case movement_kind::fee:
            add(fee_charged{c.account, c.amount, c.stated_balance, c.movement});
            break;
        case movement_kind::interest:
            add(interest_credited{c.account, c.amount, c.stated_balance, c.movement});
            break;
    }
    return made;
}

}  // namespace bank
