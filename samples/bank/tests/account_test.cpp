// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the account takes and refuses, as a pure function of its history.
#include <recount/testing/catch.hpp>

#include "bank/account.hpp"
#include "bank/projections.hpp"
#include "memory_bank.hpp"

namespace bank::tests {

using recount::given;

namespace {

account_id const ada{"ada"};

auto with_balance(std::int64_t minor) {
    return given<account>(opened{ada}, deposited{ada, eur(minor)});
}
auto when_closed() { return given<account>(opened{ada}, closed{ada}); }

}  // namespace

TEST_CASE("an account is never overdrawn", "[bank]") {
    recount::given<account>(opened{{"a-1"}}, deposited{{"a-1"}, {5000, "EUR"}})
        .when(withdraw{{"a-1"}, {8000, "EUR"}})
        .then_rejected("overdrawn");
}

TEST_CASE("withdrawals that were decided here are covered, whatever is corrected", "[bank]") {
    auto const told = [](auto const& event, std::int64_t before) {
        account a;
        a.balance = eur(before);
        a.overdraft_limit = eur(100);
        account::evolve(a, event);
        recount::invariants holds;
        account::check(a, holds);
        return holds.broken();
    };
    using names = std::vector<std::string>;
    CHECK(told(withdrawn{ada, eur(600)}, 500).empty());
    CHECK(told(withdrawn{ada, eur(601)}, 500) == names{"withdrawals_covered"});
    withdrawn const sent{ada, eur(601), {}, "transfer t", transfer_id{"t"}};
    CHECK(told(sent, 500) == names{"withdrawals_covered"});
    // Neither another bank's movement nor a fee asks whether it is covered.
    CHECK(told(withdrawn{ada, eur(601), eur(-101), "4711"}, 500).empty());
    CHECK(told(withdrawn{ada, eur(601), {}, "4711"}, 500).empty());
    CHECK(told(fee_charged{ada, eur(601)}, 500).empty());
    CHECK(told(deposited{ada, eur(1)}, -500).empty());

    account a;
    account::evolve(a, withdrawn{ada, eur(7)});
    account::evolve(a, deposited{ada, eur(100)});
    account::evolve(a, withdrawn{ada, eur(95)});
    CHECK(a.not_covered == eur(7));   // the greatest of them stays
}

TEST_CASE("an account opens once; opening it again changes nothing", "[bank]") {
    given<account>().when(open{ada}).then(opened{ada}).when(open{ada}).then_nothing();
    when_closed().when(open{ada}).then_rejected("closed");
}

TEST_CASE("a deposit needs an open account and an amount above zero", "[bank]") {
    given<account>().when(deposit{ada, eur(1)}).then_rejected("not_open");
    when_closed().when(deposit{ada, eur(1)}).then_rejected("closed");
    given<account>(opened{ada})
        .when(deposit{ada, eur(0)})
        .then_rejected("not_positive")
        .when(deposit{ada, eur(-1)})
        .then_rejected("not_positive")
        .when(deposit{ada, eur(1)})
        .then(deposited{ada, eur(1)});
}

TEST_CASE("an account is kept in the currency of its first amount", "[bank]") {
    with_balance(100)
        .when(deposit{ada, czk(1)})
        .then_rejected("other_currency")
        .when(withdraw{ada, czk(1)})
        .then_rejected("other_currency")
        .when(charge_fee{ada, czk(1)})
        .then_rejected("other_currency")
        .when(credit_interest{ada, czk(1)})
        .then_rejected("other_currency")
        .when(agree_overdraft{ada, czk(1)})
        .then_rejected("other_currency");
    given<account>(opened{ada}, deposited{ada, eur(5)}, withdrawn{ada, eur(5)})
        .when(deposit{ada, czk(1)})
        .then_rejected("other_currency");
    given<account>(opened{ada}, overdraft_agreed{ada, eur(100)})
        .when(deposit{ada, czk(1)})
        .then_rejected("other_currency")
        .when(withdraw{ada, czk(1)})
        .then_rejected("other_currency")
        .when(agree_overdraft{ada, czk(1)})
        .then_rejected("other_currency");
    given<account>(opened{ada}).when(deposit{ada, {1, {}}}).then_rejected("other_currency");
}

TEST_CASE("a withdrawal is covered by the balance and the agreed overdraft", "[bank]") {
    with_balance(100)
        .when(withdraw{ada, eur(101)})
        .then_rejected("overdrawn", "the balance of 1.00 EUR and the overdraft limit do not cover "
                                    "1.01 EUR")
        .when(withdraw{ada, eur(100)})
        .then(withdrawn{ada, eur(100)})
        .when(withdraw{ada, eur(1)})
        .then_rejected("overdrawn");
    given<account>(opened{ada}).when(withdraw{ada, eur(1)}).then_rejected("overdrawn");
    given<account>(opened{ada}, deposited{ada, eur(100)}, overdraft_agreed{ada, eur(50)})
        .when(withdraw{ada, eur(0)})
        .then_rejected("not_positive")
        .when(withdraw{ada, eur(151)})
        .then_rejected("overdrawn")
        .when(withdraw{ada, eur(150)})
        .then(withdrawn{ada, eur(150)})
        .then_state([](account const& a) { CHECK(a.balance == eur(-50)); });
    given<account>().when(withdraw{ada, eur(1)}).then_rejected("not_open");
    when_closed().when(withdraw{ada, eur(1)}).then_rejected("closed");
}

TEST_CASE("an overdraft limit is zero or more, and is agreed once", "[bank]") {
    given<account>(opened{ada})
        .when(agree_overdraft{ada, eur(-1)})
        .then_rejected("negative")
        .when(agree_overdraft{ada, eur(50)})
        .then(overdraft_agreed{ada, eur(50)})
        .when(agree_overdraft{ada, eur(50)})
        .then_nothing()
        .when(agree_overdraft{ada, eur(0)})
        .then(overdraft_agreed{ada, eur(0)});
    given<account>().when(agree_overdraft{ada, eur(1)}).then_rejected("not_open");
    when_closed().when(agree_overdraft{ada, eur(1)}).then_rejected("closed");
}

TEST_CASE("a fee is charged also below zero, interest is credited", "[bank]") {
    given<account>(opened{ada})
        .when(charge_fee{ada, eur(0)})
        .then_rejected("not_positive")
        .when(credit_interest{ada, eur(-3)})
        .then_rejected("not_positive")
        .when(charge_fee{ada, eur(3)})
        .then(fee_charged{ada, eur(3)})
        .when(credit_interest{ada, eur(3)})
        .then(interest_credited{ada, eur(3)});
    given<account>()
        .when(charge_fee{ada, eur(3)})
        .then_rejected("not_open")
        .when(credit_interest{ada, eur(3)})
        .then_rejected("not_open");
    when_closed()
        .when(charge_fee{ada, eur(3)})
        .then_rejected("closed")
        .when(credit_interest{ada, eur(3)})
        .then_rejected("closed");
}

TEST_CASE("an account closes only when it is empty, and once", "[bank]") {
    given<account>(opened{ada})
        .when(close{ada})
        .then(closed{ada})
        .when(close{ada})
        .then_nothing();
    with_balance(1)
        .when(close{ada})
        .then_rejected("not_empty")
        .when(withdraw{ada, eur(1)})
        .when(close{ada})
        .then(withdrawn{ada, eur(1)}, closed{ada});
    given<account>(opened{ada}, fee_charged{ada, eur(1)})
        .when(close{ada})
        .then_rejected("not_empty");
    given<account>().when(close{ada}).then_rejected("not_open");
}

TEST_CASE("a recorded movement opens the account at its first row, on the day of that row",
          "[bank]") {
    auto const morning = recount::start_of(day(1993, 1, 9));
    record_movement const first{"17",       ada,        movement_kind::deposit,
                                czk(70000), czk(70000), day(1993, 1, 9)};
    auto const taken = recount::effective(deposited{ada, czk(70000), czk(70000), "17"}, morning);
    given<account>().when(first).then(recount::effective(opened{ada}, morning), taken);
    given<account>(opened{ada}).when(first).then(taken);
}

TEST_CASE("a recorded movement becomes the ordinary event of its kind", "[bank]") {
    auto const row = [](movement_kind kind) {
        return record_movement{"17", ada, kind, czk(100), {}, day(1993, 1, 9)};
    };
    auto const that_day = [](auto event) {
        return recount::effective(std::move(event), recount::start_of(day(1993, 1, 9)));
    };
    given<account>(opened{ada})
        .when(row(movement_kind::deposit))
        .then(that_day(deposited{ada, czk(100), {}, "17"}))
        .when(row(movement_kind::withdrawal))
        .then(that_day(withdrawn{ada, czk(100), {}, "17"}))
        .when(row(movement_kind::fee))
        .then(that_day(fee_charged{ada, czk(100), {}, "17"}))
        .when(row(movement_kind::interest))
        .then(that_day(interest_credited{ada, czk(100), {}, "17"}));
}

TEST_CASE("a recorded movement is judged by identity and account, not by its amount", "[bank]") {
    auto const row = [](std::string movement, account_id account, std::int64_t minor) {
        return record_movement{
            std::move(movement), std::move(account), movement_kind::withdrawal, czk(minor), {},
            day(1993, 1, 9)};
    };
    auto const taken = [](std::int64_t minor) {
        return recount::effective(withdrawn{ada, czk(minor), {}, "1"},
                                  recount::start_of(day(1993, 1, 9)));
    };
    given<account>(opened{ada})
        .when(row("", ada, 500))
        .then_rejected("nameless")
        .when(row("1", ada, 500))
        .then(taken(500))  // the bank let it through
        .when(row("1", ada, 0))
        .then(taken(0));
    given<account>().when(row("1", account_id{}, 500)).then_rejected("nameless");
    when_closed().when(row("1", ada, 500)).then_rejected("closed");
}

TEST_CASE("a movement whose stated balance is in another currency is refused", "[bank]") {
    given<account>()
        .when(record_movement{"17", ada, movement_kind::deposit, czk(100), eur(100),
                              day(1993, 1, 9)})
        .then_rejected("other_currency");
}

TEST_CASE("commands sent one after another make the history and the tables", "[bank]") {
    auto bank = recount::testing::in_memory<account, account_balances, statement_lines>("bank");
    auto const send = [&](auto const& command) {
        auto const outcome = bank.dispatch(command);
        return outcome ? "accepted" : outcome.rejected().code;
    };
    CHECK(send(deposit{ada, eur(10)}) == "not_open");
    CHECK(send(open{ada}) == "accepted");
    CHECK(send(deposit{ada, eur(10'000)}) == "accepted");
    CHECK(send(withdraw{ada, eur(10'001)}) == "overdrawn");
    CHECK(send(agree_overdraft{ada, eur(1'000)}) == "accepted");
    CHECK(send(withdraw{ada, eur(10'001)}) == "accepted");
    CHECK(send(charge_fee{ada, eur(99)}) == "accepted");
    CHECK(send(close{ada}) == "not_empty");
    CHECK(send(credit_interest{ada, eur(100)}) == "accepted");
    CHECK(send(close{ada}) == "accepted");
    CHECK(send(close{ada}) == "accepted");
    CHECK(send(deposit{ada, eur(1)}) == "closed");
    CHECK(bank.types() ==
          std::vector<std::string>{"account.opened", "account.deposited",
                                   "account.overdraft_agreed", "account.withdrawn",
                                   "account.fee_charged", "account.interest_credited",
                                   "account.closed"});
    auto const state = bank.state<account>(ada);
    CHECK(state.is_closed);
    CHECK_FALSE(state.is_open);
    CHECK(state.balance == eur(0));
    CHECK(bank.state<account>(ada, 4).balance == eur(-1));

    auto const row = bank.row<account_balances>(ada);
    REQUIRE(row);
    CHECK(row->balance == eur(0));
    CHECK(row->movements == 4);
    auto const lines = bank.rows<statement_lines>();
    REQUIRE(lines.size() == 4);
    CHECK(lines[1].amount == eur(-10'001));
    CHECK(lines[1].balance == eur(-1));
    CHECK(lines[2].kind == movement_kind::fee);
    CHECK(lines[3].balance == eur(0));
}

}  // namespace bank::tests
