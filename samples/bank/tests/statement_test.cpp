// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Statements as they were known at a position, while the account is corrected.
#include <recount/testing/catch.hpp>

#include <recount/restructure/append.hpp>

#include "bank/statement.hpp"
#include "memory_bank.hpp"

namespace bank::tests {

namespace {

recount::stream_name const of_ada{"account-ada"};
account_id const ada{"ada"};

std::string text_of(std::vector<recount::stored_row> const& rows) {
    std::string text;
    for (auto const& one : rows) {
        auto const& line = *static_cast<statement_row const*>(one.object.get());
        text += recount::describe::to_json(line).str() + '\n';
    }
    return text;
}

std::string at(memory_bank& bank, recount::position k) {
    return text_of(statement_at(*bank.log, of_ada, k).lines);
}

}  // namespace

TEST_CASE("a statement at a position is the one that was printed then", "[bank]") {
    memory_bank bank;
    auto const& table = recount::projection_of<statement_lines>();
    std::vector<std::string> printed;
    auto const print = [&] {
        bank.app.catch_up();
        printed.push_back(text_of(bank.tables->query(table, {})));
    };
    print();
    REQUIRE(bank.send(open{ada}) == "accepted");
    print();
    for (auto const minor : {10'000, 20'000, 3'000}) {
        REQUIRE(bank.send(deposit{ada, eur(minor)}) == "accepted");
        print();
    }
    REQUIRE(bank.send(withdraw{ada, eur(500)}) == "accepted");
    print();
    auto const events = bank.events();
    REQUIRE(events.size() == 5);

    auto const correct = [&](recount::restructure const& plan) {
        return recount::history::append_plan(*bank.log, plan).last;
    };
    auto const without = correct(
        recount::restructure{"twice"}.because("imported twice").exclude(events[2].id));
    auto const corrected = at(bank, without);
    auto const moved = correct(recount::restructure{"order"}.because("it came first").move(
        events[3].id, recount::history::planned_anchor::before(events[1].id)));
    auto const reordered = at(bank, moved);
    REQUIRE(bank.send(deposit{ada, eur(1)}) == "accepted");

    // Bit for bit what it was, whatever came later.
    for (std::size_t k = 0; k < printed.size(); ++k) {
        CAPTURE(k);
        CHECK(at(bank, static_cast<recount::position>(k)) == printed[k]);
    }
    CHECK(at(bank, without) == corrected);
    CHECK(at(bank, moved) == reordered);
    CHECK(corrected != printed.back());
    CHECK(reordered != corrected);
    auto const now = statement_at(*bank.log, of_ada, 1'000'000);
    CHECK(now.known_at == bank.log->head().position);
    REQUIRE(now.lines.size() == 4);
    auto const line = [&](std::size_t i) -> statement_row const& {
        return *static_cast<statement_row const*>(now.lines[i].object.get());
    };
    CHECK(line(0).amount == eur(3'000));
    CHECK(line(1).amount == eur(10'000));
    CHECK(line(1).balance == eur(13'000));
    CHECK(line(2).balance == eur(12'500));
    CHECK(line(3).balance == eur(12'501));
}

}  // namespace bank::tests
