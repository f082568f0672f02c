// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Money from one account to another by a saga: what docs/guides/sagas.md shows.
#include <iostream>

#include <recount/saga/operations.hpp>
#include <recount/testing/catch.hpp>

namespace examples::sagas {

using recount::money;
using recount::rejection;
using namespace std::chrono_literals;

using account_id = recount::strong_id<struct account_tag>;
using transfer_id = recount::strong_id<struct transfer_tag>;

struct opened { account_id account; money balance; };
struct closed { account_id account; };
struct debited { account_id account; transfer_id transfer; money amount; };
struct credited { account_id account; transfer_id transfer; money amount; };
struct refunded { account_id account; transfer_id transfer; money amount; };
RECOUNT_EVENT(opened, "account.opened", 1, account, balance)
RECOUNT_EVENT(closed, "account.closed", 1, account)
RECOUNT_EVENT(debited, "account.debited", 1, account, transfer, amount)
RECOUNT_EVENT(credited, "account.credited", 1, account, transfer, amount)
RECOUNT_EVENT(refunded, "account.refunded", 1, account, transfer, amount)

struct open { account_id account; money balance; };
struct shut { account_id account; };
struct debit { account_id account; transfer_id transfer; money amount; };
struct credit { account_id account; transfer_id transfer; money amount; };
struct refund { account_id account; transfer_id transfer; money amount; };
RECOUNT_COMMAND(open, "account.open", account, balance)
RECOUNT_COMMAND(shut, "account.shut", account)
RECOUNT_COMMAND(debit, "account.debit", account, transfer, amount)
RECOUNT_COMMAND(credit, "account.credit", account, transfer, amount)
RECOUNT_COMMAND(refund, "account.refund", account, transfer, amount)

struct account {
    using id = account_id;
    using events = recount::types<opened, closed, debited, credited, refunded>;
    using commands = recount::types<open, shut, debit, credit, refund>;
    using decision = recount::decision<events>;
    bool is_open = false;
    money balance;

    static void evolve(account& a, opened const& e) { a = {true, e.balance}; }
    static void evolve(account& a, closed const&) { a.is_open = false; }
    static void evolve(account& a, debited const& e) { a.balance -= e.amount; }
    static void evolve(account& a, credited const& e) { a.balance += e.amount; }
    static void evolve(account& a, refunded const& e) { a.balance += e.amount; }
    static decision decide(account const&, open const& c) { return opened{c.account, c.balance}; }
    static decision decide(account const&, shut const& c) { return closed{c.account}; }
    static decision decide(account const& a, debit const& c) {
        if (!a.is_open) return rejection{"not_open"};
        if (a.balance < c.amount) return rejection{"overdrawn"};
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
struct settled { transfer_id transfer; };
struct failed { transfer_id transfer; std::string because; };
RECOUNT_EVENT(requested, "transfer.requested", 1, transfer, from, to, amount)
RECOUNT_EVENT(settled, "transfer.settled", 1, transfer)
RECOUNT_EVENT(failed, "transfer.failed", 1, transfer, because)
struct request { transfer_id transfer; account_id from; account_id to; money amount; };
struct settle { transfer_id transfer; };
struct fail { transfer_id transfer; std::string because; };
RECOUNT_COMMAND(request, "transfer.request", transfer, from, to, amount)
RECOUNT_COMMAND(settle, "transfer.settle", transfer)
RECOUNT_COMMAND(fail, "transfer.fail", transfer, because)

struct order {
    using id = transfer_id;
    using events = recount::types<requested, settled, failed>;
    using commands = recount::types<request, settle, fail>;
    using decision = recount::decision<events>;
    std::string became;
    static void evolve(order& o, requested const&) { o.became = "requested"; }
    static void evolve(order& o, settled const&) { o.became = "settled"; }
    static void evolve(order& o, failed const& e) { o.became = e.because; }
    static decision decide(order const&, request const& c) {
        return requested{c.transfer, c.from, c.to, c.amount};
    }
    static decision decide(order const&, settle const& c) { return settled{c.transfer}; }
    static decision decide(order const&, fail const& c) { return failed{c.transfer, c.because}; }
};
RECOUNT_AGGREGATE(order, "transfer", 1, became)

//[timer
struct timed_out { transfer_id transfer; };
RECOUNT_EVENT(timed_out, "transfer.timed_out", 1, transfer)
//]

//[saga
struct transfer {
    using events = recount::types<requested, debited, credited, refunded>;
    using commands = recount::types<debit, credit, refund, settle, fail>;
    using timers = recount::types<timed_out>;
    using reaction = recount::reaction<commands, timers>;

    account_id to;                                                    // the state

    static recount::route route(requested const& e) { return recount::must_start(e.transfer); }
    static recount::route route(debited const& e) { return recount::continues(e.transfer); }
    static recount::route route(credited const& e) { return recount::ends(e.transfer); }
    static recount::route route(refunded const& e) { return recount::ends(e.transfer); }

    static reaction react(transfer const&, requested const& e) {
        return {recount::compensable{debit{e.from, e.transfer, e.amount},
                                     refund{e.from, e.transfer, e.amount}},
                recount::timer{timed_out{e.transfer}}.in(24h)};
    }
    static reaction react(transfer const& t, debited const& e) {
        return {credit{t.to, e.transfer, e.amount}, recount::cancel{"transfer.timed_out"}};
    }
    static reaction react(transfer const&, credited const& e) { return settle{e.transfer}; }
    static reaction react(transfer const&, refunded const& e) {
        return fail{e.transfer, "refunded"};
    }
    static reaction react(transfer const&, timed_out const& e) {
        return {fail{e.transfer, "timed out"}, recount::end};
    }

    static void evolve(transfer& t, requested const& e) { t.to = e.to; }
    static recount::verdict failed(transfer const&, recount::refused const& no) {
        if (no.is<credit>()) return recount::compensate();
        if (no.code == "overdrawn") return recount::retry_in(1h);
        return recount::park();
    }
};
RECOUNT_SAGA(transfer, "transfer", 1, to)
//]

//[story
TEST_CASE("what cannot be credited is given back") {
    money const amount{50'00, "EUR"};
    recount::given_saga<transfer>(requested{{"t-1"}, {"ada"}, {"ben"}, amount})
        .when(debited{{"ada"}, {"t-1"}, amount})
        .then(credit{{"ben"}, {"t-1"}, amount}, recount::cancel{"transfer.timed_out"})
        .when_refused(credit{{"ben"}, {"t-1"}, amount}, "not_open")
        .then(refund{{"ada"}, {"t-1"}, amount});
}
TEST_CASE("a transfer that nobody can pay for is given up after a day") {
    money const amount{50'00, "EUR"};
    recount::given_saga<transfer>(requested{{"t-1"}, {"ada"}, {"ben"}, amount})
        .when_refused(debit{{"ada"}, {"t-1"}, amount}, "overdrawn")
        .then_verdict(recount::retry_in(1h))
        .when_due("transfer.timed_out")
        .then(fail{{"t-1"}, "timed out"}, recount::end);
}
//]

//[sandbox
void money_arrives(recount::testing::sandbox bank) {
    bank.dispatch(open{{"ada"}, {80'00, "EUR"}}).value();
    bank.dispatch(open{{"ben"}, {0, "EUR"}}).value();
    bank.dispatch(request{{"t-1"}, {"ada"}, {"ben"}, {50'00, "EUR"}}).value();
    bank.run_sagas();                       // until nothing is left to do
    CHECK(bank.state<account>({"ada"}).balance == money{30'00, "EUR"});
    CHECK(bank.state<account>({"ben"}).balance == money{50'00, "EUR"});
    CHECK(bank.state<order>({"t-1"}).became == "settled");
}
TEST_CASE("money arrives") {
    money_arrives(recount::testing::in_memory<account, order, transfer>("bank"));
}
TEST_CASE("money arrives, on PostgreSQL") {
    money_arrives(recount::testing::on_postgres<account, order, transfer>("bank"));
}
//]

//[clock
TEST_CASE("a transfer is tried again, and given up after a day") {
    auto bank = recount::testing::in_memory<account, order, transfer>("bank");
    bank.dispatch(open{{"ada"}, {0, "EUR"}}).value();
    bank.dispatch(request{{"t-1"}, {"ada"}, {"ben"}, {50'00, "EUR"}}).value();
    bank.run_sagas();
    bank.advance(24h);                      // timers are due by the sandbox's clock
    bank.run_sagas();
    CHECK(bank.state<order>({"t-1"}).became == "timed out");
}
//]

TEST_CASE("somebody resumes what was parked", "[docs]") {
    auto bank = recount::testing::in_memory<account, order, transfer>("bank");
    bank.dispatch(request{{"t-1"}, {"ada"}, {"ben"}, {50'00, "EUR"}}).value();
    bank.run_sagas();
    bank.dispatch(open{{"ada"}, {80'00, "EUR"}}).value();
    bank.dispatch(open{{"ben"}, {0, "EUR"}}).value();
    //[resume
    auto& log = bank.log();
    for (auto const& step : recount::instance_steps(log, "transfer", "t-1").steps) {
        std::cout << step.text << '\n';
    }
    recount::resume_instance(log, "transfer", "t-1",
                             {.actor = "ada", .because = "the account is open now"});
    //]
    bank.run_sagas();
    CHECK(bank.state<order>({"t-1"}).became == "settled");
}

}  // namespace examples::sagas
