// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Penalty interest by the lowest balance of each day, before and after history was corrected.
#include <recount/testing/catch.hpp>

#include <recount/restructure/append.hpp>

#include "bank/penalties.hpp"
#include "memory_bank.hpp"

namespace bank::tests {

namespace {

account_id const ada{"ada"};

statement_row line(recount::date on, std::int64_t minor) {
    statement_row row;
    row.account = ada;
    row.on = on;
    row.amount = czk(minor);
    return row;
}

std::vector<std::int64_t> lowest_of(std::vector<statement_row> const& lines, unsigned first,
                                    unsigned last) {
    std::vector<std::int64_t> minor;
    for (auto const& one : lowest_balances(lines, day(1993, 3, first), day(1993, 3, last))) {
        minor.push_back(one.minor);
    }
    return minor;
}

using numbers = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("a day counts by its lowest balance, the one it began with included", "[bank]") {
    CHECK(lowest_of({}, 1, 3) == numbers{0, 0, 0});
    // Paid in the morning, covered in the evening, and the other way round.
    CHECK(lowest_of({line(day(1993, 3, 2), -70), line(day(1993, 3, 2), 100)}, 1, 3) ==
          numbers{0, -70, 30});
    CHECK(lowest_of({line(day(1993, 3, 2), 100), line(day(1993, 3, 2), -70)}, 1, 3) ==
          numbers{0, 0, 30});
    // Below zero overnight: the days between count, and the one that ends it.
    CHECK(lowest_of({line(day(1993, 3, 1), -5), line(day(1993, 3, 4), 10)}, 1, 5) ==
          numbers{-5, -5, -5, -5, 5});
    // What was before the first day is what that begins with.
    CHECK(lowest_of({line(day(1993, 2, 27), -8), line(day(1993, 3, 2), 9)}, 1, 3) ==
          numbers{-8, -8, 1});
    // Days in order of the calendar, whatever was recorded first.
    CHECK(lowest_of({line(day(1993, 3, 3), -50), line(day(1993, 3, 1), 60)}, 1, 3) ==
          numbers{0, 60, 10});
}

TEST_CASE("20 % a year for each day, rounded to the minor unit", "[bank]") {
    CHECK(penalty_of(czk(0)) == czk(0));
    CHECK(penalty_of(czk(1'000'00)) == czk(0));
    CHECK(penalty_of(czk(-365'00)) == czk(20));
    CHECK(penalty_of(czk(-9'13)) == czk(1));    // 0.50027…
    CHECK(penalty_of(czk(-9'12)) == czk(0));    // 0.49972…
    CHECK(penalty_of(czk(-1'000'000'00)) == czk(547'95));
}

TEST_CASE("a corrected order changes the penalty of that day, and it is said by which movement",
          "[bank]") {
    memory_bank bank;
    auto const record = [&](char const* number, movement_kind kind, std::int64_t minor,
                            unsigned on) {
        REQUIRE(bank.send(record_movement{number, ada, kind, czk(minor), {},
                                          day(1993, 3, on)}) == "accepted");
    };
    record("1", movement_kind::deposit, 100'00, 1);
    record("2", movement_kind::withdrawal, 465'00, 5);
    record("3", movement_kind::deposit, 500'00, 5);
    record("4", movement_kind::withdrawal, 500'00, 30);     // below zero for the rest of the year
    auto const k = bank.log->head().position;
    penalty_options const in_1993{.year = std::chrono::year{1993},
                                  .last = day(1993, 4, 1)};
    auto const before = penalties_of(*bank.log, in_1993);
    CHECK(before.accounts == 1);
    CHECK(before.days == 4);                                // 5 March, 30, 31 March, 1 April
    REQUIRE(before.rows.size() == 1);
    CHECK(before.rows[0].lowest == czk(-365'00));
    CHECK(before.rows[0].amount == czk(20 + 3 * 20));
    CHECK(before.amounts == std::vector<money>{czk(80)});
    CHECK(penalties_since(*bank.log, in_1993, k).changes.empty());

    auto const events = bank.events();
    REQUIRE(events.size() == 5);
    static_cast<void>(recount::history::append_plan(
        *bank.log, recount::restructure{"order"}.because("it came first").move(
                       events[3].id, recount::history::planned_anchor::before(events[2].id))));
    auto const found = penalties_since(*bank.log, in_1993, k);
    CHECK(found.before.amounts == before.amounts);
    CHECK(found.after.amounts == std::vector<money>{czk(60)});
    CHECK(found.after.days == 3);
    REQUIRE(found.changes.size() == 1);
    auto const& change = found.changes[0];
    CHECK(change.on == day(1993, 3, 5));
    CHECK(change.lowest_before == czk(-365'00));
    CHECK(change.lowest_after == czk(100'00));
    CHECK(change.penalty_before == czk(20));
    CHECK(change.penalty_after == czk(0));
    REQUIRE(change.movements.size() == 2);
    auto const& deposit = change.movements[0];
    CHECK(deposit.reference == "3");
    CHECK(deposit.line_before == 3);
    CHECK(deposit.line_after == 2);
    CHECK(deposit.balance_before == czk(135'00));
    CHECK(deposit.balance_after == czk(600'00));
    auto const& withdrawal = change.movements[1];
    CHECK(withdrawal.line_before == 2);
    CHECK(withdrawal.line_after == 3);
    CHECK(withdrawal.balance_before == czk(-365'00));
    CHECK(withdrawal.balance_after == czk(135'00));
    CHECK(penalties_of(*bank.log, in_1993, k).amounts == before.amounts);
}

TEST_CASE("a movement that is taken out changes the penalty of days that have none", "[bank]") {
    memory_bank bank;
    for (auto const* number : {"1", "2"}) {
        REQUIRE(bank.send(record_movement{number, ada, movement_kind::withdrawal, czk(365'00), {},
                                          day(1993, 3, 1)}) == "accepted");
    }
    auto const k = bank.log->head().position;
    static_cast<void>(recount::history::append_plan(
        *bank.log, recount::restructure{"twice"}.because("imported twice").exclude(
                       bank.events().back().id)));
    auto const found = penalties_since(
        *bank.log, {.year = std::chrono::year{1993}, .last = day(1993, 3, 3)}, k);
    CHECK(found.before.amounts == std::vector<money>{czk(3 * 40)});
    CHECK(found.after.amounts == std::vector<money>{czk(3 * 20)});
    REQUIRE(found.changes.size() == 3);
    CHECK(found.changes[0].movements.size() == 2);
    CHECK_FALSE(found.changes[0].movements[1].line_after);
    CHECK(found.changes[1].movements.empty());
    CHECK(found.changes[2].on == day(1993, 3, 3));
}

}  // namespace bank::tests
