// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the account takes and refuses, as a pure function of its history.
#include <support/catch.hpp>

#include "bank/account.hpp"
#include "memory_bank.hpp"

namespace bank::tests {

using names = std::vector<std::string>;

namespace {

account_id const ada{"ada"};

template <class... Events> account given(Events const&... history) {
    account a;
    (account::evolve(a, history), ...);
    return a;
}

// "account.opened {…}" for each event decided; "rejected: code" for a rejection.
template <class Command> names when(account const& a, Command const& command) {
    auto const made = account::decide(a, command);
    if (made.rejected()) return {"rejected: " + made.rejected()->code};
    names list;
    for (auto const& entry : made.entries()) {
        std::visit(
            [&]<class E>(E const& event) {
                list.push_back(std::string{recount::event_name_of<E>().name} + " " +
                               recount::describe::to_json(event).str());
            },
            entry.event);
    }
    return list;
}

names const nothing{};
names refused(std::string const& code) { return {"rejected: " + code}; }

account with_balance(std::int64_t minor) { return given(opened{ada}, deposited{ada, eur(minor)}); }

}  // namespace

TEST_CASE("an account opens once; opening it again changes nothing", "[bank]") {
    CHECK(when(given(), open{ada}) == names{R"(account.opened {"account":"ada"})"});
    CHECK(when(given(opened{ada}), open{ada}) == nothing);
    CHECK(when(given(opened{ada}, closed{ada}), open{ada}) == refused("closed"));
}

TEST_CASE("a deposit needs an open account and an amount above zero", "[bank]") {
    CHECK(when(given(opened{ada}), deposit{ada, eur(1)}) ==
          names{R"(account.deposited {"account":"ada","amount":{"minor":1,"currency":"EUR"}})"});
    CHECK(when(given(), deposit{ada, eur(1)}) == refused("not_open"));
    CHECK(when(given(opened{ada}, closed{ada}), deposit{ada, eur(1)}) == refused("closed"));
    CHECK(when(given(opened{ada}), deposit{ada, eur(0)}) == refused("not_positive"));
    CHECK(when(given(opened{ada}), deposit{ada, eur(-1)}) == refused("not_positive"));
}

TEST_CASE("an account is kept in the currency of its first amount", "[bank]") {
    CHECK(when(with_balance(100), deposit{ada, czk(1)}) == refused("other_currency"));
    CHECK(when(with_balance(100), withdraw{ada, czk(1)}) == refused("other_currency"));
    CHECK(when(with_balance(100), charge_fee{ada, czk(1)}) == refused("other_currency"));
    CHECK(when(with_balance(100), credit_interest{ada, czk(1)}) == refused("other_currency"));
    CHECK(when(with_balance(100), agree_overdraft{ada, czk(1)}) == refused("other_currency"));
    auto const emptied = given(opened{ada}, deposited{ada, eur(5)}, withdrawn{ada, eur(5)});
    CHECK(when(emptied, deposit{ada, czk(1)}) == refused("other_currency"));
    auto const limited = given(opened{ada}, overdraft_agreed{ada, eur(100)});
    CHECK(when(limited, deposit{ada, czk(1)}) == refused("other_currency"));
    CHECK(when(limited, withdraw{ada, czk(1)}) == refused("other_currency"));
    CHECK(when(limited, agree_overdraft{ada, czk(1)}) == refused("other_currency"));
    CHECK(when(given(opened{ada}), deposit{ada, {1, {}}}) == refused("other_currency"));
}

TEST_CASE("a withdrawal is covered by the balance and the agreed overdraft", "[bank]") {
    auto const taken = [](std::int64_t minor) {
        return names{R"(account.withdrawn {"account":"ada","amount":{"minor":)" +
                     std::to_string(minor) + R"(,"currency":"EUR"}})"};
    };
    CHECK(when(with_balance(100), withdraw{ada, eur(100)}) == taken(100));
    CHECK(when(with_balance(100), withdraw{ada, eur(101)}) == refused("overdrawn"));
    CHECK(when(given(opened{ada}), withdraw{ada, eur(1)}) == refused("overdrawn"));
    auto const limited =
        given(opened{ada}, deposited{ada, eur(100)}, overdraft_agreed{ada, eur(50)});
    CHECK(when(limited, withdraw{ada, eur(150)}) == taken(150));
    CHECK(when(limited, withdraw{ada, eur(151)}) == refused("overdrawn"));
    CHECK(when(limited, withdraw{ada, eur(0)}) == refused("not_positive"));
    CHECK(when(given(), withdraw{ada, eur(1)}) == refused("not_open"));
    CHECK(when(given(opened{ada}, closed{ada}), withdraw{ada, eur(1)}) == refused("closed"));
}

TEST_CASE("an overdraft limit is zero or more, and is agreed once", "[bank]") {
    CHECK(
        when(given(opened{ada}), agree_overdraft{ada, eur(50)}) ==
        names{
            R"(account.overdraft_agreed {"account":"ada","limit":{"minor":50,"currency":"EUR"}})"});
    auto const limited = given(opened{ada}, overdraft_agreed{ada, eur(50)});
    CHECK(when(limited, agree_overdraft{ada, eur(50)}) == nothing);
    CHECK(when(limited, agree_overdraft{ada, eur(0)}).size() == 1);
    CHECK(when(given(opened{ada}), agree_overdraft{ada, eur(-1)}) == refused("negative"));
    CHECK(when(given(), agree_overdraft{ada, eur(1)}) == refused("not_open"));
    CHECK(when(given(opened{ada}, closed{ada}), agree_overdraft{ada, eur(1)}) == refused("closed"));
}

TEST_CASE("a fee is charged also below zero, interest is credited", "[bank]") {
    CHECK(when(given(opened{ada}), charge_fee{ada, eur(3)}) ==
          names{R"(account.fee_charged {"account":"ada","amount":{"minor":3,"currency":"EUR"}})"});
    CHECK(
        when(given(opened{ada}), credit_interest{ada, eur(3)}) ==
        names{
            R"(account.interest_credited {"account":"ada","amount":{"minor":3,"currency":"EUR"}})"});
    CHECK(when(given(), charge_fee{ada, eur(3)}) == refused("not_open"));
    CHECK(when(given(), credit_interest{ada, eur(3)}) == refused("not_open"));
    CHECK(when(given(opened{ada}), charge_fee{ada, eur(0)}) == refused("not_positive"));
    CHECK(when(given(opened{ada}), credit_interest{ada, eur(-3)}) == refused("not_positive"));
    CHECK(when(given(opened{ada}, closed{ada}), charge_fee{ada, eur(3)}) == refused("closed"));
    CHECK(when(given(opened{ada}, closed{ada}), credit_interest{ada, eur(3)}) == refused("closed"));
}

TEST_CASE("an account closes only when it is empty, and once", "[bank]") {
    CHECK(when(given(opened{ada}), close{ada}) == names{R"(account.closed {"account":"ada"})"});
    CHECK(when(with_balance(1), close{ada}) == refused("not_empty"));
    auto const below = given(opened{ada}, fee_charged{ada, eur(1)});
    CHECK(when(below, close{ada}) == refused("not_empty"));
    auto const emptied = given(opened{ada}, deposited{ada, eur(5)}, withdrawn{ada, eur(5)});
    CHECK(when(emptied, close{ada}).size() == 1);
    CHECK(when(given(), close{ada}) == refused("not_open"));
    CHECK(when(given(opened{ada}, closed{ada}), close{ada}) == nothing);
}

TEST_CASE("a recorded movement opens the account at its first row, on the day of that row",
          "[bank]") {
    record_movement const first{"17",       ada,        movement_kind::deposit,
                                czk(70000), czk(70000), day(1993, 1, 9)};
    auto const made = account::decide(given(), first);
    REQUIRE(made.entries().size() == 2);
    for (auto const& entry : made.entries()) {
        CHECK(entry.effective_at == recount::start_of(day(1993, 1, 9)));
    }
    CHECK(when(given(), first) ==
          names{R"(account.opened {"account":"ada"})",
                R"(account.deposited {"account":"ada","amount":{"minor":70000,"currency":"CZK"},)"
                R"("stated_balance":{"minor":70000,"currency":"CZK"},"reference":"17"})"});
    CHECK(when(given(opened{ada}), first).size() == 1);
}

TEST_CASE("a recorded movement becomes the ordinary event of its kind", "[bank]") {
    auto const event_of = [](movement_kind kind) {
        record_movement const row{"17", ada, kind, czk(100), {}, day(1993, 1, 9)};
        auto const list = when(given(opened{ada}), row);
        REQUIRE(list.size() == 1);
        return list.front();
    };
    std::string const rest = R"( {"account":"ada","amount":{"minor":100,"currency":"CZK"},)"
                             R"("reference":"17"})";
    CHECK(event_of(movement_kind::deposit) == "account.deposited" + rest);
    CHECK(event_of(movement_kind::withdrawal) == "account.withdrawn" + rest);
    CHECK(event_of(movement_kind::fee) == "account.fee_charged" + rest);
    CHECK(event_of(movement_kind::interest) == "account.interest_credited" + rest);
}

TEST_CASE("a recorded movement is judged by identity and account, not by its amount", "[bank]") {
    auto const row = [](std::string movement, account_id account, std::int64_t minor) {
        return record_movement{
            std::move(movement), std::move(account), movement_kind::withdrawal, czk(minor), {},
            day(1993, 1, 9)};
    };
    CHECK(when(given(opened{ada}), row("1", ada, 500)).size() == 1);  // the bank let it through
    CHECK(when(given(opened{ada}), row("1", ada, 0)).size() == 1);
    CHECK(when(given(opened{ada}), row("", ada, 500)) == refused("nameless"));
    CHECK(when(given(), row("1", account_id{}, 500)) == refused("nameless"));
    CHECK(when(given(opened{ada}, closed{ada}), row("1", ada, 500)) == refused("closed"));
}

TEST_CASE("commands sent one after another make the history and the tables", "[bank]") {
    memory_bank bank;
    CHECK(bank.send(deposit{ada, eur(10)}) == "not_open");
    CHECK(bank.send(open{ada}) == "accepted");
    CHECK(bank.send(deposit{ada, eur(10'000)}) == "accepted");
    CHECK(bank.send(withdraw{ada, eur(10'001)}) == "overdrawn");
    CHECK(bank.send(agree_overdraft{ada, eur(1'000)}) == "accepted");
    CHECK(bank.send(withdraw{ada, eur(10'001)}) == "accepted");
    CHECK(bank.send(charge_fee{ada, eur(99)}) == "accepted");
    CHECK(bank.send(close{ada}) == "not_empty");
    CHECK(bank.send(credit_interest{ada, eur(100)}) == "accepted");
    CHECK(bank.send(close{ada}) == "accepted");
    CHECK(bank.send(close{ada}) == "accepted");
    CHECK(bank.send(deposit{ada, eur(1)}) == "closed");
    CHECK(bank.types() == names{"account.opened", "account.deposited", "account.overdraft_agreed",
                                "account.withdrawn", "account.fee_charged",
                                "account.interest_credited", "account.closed"});
    auto const state = bank.app.state<account>(ada);
    CHECK(state.is_closed);
    CHECK_FALSE(state.is_open);
    CHECK(state.balance == eur(0));
    CHECK(bank.app.state<account>(ada, 4).balance == eur(-1));

    bank.app.catch_up();
    auto const row = bank.app.row<account_balances>(ada);
    REQUIRE(row);
    CHECK(row->balance == eur(0));
    CHECK(row->movements == 4);
    auto const lines = bank.app.rows<statement_lines>();
    REQUIRE(lines.size() == 4);
    CHECK(lines[1].amount == eur(-10'001));
    CHECK(lines[1].balance == eur(-1));
    CHECK(lines[2].kind == movement_kind::fee);
    CHECK(lines[3].balance == eur(0));
}

TEST_CASE("a movement whose stated balance is in another currency is refused", "[bank]") {
    record_movement const row{"17",     ada,      movement_kind::deposit,
                              czk(100), eur(100), day(1993, 1, 9)};
    CHECK(when(given(), row) == refused("other_currency"));
}

}  // namespace bank::tests
