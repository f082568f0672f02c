// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The test kit on PostgreSQL: what holds in memory holds there.
#include <recount/testing/given_projection.hpp>
#include <recount/testing/sandbox.hpp>

#include "support/postgres.hpp"
#include "support/sample_domain.hpp"

namespace {

using namespace sample;
using recount::in;
using recount::testing::in_memory;
using recount::testing::on_postgres;

void deposits_show(recount::testing::sandbox bank) {
    bank.dispatch(open_account{{"a"}}).value();
    bank.dispatch(deposit{{"a"}, eur(500)}).value();
    CHECK(bank.row<balances>({"a"})->balance == eur(500));
    bank.dispatch(deposit{{"a"}, eur(300)}).value();
    CHECK(bank.row<balances>({"a"})->balance == eur(800));
    CHECK(bank.rows<totals>().size() == 2);
    CHECK(bank.state<account>({"a"}).balance == eur(800));
    CHECK(bank.events("account-a").size() == 3);
    CHECK(bank.events().size() == 3);
}

}  // namespace

TEST_CASE("a spec of a sandbox holds in memory", "[testing]") {
    deposits_show(in_memory<account, balances, totals>("bank"));
}
TEST_CASE("a spec of a sandbox holds on PostgreSQL", "[testing]") {
    deposits_show(on_postgres<account, balances, totals>("bank"));
}

TEST_CASE("two sandboxes on PostgreSQL know nothing of each other, and leave nothing behind",
          "[testing]") {
    recount::tests::test_database elsewhere;
    auto other = elsewhere.connect();
    auto const databases = "SELECT count(*) FROM pg_database";
    auto const before = recount::tests::value(other, databases);
    {
        auto here = on_postgres<account, balances>("bank");
        auto there = on_postgres<account, balances>("bank");
        here.dispatch(open_account{{"a"}}).value();
        CHECK(there.events().empty());
        CHECK_FALSE(there.row<balances>({"a"}).has_value());
    }
    CHECK(recount::tests::value(other, databases) == before);
}

TEST_CASE("a projection spec runs on PostgreSQL too", "[testing]") {
    recount::given_projection<balances>(
        in("account-a", opened{{"a"}}, deposited{{"a"}, eur(5)}, withdrawn{{"a"}, eur(1)}),
        in("account-b", opened{{"b"}}, closed{{"b"}}))
        .on_postgres()
        .then_rows(balance_row{{"a"}, eur(4), 2, eur(5), "paid out at version 3"});
    recount::given_projection<totals>(
        in("account-a", deposited{{"a"}, eur(5)}, deposited{{"a"}, eur(5)},
           deposited{{"a"}, eur(3)}))
        .on_postgres()
        .then_rows(total_row{5, 2, eur(10)}, total_row{3, 1, eur(3)});
}
