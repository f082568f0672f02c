// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the tables hold of a history, in memory and on PostgreSQL.
#include <recount/testing/catch.hpp>

#include <cstdlib>
#include <filesystem>

#include <recount/restructure/append.hpp>

#include "bank/charges.hpp"
#include "bank/projections.hpp"
#include "bank/standing_orders.hpp"
#include "bank/transfers.hpp"
#include "memory_bank.hpp"

namespace bank::tests {

using recount::effective;
using recount::in;

namespace {

account_id const ada{"ada"};
account_id const bob{"bob"};
recount::date const monday = day(2026, 1, 5);
recount::date const tuesday = day(2026, 1, 6);

auto on(recount::date when, auto event) {
    return effective(std::move(event), recount::start_of(when));
}

auto history_of_ada() {
    return in("account-ada", on(monday, opened{ada}),
              on(tuesday, deposited{ada, eur(500), eur(500), "17"}),
              on(monday, withdrawn{ada, eur(200)}), on(tuesday, fee_charged{ada, eur(1)}),
              on(tuesday, deposited{ada, eur(100)}));
}
auto history_of_bob() {
    return in("account-bob", on(monday, opened{bob}), on(tuesday, deposited{bob, eur(7)}),
              on(tuesday, interest_credited{bob, eur(1)}));
}

// samples/bank/schemas. ctest says where the sources are; by hand it is beside this folder.
std::filesystem::path schemas_folder() {
    if (auto const* const source = std::getenv("RECOUNT_SOURCE")) {
        return std::filesystem::path{source} / "samples" / "bank" / "schemas";
    }
    return std::filesystem::path{__FILE__}.parent_path() / ".." / "schemas";
}

}  // namespace

TEST_CASE("balances know what an account holds, and the last day it was moved", "[bank]") {
    recount::given_projection<account_balances>(history_of_ada(), history_of_bob(),
                                                in("account-eve", opened{{"eve"}}))
        .on_postgres()
        .then_rows(balance_row{ada, eur(399), 4, tuesday}, balance_row{bob, eur(8), 2, tuesday},
                   balance_row{{"eve"}});
}

TEST_CASE("deposits are summed up by day and account, and can be taken back", "[bank]") {
    recount::given_projection<deposits_by_day>(history_of_ada(), history_of_bob())
        .on_postgres()
        .then_rows(deposits_row{tuesday, ada, eur(600), 2}, deposits_row{tuesday, bob, eur(7), 1});
}

TEST_CASE("a statement numbers its lines and carries the balance along", "[bank]") {
    using kind = movement_kind;
    recount::given_projection<statement_lines>(history_of_ada(), history_of_bob())
        .on_postgres()
        .then_rows(
            statement_row{ada, 1, tuesday, kind::deposit, eur(500), eur(500), eur(500), "17"},
            statement_row{ada, 2, monday, kind::withdrawal, eur(-200), eur(300)},
            statement_row{ada, 3, tuesday, kind::fee, eur(-1), eur(299)},
            statement_row{ada, 4, tuesday, kind::deposit, eur(100), eur(399)},
            statement_row{bob, 1, tuesday, kind::deposit, eur(7), eur(7)},
            statement_row{bob, 2, tuesday, kind::interest, eur(1), eur(8)});
}

TEST_CASE("a movement counts to the account that it is in, whomever its payload names", "[bank]") {
    auto const moved = in("account-bob", on(monday, deposited{ada, eur(5)}));
    recount::given_projection<account_balances>(moved).on_postgres().then_rows(
        balance_row{bob, eur(5), 1, monday});
    recount::given_projection<deposits_by_day>(moved).on_postgres().then_rows(
        deposits_row{monday, bob, eur(5), 1});
    recount::given_projection<statement_lines>(moved).on_postgres().then_rows(
        statement_row{bob, 1, monday, movement_kind::deposit, eur(5), eur(5)});
}

TEST_CASE("a deposit that was booked on the wrong account leaves it, in every table", "[bank]") {
    memory_bank bank;
    auto const append = [&](recount::stream_name const& stream, auto const& event) {
        recount::commit c;
        auto const name = recount::event_name_of<std::decay_t<decltype(event)>>();
        c.events.push_back({stream, std::string{name.name}, name.version,
                            recount::describe::to_json(event), recount::start_of(monday)});
        return bank.log->append(c).events.front().id;
    };
    recount::stream_name const of_ada{"account-ada"};
    recount::stream_name const of_bob{"account-bob"};
    append(of_ada, opened{ada});
    append(of_bob, opened{bob});
    append(of_ada, deposited{ada, eur(500)});
    append(of_bob, deposited{bob, eur(7)});
    auto const wrong = append(of_ada, deposited{ada, eur(100)});
    append(of_bob, withdrawn{bob, eur(2)});
    bank.app.catch_up();

    auto plan = recount::restructure{"it was Bob's"}.because("the slip says so");
    plan.move(wrong, "account-bob");
    auto const done = recount::history::append_plan(*bank.log, plan);
    bank.app.catch_up();
    auto const balance_of = [&](account_id const& id) {
        return bank.app.row<account_balances>(id)->balance;
    };
    CHECK(balance_of(ada) == eur(500));
    CHECK(balance_of(bob) == eur(105));
    CHECK(bank.app.row<deposits_by_day>({monday, ada})->deposits == 1);
    CHECK(bank.app.row<deposits_by_day>({monday, bob})->amount == eur(107));
    CHECK_FALSE(bank.app.row<statement_lines>({ada, 2}).has_value());
    CHECK(bank.app.row<statement_lines>({bob, 2})->balance == eur(107));
    CHECK(bank.app.row<statement_lines>({bob, 3})->balance == eur(105));

    auto undo = recount::restructure{"it was not"}.because("another slip");
    undo.undo(recount::command_id_of(done.events.front().id));
    static_cast<void>(recount::history::append_plan(*bank.log, undo));
    bank.app.catch_up();
    CHECK(balance_of(ada) == eur(600));
    CHECK(balance_of(bob) == eur(5));
    CHECK(bank.app.row<statement_lines>({ada, 2})->balance == eur(600));
    CHECK(bank.app.row<statement_lines>({bob, 2})->balance == eur(5));
}

TEST_CASE("the published schemas of the bank hold", "[bank]") {
    recount::testing::check_published_schemas<account, account_balances, deposits_by_day,
                                              statement_lines, transfer, transfers,
                                              transfers_under_way, standing_order,
                                              standing_orders, charges>(schemas_folder());
}

}  // namespace bank::tests
