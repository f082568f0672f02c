// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The smallest bank: what docs/concepts/event-sourcing.md and two-times.md show.
#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/recount.hpp>

#include <support/catch.hpp>

namespace examples::bank {

//[events
using recount::money;
using account_id = recount::strong_id<struct account_tag>;

struct deposited { account_id account; money amount; };
struct withdrawn { account_id account; money amount; };
RECOUNT_EVENT(deposited, "account.deposited", 1, account, amount)
RECOUNT_EVENT(withdrawn, "account.withdrawn", 1, account, amount)
//]

//[commands
struct deposit { account_id account; money amount; };
struct withdraw { account_id account; money amount; };
RECOUNT_COMMAND(deposit, "account.deposit", account, amount)
RECOUNT_COMMAND(withdraw, "account.withdraw", account, amount)
//]

//[aggregate
struct account {
    using id = account_id;
    using events = recount::types<deposited, withdrawn>;
    using commands = recount::types<deposit, withdraw>;
    using decision = recount::decision<events>;

    money balance;                                                    // the state

    static void evolve(account& a, deposited const& e) { a.balance += e.amount; }
    static void evolve(account& a, withdrawn const& e) { a.balance -= e.amount; }

    static decision decide(account const&, deposit const& c) {
        return deposited{c.account, c.amount};
    }
    static decision decide(account const& a, withdraw const& c) {
        if (a.balance < c.amount) return recount::rejection{"overdrawn"};
        return withdrawn{c.account, c.amount};
    }
};
RECOUNT_AGGREGATE(account, "account", 1, balance)
//]

//[projection
struct balance_row { account_id account; money balance; };
RECOUNT_ROW(balance_row, 1, recount::key<&balance_row::account>, account, balance)

struct account_balances {
    using row = balance_row;
    using events = recount::types<deposited, withdrawn>;
    static void on(recount::rows<row>& r, deposited const& e, int weight) {
        r[e.account].balance += weight * e.amount;
    }
    static void on(recount::rows<row>& r, withdrawn const& e, int weight) {
        r[e.account].balance -= weight * e.amount;
    }
};
RECOUNT_PROJECTION(account_balances, "account_balances", 1)
//]

TEST_CASE("a bank in memory", "[docs]") {
    //[application
    recount::application_parts parts;
    parts.add<account>();
    parts.add<account_balances>();
    recount::application bank{parts, std::make_shared<recount::memory::log>(),
                              std::make_shared<recount::memory_row_store>()};
    //]

    //[dispatch
    account_id const ada{"ada"};
    auto const done = bank.dispatch(deposit{ada, {50'00, "EUR"}});
    CHECK(done.value().stream == "account-ada");
    CHECK(done.value().version == 1);

    auto const refused = bank.dispatch(withdraw{ada, {80'00, "EUR"}});
    CHECK_FALSE(refused);
    CHECK(refused.rejected().code == "overdrawn");        // nothing was recorded
    //]

    //[reading
    CHECK(bank.state<account>(ada).balance == money{50'00, "EUR"});    // folded from the stream

    bank.catch_up();                                                   // the tables follow
    CHECK(bank.row<account_balances>(ada)->balance == money{50'00, "EUR"});
    //]

    //[at_version
    static_cast<void>(bank.dispatch(withdraw{ada, {20'00, "EUR"}}).value());
    CHECK(bank.state<account>(ada).balance == money{30'00, "EUR"});
    CHECK(bank.state<account>(ada, 1).balance == money{50'00, "EUR"});   // as of version 1
    //]

    //[again
    auto const first = bank.dispatch(deposit{ada, {5'00, "EUR"}}, {.key = "transfer-4711"});
    auto const second = bank.dispatch(deposit{ada, {5'00, "EUR"}}, {.key = "transfer-4711"});
    CHECK_FALSE(first.value().repeated);
    CHECK(second.value().repeated);                       // one event, and its first result twice
    CHECK(second.value().position == first.value().position);
    CHECK(bank.state<account>(ada).balance == money{35'00, "EUR"});
    //]
}

}  // namespace examples::bank
