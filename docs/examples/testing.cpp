// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The bank under test: what docs/guides/testing.md shows.
//[include
#include <recount/testing/catch.hpp>
//]
#include <recount/testing/database.hpp>

#include "bank.hpp"

namespace examples::bank {

namespace {

// Stands for the folder beside an application's tests, with its files published once.
struct published_folder {
    recount::testing::temporary_folder files;
    published_folder() {
        static_cast<void>(recount::testing::compare_published(
            recount::testing::parts_of<account, account_balances>(), files.path(), true));
    }
};

}  // namespace

//[story
TEST_CASE("an account is never overdrawn") {
    recount::given<account>(deposited{{"ada"}, {50'00, "EUR"}})
        .when(withdraw{{"ada"}, {80'00, "EUR"}})
        .then_rejected("overdrawn")
        .when(withdraw{{"ada"}, {20'00, "EUR"}})
        .then(withdrawn{{"ada"}, {20'00, "EUR"}})
        .then_state([](account const& a) { CHECK(a.balance == money{30'00, "EUR"}); });
}
//]

//[rows
TEST_CASE("balances follow deposits and withdrawals") {
    recount::given_projection<account_balances>(
        recount::in("account-ada", deposited{{"ada"}, {50'00, "EUR"}},
                    withdrawn{{"ada"}, {20'00, "EUR"}}),
        recount::in("account-ben", deposited{{"ben"}, {1'00, "EUR"}}))
        .then_rows(balance_row{{"ada"}, {30'00, "EUR"}}, balance_row{{"ben"}, {1'00, "EUR"}});
}
//]

//[sandbox
TEST_CASE("a deposit shows in the table") {
    auto bank = recount::testing::in_memory<account, account_balances>("bank");
    bank.dispatch(deposit{{"ada"}, {50'00, "EUR"}}).value();
    CHECK(bank.row<account_balances>({"ada"})->balance == money{50'00, "EUR"});
    CHECK(bank.state<account>({"ada"}).balance == money{50'00, "EUR"});
    CHECK(bank.types() == std::vector<std::string>{"account.deposited"});
}
//]

//[clock
TEST_CASE("events are recorded at the time of the test's clock") {
    auto bank = recount::testing::in_memory<account>("bank");
    bank.advance(std::chrono::hours{24});
    bank.dispatch(deposit{{"ada"}, {50'00, "EUR"}}).value();
    CHECK(bank.events().front().recorded_at == bank.clock().now());
}
//]

//[both
void a_key_counts_once(recount::testing::sandbox bank) {
    for (int i = 0; i < 2; ++i) {
        bank.dispatch(deposit{{"ada"}, {50'00, "EUR"}}, {.key = "transfer-4711"}).value();
    }
    CHECK(bank.state<account>({"ada"}).balance == money{50'00, "EUR"});
}
TEST_CASE("a key counts once") {
    a_key_counts_once(recount::testing::in_memory<account>("bank"));
}
TEST_CASE("a key counts once, on PostgreSQL") {
    a_key_counts_once(recount::testing::on_postgres<account>("bank"));
}
//]

TEST_CASE("the published schemas hold", "[docs]") {
    published_folder const published;
    auto const& folder = published.files.path();
    //[schemas
    recount::testing::check_published_schemas<account, account_balances>(folder);
    //]
}

}  // namespace examples::bank
