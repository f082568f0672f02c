// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A domain for the tests of sagas: money goes from one account to another by a saga, with a timer,
// a refund where the target is closed, and a notice as an effect.
#pragma once

#include <stdexcept>

#include <recount/recount.hpp>
#include <recount/saga/reactor.hpp>

namespace transfers {

using recount::money;
using recount::rejection;
using namespace std::chrono_literals;

using account_id = recount::strong_id<struct account_tag>;
using transfer_id = recount::strong_id<struct transfer_tag>;

struct opened { account_id account; money balance; };
RECOUNT_EVENT(opened, "account.opened", 1, account, balance)
struct closed { account_id account; bool yes = true; };
RECOUNT_EVENT(closed, "account.closed", 1, account, yes)
struct debited { account_id account; transfer_id transfer; money amount; };
RECOUNT_EVENT(debited, "account.debited", 1, account, transfer, amount)
struct credited { account_id account; transfer_id transfer; money amount; };
RECOUNT_EVENT(credited, "account.credited", 1, account, transfer, amount)
struct refunded { account_id account; transfer_id transfer; money amount; };
RECOUNT_EVENT(refunded, "account.refunded", 1, account, transfer, amount)

struct open { account_id account; money balance; };
RECOUNT_COMMAND(open, "account.open", account, balance)
struct shut { account_id account; bool yes = true; };   // false: opened again
RECOUNT_COMMAND(shut, "account.close", account, yes)
struct debit { account_id account; transfer_id transfer; money amount; };
RECOUNT_COMMAND(debit, "account.debit", account, transfer, amount)
struct credit { account_id account; transfer_id transfer; money amount; };
RECOUNT_COMMAND(credit, "account.credit", account, transfer, amount)
struct refund { account_id account; transfer_id transfer; money amount; };
RECOUNT_COMMAND(refund, "account.refund", account, transfer, amount)

struct account {
    using id = account_id;
    using events = recount::types<opened, closed, debited, credited, refunded>;
    using commands = recount::types<open, shut, debit, credit, refund>;
    using decision = recount::decision<events>;
    bool is_open = false;
    money balance;

    static void evolve(account& a, opened const& e) { a = {true, e.balance}; }
    static void evolve(account& a, closed const& e) { a.is_open = !e.yes; }
    static void evolve(account& a, debited const& e) { a.balance -= e.amount; }
    static void evolve(account& a, credited const& e) { a.balance += e.amount; }
    static void evolve(account& a, refunded const& e) { a.balance += e.amount; }
    static decision decide(account const&, open const& c) { return opened{c.account, c.balance}; }
    static decision decide(account const&, shut const& c) { return closed{c.account, c.yes}; }
    static decision decide(account const& a, debit const& c) {
        if (!a.is_open) return rejection{"not_open"};
        if (a.balance < c.amount) return rejection{"overdrawn", "there is not so much"};
        return debited{c.account, c.transfer, c.amount};
    }
    static decision decide(account const& a, credit const& c) {
        if (!a.is_open) return rejection{"not_open"};
        return credited{c.account, c.transfer, c.amount};
    }
    static decision decide(account const&, refund const& c) {
        return refunded{c.account, c.transfer, c.amount};
    }
};
RECOUNT_AGGREGATE(account, "account", 1, is_open, balance)

struct requested { transfer_id transfer; account_id from; account_id to; money amount; };
RECOUNT_EVENT(requested, "transfer.requested", 1, transfer, from, to, amount)
struct done { transfer_id transfer; };
RECOUNT_EVENT(done, "transfer.done", 1, transfer)
struct failed { transfer_id transfer; std::string because; };
RECOUNT_EVENT(failed, "transfer.failed", 1, transfer, because)
struct cancelled { transfer_id transfer; };
RECOUNT_EVENT(cancelled, "transfer.cancelled", 1, transfer)

struct request { transfer_id transfer; account_id from; account_id to; money amount; };
RECOUNT_COMMAND(request, "transfer.request", transfer, from, to, amount)
struct complete { transfer_id transfer; };
RECOUNT_COMMAND(complete, "transfer.complete", transfer)
struct fail { transfer_id transfer; std::string because; };
RECOUNT_COMMAND(fail, "transfer.fail", transfer, because)
struct cancel { transfer_id transfer; };
RECOUNT_COMMAND(cancel, "transfer.cancel", transfer)

struct order {
    using id = transfer_id;
    using events = recount::types<requested, done, failed, cancelled>;
    using commands = recount::types<request, complete, fail, cancel>;
    using decision = recount::decision<events>;
    bool is_over = false;

    static void evolve(order&, requested const&) {}
    static void evolve(order& o, done const&) { o.is_over = true; }
    static void evolve(order& o, failed const&) { o.is_over = true; }
    static void evolve(order&, cancelled const&) {}
    static decision decide(order const&, request const& c) {
        return requested{c.transfer, c.from, c.to, c.amount};
    }
    static decision decide(order const& o, complete const& c) {
        if (o.is_over) return {};
        return done{c.transfer};
    }
    static decision decide(order const& o, fail const& c) {
        if (o.is_over) return {};
        return failed{c.transfer, c.because};
    }
    static decision decide(order const&, cancel const& c) { return cancelled{c.transfer}; }
};
RECOUNT_AGGREGATE(order, "transfer", 1, is_over)

// --- the saga ---

struct timed_out { transfer_id transfer; };
RECOUNT_EVENT(timed_out, "transfer.timed_out", 1, transfer)
struct notice { transfer_id transfer; money amount; };
RECOUNT_EVENT(notice, "transfer.notice", 1, transfer, amount)

// What is wrong with the program, as a test has it.
struct trouble {
    static inline std::string route_throws_for{};
    static inline std::string react_throws_for{};
    static inline std::string evolve_throws_for{};
    static inline bool failed_throws = false;
    static void none() {
        route_throws_for.clear();
        react_throws_for.clear();
        evolve_throws_for.clear();
        failed_throws = false;
    }
    static void at(std::string const& set, transfer_id const& here) {
        if (!set.empty() && set == here.value) throw std::runtime_error{"a bug"};
    }
};

struct transfer {
    using events = recount::types<requested, debited, credited, refunded, cancelled>;
    using commands = recount::types<debit, credit, refund, complete, fail>;
    using timers = recount::types<timed_out>;
    using effects = recount::types<notice>;
    using reaction = recount::reaction<commands, timers, effects>;
    account_id from{};
    account_id to{};
    money amount;
    int seen = 0;

    static recount::route route(requested const& e) {
        trouble::at(trouble::route_throws_for, e.transfer);
        return recount::must_start(e.transfer);
    }
    static recount::route route(debited const& e) { return recount::must_exist(e.transfer); }
    static recount::route route(credited const& e) { return recount::continues(e.transfer); }
    static recount::route route(refunded const& e) { return recount::ends(e.transfer); }
    static recount::route route(cancelled const& e) { return recount::continues(e.transfer); }

    static reaction react(transfer const&, requested const& e) {
        trouble::at(trouble::react_throws_for, e.transfer);
        return {recount::compensable{debit{e.from, e.transfer, e.amount},
                                     refund{e.from, e.transfer, e.amount}},
                recount::timer{timed_out{e.transfer}}.in(1h)};
    }
    static reaction react(transfer const& t, debited const& e) {
        trouble::at(trouble::react_throws_for, e.transfer);
        return credit{t.to, e.transfer, e.amount};
    }
    static reaction react(transfer const&, credited const& e) {
        return {recount::effect{notice{e.transfer, e.amount}}.in_order_of(e.account),
                complete{e.transfer}, recount::end};
    }
    static reaction react(transfer const&, refunded const& e) {
        return fail{e.transfer, "refunded"};
    }
    static reaction react(transfer const&, cancelled const&) {
        return {recount::cancel{"transfer.timed_out"}};
    }
    static reaction react(transfer const&, timed_out const& e) {
        return {fail{e.transfer, "timed out"}, recount::end};
    }

    static void evolve(transfer& t, requested const& e) {
        trouble::at(trouble::evolve_throws_for, e.transfer);
        t.from = e.from;
        t.to = e.to;
        t.amount = e.amount;
        ++t.seen;
    }
    static void evolve(transfer& t, cancelled const& e) {
        ++t.seen;
        trouble::at(trouble::evolve_throws_for, e.transfer);
    }

    // An account that is not open yet may come; one that is closed does not come back.
    static recount::verdict failed(transfer const&, recount::refused const& no) {
        if (trouble::failed_throws) throw std::runtime_error{"a bug"};
        if (no.is<credit>()) return recount::compensate;
        if (no.code == "not_open" && no.attempt < 3) return recount::retry_in(1min);
        if (no.code == "overdrawn") return recount::skip().and_end();
        return recount::park();
    }
};
RECOUNT_SAGA(transfer, "transfer", 1, from, to, amount, seen)

// Whoever gets money is told so, and every transfer that failed is asked for once more by nobody.
struct notices {
    using events = recount::types<credited, closed>;
    using commands = recount::types<cancel>;
    using effects = recount::types<notice>;
    static recount::reaction<recount::types<>, recount::types<>, effects> react(
        credited const& e, recount::info const&) {
        return recount::effect{notice{e.transfer, e.amount}};
    }
    static recount::reaction<commands> react(closed const& e) {
        return cancel{transfer_id{"of-" + e.account.value}};
    }
};
RECOUNT_REACTOR(notices, "notices", 1)

inline money eur(std::int64_t cents) { return {cents, "EUR"}; }

}  // namespace transfers
