// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The account: what happens to it (events), what is asked of it (commands), and how it decides.
#pragma once

#include <recount/recount.hpp>

namespace bank {

using recount::money;

using account_id = recount::strong_id<struct account_tag>;
using transfer_id = recount::strong_id<struct transfer_tag>;

enum class movement_kind { deposit, withdrawal, fee, interest };
RECOUNT_ENUM(movement_kind, deposit, withdrawal, fee, interest)

// What the end of a month costs (charge_process.hpp).
enum class charge_kind { fee, penalty };
RECOUNT_ENUM(charge_kind, fee, penalty)

// The first day of the month of a day, and of the month after it.
[[nodiscard]] recount::date month_of(recount::date const& day);
[[nodiscard]] recount::date next_month(recount::date const& day);

// --- events ---
// A movement that another bank's file brought in says which row it was and which balance that bank
// stated after it; `reconcile` compares. One that is part of a transfer says of which one
// (transfer.hpp): money leaves by a withdrawal, and arrives or comes back by a deposit.

struct opened {
    account_id account;
};
RECOUNT_EVENT(opened, "account.opened", 1, account)

struct overdraft_agreed {
    account_id account;
    money limit;
};
RECOUNT_EVENT(overdraft_agreed, "account.overdraft_agreed", 1, account, limit)

struct deposited {
    account_id account;
    money amount;
    std::optional<money> stated_balance{};
    std::optional<std::string> reference{};
    std::optional<transfer_id> transfer{};
};
RECOUNT_EVENT(deposited, "account.deposited", 1, account, amount, stated_balance, reference,
              transfer)

struct withdrawn {
    account_id account;
    money amount;
    std::optional<money> stated_balance{};
    std::optional<std::string> reference{};
    std::optional<transfer_id> transfer{};
};
RECOUNT_EVENT(withdrawn, "account.withdrawn", 1, account, amount, stated_balance, reference,
              transfer)

struct fee_charged {
    account_id account;
    money amount;
    std::optional<money> stated_balance{};
    std::optional<std::string> reference{};
};
RECOUNT_EVENT(fee_charged, "account.fee_charged", 1, account, amount, stated_balance, reference)

struct interest_credited {
    account_id account;
    money amount;
    std::optional<money> stated_balance{};
    std::optional<std::string> reference{};
};
RECOUNT_EVENT(interest_credited, "account.interest_credited", 1, account, amount, stated_balance,
              reference)

struct closed {
    account_id account;
};
RECOUNT_EVENT(closed, "account.closed", 1, account)

// From that month on, whose first day is named. With what the account held then, for the movements
// before are not looked at again.
struct charges_agreed {
    account_id account;
    money monthly_fee;
    recount::date from;
    money balance;
};
RECOUNT_EVENT(charges_agreed, "account.charges_agreed", 1, account, monthly_fee, from, balance)

struct month_ended {
    account_id account;
    recount::date month;  // its first day, as in all that follows
};
RECOUNT_EVENT(month_ended, "account.month_ended", 1, account, month)

struct charged {
    account_id account;
    charge_kind kind = charge_kind::fee;
    recount::date month;
    money amount;
};
RECOUNT_EVENT(charged, "account.charged", 1, account, kind, month, amount)

struct charge_returned {
    account_id account;
    charge_kind kind = charge_kind::fee;
    recount::date month;
    money amount;
};
RECOUNT_EVENT(charge_returned, "account.charge_returned", 1, account, kind, month, amount)

// --- commands ---

struct open {
    account_id account;
};
RECOUNT_COMMAND(open, "account.open", account)

struct agree_overdraft {
    account_id account;
    money limit;  // how far below zero a withdrawal may go
};
RECOUNT_COMMAND(agree_overdraft, "account.agree_overdraft", account, limit)

struct deposit {
    account_id account;
    money amount;
};
RECOUNT_COMMAND(deposit, "account.deposit", account, amount)

struct withdraw {
    account_id account;
    money amount;
};
RECOUNT_COMMAND(withdraw, "account.withdraw", account, amount)

struct charge_fee {
    account_id account;
    money amount;
};
RECOUNT_COMMAND(charge_fee, "account.charge_fee", account, amount)

struct credit_interest {
    account_id account;
    money amount;
};
RECOUNT_COMMAND(credit_interest, "account.credit_interest", account, amount)

struct close {
    account_id account;
};
RECOUNT_COMMAND(close, "account.close", account)

// Sent by the process of a transfer (transfer_process.hpp).
struct send_transfer {
    account_id account;
    transfer_id transfer;
    money amount;
};
RECOUNT_COMMAND(send_transfer, "account.send_transfer", account, transfer, amount)

struct receive_transfer {
    account_id account;
    transfer_id transfer;
    money amount;
};
RECOUNT_COMMAND(receive_transfer, "account.receive_transfer", account, transfer, amount)

// What was sent comes back, also to an account that was closed meanwhile: it must go somewhere.
struct take_back_transfer {
    account_id account;
    transfer_id transfer;
    money amount;
};
RECOUNT_COMMAND(take_back_transfer, "account.take_back_transfer", account, transfer, amount)

// A fee each month, and penalty interest for the days below zero. A month that is over can be the
// first only of an account that nothing has moved on yet.
struct agree_charges {
    account_id account;
    money monthly_fee;                    // may be zero
    std::optional<recount::date> from{};  // any day of the first month: else this one
};
RECOUNT_COMMAND(agree_charges, "account.agree_charges", account, monthly_fee, from)

// Every month up to the one that this is a day of, each once. All must be over.
struct end_months {
    account_id account;
    recount::date through;
};
RECOUNT_COMMAND(end_months, "account.end_months", account, through)

// Sent by the process of the charges (charge_process.hpp).
struct charge {
    account_id account;
    charge_kind kind = charge_kind::fee;
    recount::date month;
    money amount;
};
RECOUNT_COMMAND(charge, "account.charge", account, kind, month, amount)

// To a closed account, too: it must go somewhere.
struct return_charge {
    account_id account;
    charge_kind kind = charge_kind::fee;
    recount::date month;
    money amount;
};
RECOUNT_COMMAND(return_charge, "account.return_charge", account, kind, month, amount)

// A movement that another bank has decided already: only identity and account are checked. The
// account opens at its first one.
struct record_movement {
    std::string movement;  // that bank's own number of it
    account_id account;
    movement_kind kind = movement_kind::deposit;
    money amount;
    std::optional<money> stated_balance{};
    recount::date on;
};
RECOUNT_COMMAND(record_movement, "account.record_movement", movement, account, kind, amount,
                stated_balance, on)

// --- the aggregate ---

struct account {
    using id = account_id;
    using events = recount::types<opened, overdraft_agreed, deposited, withdrawn, fee_charged,
                                  interest_credited, charges_agreed, month_ended, charged,
                                  charge_returned, closed>;
    using commands = recount::types<open, agree_overdraft, deposit, withdraw, charge_fee,
                                    credit_interest, close, send_transfer, receive_transfer,
                                    take_back_transfer, agree_charges, end_months, charge,
                                    return_charge, record_movement>;
    using decision = recount::decision<events>;

    bool is_open = false;
    bool is_closed = false;
    money balance;
    money overdraft_limit;
    // By how much at the most a withdrawal that was decided here went below the limit: only a
    // correction of what came before it can make that so.
    std::optional<money> not_covered{};
    std::optional<recount::date> month_to_end{};  // nothing: charges were never agreed
    money monthly_fee{};

    static void evolve(account& a, opened const&) { a.is_open = true; }
    static void evolve(account& a, overdraft_agreed const& e) { a.overdraft_limit = e.limit; }
    static void evolve(account& a, deposited const& e) { a.balance += e.amount; }
    static void evolve(account& a, withdrawn const& e);
    static void evolve(account& a, fee_charged const& e) { a.balance -= e.amount; }
    static void evolve(account& a, interest_credited const& e) { a.balance += e.amount; }
    static void evolve(account& a, charges_agreed const& e);
    static void evolve(account& a, month_ended const& e);
    static void evolve(account& a, charged const& e) { a.balance -= e.amount; }
    static void evolve(account& a, charge_returned const& e) { a.balance += e.amount; }
    static void evolve(account& a, closed const&) {
        a.is_open = false;
        a.is_closed = true;
    }

    // What another bank has decided may be below zero, and so may what a fee has left.
    static void check(account const& a, recount::invariants& holds) {
        holds.that("withdrawals_covered", !a.not_covered);
    }

    static decision decide(account const& a, open const& c);
    static decision decide(account const& a, agree_overdraft const& c);
    static decision decide(account const& a, deposit const& c);
    static decision decide(account const& a, withdraw const& c);
    static decision decide(account const& a, charge_fee const& c);
    static decision decide(account const& a, credit_interest const& c);
    static decision decide(account const& a, close const& c);
    static decision decide(account const& a, send_transfer const& c);
    static decision decide(account const& a, receive_transfer const& c);
    static decision decide(account const& a, take_back_transfer const& c);
    static decision decide(account const& a, agree_charges const& c, recount::facts const& known);
    static decision decide(account const& a, end_months const& c, recount::facts const& known);
    static decision decide(account const& a, charge const& c);
    static decision decide(account const& a, return_charge const& c);
    static decision decide(account const& a, record_movement const& c);
};
RECOUNT_AGGREGATE(account, "account", 2, is_open, is_closed, balance, overdraft_limit,
                  not_covered, month_to_end, monthly_fee)

}  // namespace bank
