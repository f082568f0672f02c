// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A correction as an application makes it: what docs/guides/correcting.md shows.
#include <recount/recount.hpp>
#include <recount/restructure/read.hpp>
#include <recount/testing/catch.hpp>
#include <recount/testing/sandbox.hpp>

namespace examples::correcting {

using recount::money, recount::rejection;

using account_id = recount::strong_id<struct account_tag>;
struct opened    { account_id account; };
struct deposited { account_id account; money amount; };
struct withdrawn { account_id account; money amount; };
struct open      { account_id account; };
struct deposit   { account_id account; money amount; };
struct withdraw  { account_id account; money amount; };
RECOUNT_EVENT(opened, "account.opened", 1, account)
RECOUNT_EVENT(deposited, "account.deposited", 1, account, amount)
RECOUNT_EVENT(withdrawn, "account.withdrawn", 1, account, amount)
RECOUNT_COMMAND(open, "account.open", account)
RECOUNT_COMMAND(deposit, "account.deposit", account, amount)
RECOUNT_COMMAND(withdraw, "account.withdraw", account, amount)

struct account {
    using id = account_id;
    using events = recount::types<opened, deposited, withdrawn>;
    using commands = recount::types<open, deposit, withdraw>;
    using decision = recount::decision<events>;
    bool is_open = false;
    money balance;
    static void evolve(account& a, opened const&) { a.is_open = true; }
    static void evolve(account& a, deposited const& e) { a.balance += e.amount; }
    static void evolve(account& a, withdrawn const& e) { a.balance -= e.amount; }
    static decision decide(account const& a, open const& c) {
        if (a.is_open) return {};
        return opened{c.account};
    }
    static decision decide(account const& a, deposit const& c) {
        if (!a.is_open) return rejection{"not_open"};
        return deposited{c.account, c.amount};
    }
    static decision decide(account const& a, withdraw const& c) {
        if (a.balance < c.amount) return rejection{"overdrawn"};
        return withdrawn{c.account, c.amount};
    }
    //[check
    static void check(account const& a, recount::invariants& holds) {
        holds.that("never_overdrawn", a.balance.minor >= 0);
    }
    //]
};
RECOUNT_AGGREGATE(account, "account", 1, is_open, balance)

struct balance_row { account_id account; money balance; std::int64_t movements; };
RECOUNT_ROW(balance_row, 1, recount::key<&balance_row::account>, account, balance, movements)

struct account_balances {
    using row = balance_row;
    using events = recount::types<deposited, withdrawn>;
    static void on(recount::rows<row>& r, deposited const& e, recount::info const& i,
                   int weight) {
        auto& row = r[i.stream_id<account_id>()];
        row.balance += weight * e.amount;
        row.movements += weight;
    }
    static void on(recount::rows<row>& r, withdrawn const& e, recount::info const& i,
                   int weight) {
        auto& row = r[i.stream_id<account_id>()];
        row.balance -= weight * e.amount;
        row.movements += weight;
    }
};
RECOUNT_PROJECTION(account_balances, "account_balances", 1)

namespace {

std::size_t told(recount::testing::sandbox& bank) {
    return recount::history::read_corrected(bank.log(), recount::stream_name{"account-a-1"})
        .events.size();
}

}  // namespace

TEST_CASE("a deposit that was recorded twice is previewed, taken out and put back", "[docs]") {
    auto bank = recount::testing::in_memory<account>("bank");
    bank.dispatch(open{{"a-1"}}).value();
    bank.dispatch(deposit{{"a-1"}, {5000, "EUR"}}).value();
    auto const twice = bank.dispatch(deposit{{"a-1"}, {5000, "EUR"}}).value();

    //[plan
    auto const plan = recount::restructure{"import ran twice"}
                          .because("file 0117 was loaded again")
                          .by("ada")
                          .exclude(twice.events.front());
    //]

    //[preview
    auto const preview = bank.preview(plan);               // writes nothing
    for (auto const& stream : preview.streams) {
        for (auto const& d : stream.state->differences) {
            INFO(d.name << " was " << d.before << ", would be " << d.after);
            CHECK(d.name == "balance");
        }
    }
    CHECK(preview.unacknowledged().empty());               // nothing new is broken
    //]

    //[apply
    auto const done = bank.apply(plan, preview.hash);      // what was previewed, or a conflict
    //]
    CHECK(told(bank) == 2);

    //[undo
    bank.undo(done.id, "there were two payments after all");
    //]
    CHECK(told(bank) == 3);
}

//[test
TEST_CASE("a deposit that was recorded twice is taken out, and the table follows") {
    auto bank = recount::testing::in_memory<account, account_balances>("bank");
    bank.dispatch(open{{"a-1"}}).value();
    bank.dispatch(deposit{{"a-1"}, {5000, "EUR"}}).value();
    auto twice = bank.dispatch(deposit{{"a-1"}, {5000, "EUR"}}).value();

    auto plan = recount::restructure{"import ran twice"}
                    .because("file 0117 was loaded again").by("ada")
                    .exclude(twice.events.front());
    auto preview = bank.preview(plan);                         // writes nothing
    auto done = bank.apply(plan, preview.hash);                // what was previewed, or a conflict

    auto a1 = account_id{"a-1"};
    CHECK(bank.row<account_balances>(a1, recount::at_least{done.position})->balance ==
          money{5000, "EUR"});
    CHECK(bank.state<account>(a1, recount::as_known_at{twice.position}).balance ==
          money{10000, "EUR"});
}
//]

TEST_CASE("what a correction breaks is acknowledged by its name", "[docs]") {
    auto bank = recount::testing::in_memory<account>("bank");
    bank.dispatch(open{{"a-1"}}).value();
    auto const wrong = bank.dispatch(deposit{{"a-1"}, {5000, "EUR"}}).value();
    bank.dispatch(withdraw{{"a-1"}, {3000, "EUR"}}).value();
    auto plan = recount::restructure{"wrong account"}
                    .because("it was meant for another customer")
                    .exclude(wrong.events.front());
    //[acknowledge
    try {
        bank.apply(plan);
        FAIL("it was applied");
    } catch (recount::invariants_broken const& refused) {
        for (auto const& name : refused.names()) plan.acknowledge(name);   // if it is to be so
    }
    bank.apply(plan);
    //]
}

}  // namespace examples::correcting
