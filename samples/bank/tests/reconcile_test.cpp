// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Breaks between running and stated balances, in small cases made by hand.
#include <support/catch.hpp>

#include "bank/reconcile.hpp"
#include "memory_bank.hpp"

namespace bank::tests {

namespace {

// A statement of one account: each line with its amount and what the bank stated, in order.
struct statement {
    std::vector<statement_row> lines;
    std::string account = "1";

    statement& add(unsigned on, std::int64_t amount, std::optional<std::int64_t> stated) {
        statement_row row;
        row.account = account_id{account};
        row.line = static_cast<std::int64_t>(lines.size()) + 1;
        row.on = day(1993, 1, on);
        row.amount = czk(amount);
        if (stated) row.stated_balance = czk(*stated);
        lines.push_back(row);
        return *this;
    }
    statement& next(std::string name) {
        account = std::move(name);
        return *this;
    }
    [[nodiscard]] reconcile_report report() const { return reconcile(lines); }
};

}  // namespace

TEST_CASE("nothing to reconcile is no break", "[bank]") {
    auto const report = reconcile({});
    CHECK(report.accounts == 0);
    CHECK(report.movements == 0);
    CHECK(report.breaks == 0);
    CHECK(report.left == 0);
    CHECK(report.rows.empty());
}

TEST_CASE("balances that follow from the ones before are no breaks", "[bank]") {
    auto const report = statement{}.add(1, 1'000, 1'000).add(1, -300, 700).add(2, 50, 750).report();
    CHECK(report.movements == 3);
    CHECK(report.accounts == 1);
    CHECK(report.breaks == 0);
    CHECK(report.left == 0);
}

TEST_CASE("the first balance of an account follows from zero", "[bank]") {
    auto const report = statement{}.add(1, 1'000, 1'500).report();
    REQUIRE(report.breaks == 1);
    CHECK(report.left == 1);
    CHECK(report.rows[0].expected_balance == czk(1'000));
    CHECK(report.rows[0].stated_balance == czk(1'500));
    CHECK(report.rows[0].amount == czk(1'000));
    CHECK(report.rows[0].line == 1);
    CHECK(report.rows[0].on == day(1993, 1, 1));
}

TEST_CASE("rounding of 0.10 fits, 0.11 does not, either way", "[bank]") {
    auto const breaks = [](std::int64_t stated) {
        return statement{}.add(1, 1'000, stated).report().breaks;
    };
    CHECK(breaks(1'010) == 0);
    CHECK(breaks(990) == 0);
    CHECK(breaks(1'011) == 1);
    CHECK(breaks(989) == 1);
    // It does not add up: each row follows from the stated balance before it.
    statement rounded;
    for (int i = 1; i <= 20; ++i) rounded.add(1, 1'000, i * 1'010);
    CHECK(rounded.report().breaks == 0);
    CHECK(rounded.report().left == 0);
}

TEST_CASE("rows of a day in the wrong order are breaks that an order explains", "[bank]") {
    // Proven order: +1000 (1000), −300 (700), +50 (750); recorded the other way round.
    auto const report = statement{}.add(1, 50, 750).add(1, -300, 700).add(1, 1'000, 1'000).report();
    CHECK(report.breaks == 3);
    CHECK(report.left == 0);
    REQUIRE(report.rows.size() == 3);
    CHECK(report.rows[1].expected_balance == czk(450));
}

TEST_CASE("rows of another day are not moved", "[bank]") {
    auto const report = statement{}.add(1, -300, 700).add(2, 1'000, 1'000).report();
    CHECK(report.breaks == 2);
    CHECK(report.left == 2);
}

TEST_CASE("days are taken in the order of the calendar", "[bank]") {
    auto const report = statement{}.add(2, -300, 700).add(1, 1'000, 1'000).report();
    CHECK(report.breaks == 2);
    CHECK(report.left == 0);
}

TEST_CASE("of the day's rows that fit, the first in recorded order is taken", "[bank]") {
    // The second row fits only after the third.
    auto const report = statement{}.add(1, 100, 100).add(1, 100, 100).add(1, -100, 0).report();
    CHECK(report.breaks == 1);
    CHECK(report.left == 0);
}

TEST_CASE("a row that no order explains is left, and the rest is judged from it", "[bank]") {
    auto const report =
        statement{}.add(1, 1'000, 1'000).add(2, -300, 9'700).add(3, 100, 9'800).report();
    CHECK(report.breaks == 1);
    CHECK(report.left == 1);
    CHECK(report.rows[0].line == 2);
}

TEST_CASE("a movement without a stated balance is no break and counts to the next", "[bank]") {
    auto const fine = statement{}.add(1, 1'000, {}).add(1, -300, 700).add(2, 50, {}).report();
    CHECK(fine.breaks == 0);
    CHECK(fine.left == 0);
    CHECK(fine.movements == 3);
    auto const wrong = statement{}.add(1, 1'000, {}).add(1, -300, 800).report();
    CHECK(wrong.breaks == 1);
    auto const none = statement{}.add(1, 1, {}).add(2, 2, {}).next("2").add(1, 3, {}).report();
    CHECK(none.breaks == 0);
    CHECK(none.left == 0);
    CHECK(none.accounts == 2);
}

TEST_CASE("each account begins at zero", "[bank]") {
    auto const report = statement{}
                            .add(1, 1'000, 1'000)
                            .next("2")
                            .add(1, 500, 500)
                            .next("3")
                            .add(1, 500, 2'000)
                            .report();
    CHECK(report.accounts == 3);
    CHECK(report.breaks == 1);
    REQUIRE(report.rows.size() == 1);
    CHECK(report.rows[0].account == account_id{"3"});
}

TEST_CASE("the report has the JSON form that scripts rely on", "[bank]") {
    auto const report = statement{}.add(9, 1'000, 1'500).report();
    CHECK(recount::describe::to_json(report).str() ==
          R"({"accounts":1,"movements":1,"breaks":1,"left":1,"rows":[{"account":"1","line":1,)"
          R"("on":"1993-01-09","amount":{"minor":1000,"currency":"CZK"},)"
          R"("expected_balance":{"minor":1000,"currency":"CZK"},)"
          R"("stated_balance":{"minor":1500,"currency":"CZK"}}]})");
}

}  // namespace bank::tests
