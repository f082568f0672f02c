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
                                  interest_credited, closed>;
    using commands = recount::types<open, agree_overdraft, deposit, withdraw, charge_fee,
                                    credit_interest, close, send_transfer, receive_transfer,
                                    take_back_transfer, record_movement>;
    using decision = recount::decision<events>;

    bool is_open = false;
    bool is_closed = false;
    money balance;
    money overdraft_limit;
    // By how much at the most a withdrawal that was decided here went below the limit: only a
    // correction of what came before it can make that so.
    std::optional<money> not_covered{};

    static void evolve(account& a, opened const&) { a.is_open = true; }
    static void evolve(account& a, overdraft_agreed const& e) { a.overdraft_limit = e.limit; }
    static void evolve(account& a, deposited const& e) { a.balance += e.amount; }
    static void evolve(account& a, withdrawn const& e);
    static void evolve(account& a, fee_charged const& e) { a.balance -= e.amount; }
    static void evolve(account& a, interest_credited const& e) { a.balance += e.amount; }
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
    static decision decide(account const& a, record_movement const& c);
};
RECOUNT_AGGREGATE(account, "account", 2, is_open, is_closed, balance, overdraft_limit,
                  not_covered)

}  // namespace bank
