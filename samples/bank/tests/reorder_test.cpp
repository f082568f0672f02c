// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Accounts put in order by restructures, on a log in memory.
#include <support/catch.hpp>

#include <recount/restructure/append.hpp>
#include <recount/restructure/read.hpp>
#include <support/wrapped_log.hpp>

#include "bank/reorder.hpp"
#include "memory_bank.hpp"

namespace bank::tests {

using Catch::Matchers::ContainsSubstring;

namespace {

account_id const one{"1"};
account_id const two{"2"};

struct shuffled_bank : memory_bank {
    std::int64_t rows = 0;

    shuffled_bank& record(account_id const& account, unsigned on, std::int64_t amount,
                          std::int64_t stated) {
        record_movement row;
        row.movement = std::to_string(++rows);
        row.account = account;
        row.kind = amount < 0 ? movement_kind::withdrawal : movement_kind::deposit;
        row.amount = czk(std::abs(amount));
        row.stated_balance = czk(stated);
        row.on = day(1993, 1, on);
        REQUIRE(send(row) == "accepted");
        return *this;
    }
    // Of the first account's five rows two days are wrong, of the second's none.
    shuffled_bank& fill() {
        return record(one, 1, 50, 750)
            .record(one, 1, -300, 700)
            .record(two, 1, 10, 10)
            .record(one, 1, 1'000, 1'000)
            .record(one, 2, -50, 800)
            .record(one, 2, 100, 850)
            .record(two, 2, 5, 15);
    }
    order_report fix(order_options const& options = {}) { return put_in_order(app, options); }

    [[nodiscard]] std::string references(account_id const& account) {
        std::string text;
        for (auto const& line : read_book(*log, account).lines) text += *line.reference + " ";
        return text;
    }
    [[nodiscard]] recount::position head() const { return log->head().position; }
};

}  // namespace

TEST_CASE("a book is what the corrected history says of an account's movements", "[bank]") {
    shuffled_bank bank;
    bank.fill();
    auto const book = read_book(*bank.log, one);
    REQUIRE(book.lines.size() == 5);
    CHECK(book.events.size() == 5);
    CHECK(book.version == 6);  // the account was opened, too
    CHECK(book.lines[1].line == 2);
    CHECK(book.lines[1].amount == czk(-300));
    CHECK(book.lines[1].balance == czk(-250));
    CHECK(book.lines[1].kind == movement_kind::withdrawal);
    CHECK(book.lines[1].stated_balance == czk(700));
    CHECK(book.lines[4].on == day(1993, 1, 2));
    CHECK(read_book(*bank.log, {"nobody"}).lines.empty());
}

TEST_CASE("each account is put in order by one restructure that says why", "[bank]") {
    shuffled_bank bank;
    bank.fill();
    auto const report = bank.fix();
    CHECK(bank.references(one) == "4 2 1 6 5 ");
    CHECK(bank.references(two) == "3 7 ");
    CHECK(report.accounts == 1);
    CHECK(report.rows == 4);
    CHECK(report.moves == 3);
    CHECK(report.breaks_before == 5);
    CHECK(report.breaks_after == 0);
    CHECK(report.left == 0);
    CHECK(report.refused == 0);
    REQUIRE(report.changes.size() == 1);
    REQUIRE(report.changes[0].restructures.size() == 1);

    auto const found = bank.log->find_commits(report.changes[0].restructures);
    REQUIRE(found.size() == 1);
    REQUIRE(found.begin()->second.rows.size() == 1);
    auto const& row = found.begin()->second.rows.front();
    CHECK(row.type == recount::history::restructured_type);
    CHECK(row.stream == "account-1");
    CHECK_THAT(row.payload, ContainsSubstring("account 1: rows of a day put in the order"));
    CHECK_THAT(row.payload,
               ContainsSubstring("1993-01-01: movement 4 (line 3) states 10.00 CZK, then movement "
                                 "2 (line 2) states 7.00 CZK, then movement 1 (line 1)"));
    CHECK_THAT(row.payload, ContainsSubstring("1993-01-02: movement 6"));
}

namespace {

template <class Projection> std::vector<std::string> rows_of(memory_bank& bank) {
    std::vector<std::string> texts;
    for (auto const& row : bank.app.rows<Projection>()) {
        texts.push_back(recount::describe::to_json(row).str());
    }
    return texts;
}

}  // namespace

TEST_CASE("the tables follow: other balances between, the same at the end", "[bank]") {
    shuffled_bank bank;
    bank.fill();
    bank.app.catch_up();
    auto const balances = rows_of<account_balances>(bank);
    auto const deposits = rows_of<deposits_by_day>(bank);
    auto const lines = rows_of<statement_lines>(bank);
    static_cast<void>(bank.fix());
    bank.app.catch_up();
    CHECK(rows_of<account_balances>(bank) == balances);
    CHECK(rows_of<deposits_by_day>(bank) == deposits);
    std::vector<std::string> expected;
    for (auto const& account : {one, two}) {
        for (auto const& line : read_book(*bank.log, account).lines) {
            expected.push_back(recount::describe::to_json(line).str());
        }
    }
    CHECK(rows_of<statement_lines>(bank) == expected);
    CHECK(expected != lines);
    bank.app.rebuild(recount::projection_of<statement_lines>());
    CHECK(rows_of<statement_lines>(bank) == expected);
}

TEST_CASE("what is in order is not touched: a second run writes nothing", "[bank]") {
    shuffled_bank bank;
    bank.fill();
    static_cast<void>(bank.fix());
    auto const head = bank.head();
    auto const again = bank.fix();
    CHECK(again.accounts == 0);
    CHECK(again.breaks_before == 0);
    CHECK(again.changes.empty());
    CHECK(bank.head() == head);
    // What comes later is put in order by itself.
    bank.record(one, 3, 1, 851).record(one, 3, 50, 850);
    auto const later = bank.fix();
    CHECK(later.moves == 1);
    CHECK(bank.references(one) == "4 2 1 6 5 9 8 ");
    CHECK(later.changes.at(0).restructures != std::vector<recount::uuid>{});
}

TEST_CASE("a dry run says what would be done, and writes nothing", "[bank]") {
    shuffled_bank bank;
    bank.fill();
    auto const head = bank.head();
    auto dry = bank.fix({.dry_run = true});
    CHECK(bank.head() == head);
    CHECK(dry.dry_run);
    auto const done = bank.fix();
    CHECK(dry.accounts == done.accounts);
    CHECK(dry.rows == done.rows);
    CHECK(dry.moves == done.moves);
    CHECK(dry.breaks_before == done.breaks_before);
    CHECK(dry.breaks_after == done.breaks_after);
    CHECK(dry.changes.at(0).restructures.empty());
}

TEST_CASE("rows that no order explains are left, and what gains nothing is not touched", "[bank]") {
    shuffled_bank bank;
    bank.record(one, 1, 100, 100).record(one, 1, 7, 999).record(one, 2, 1, 1'000);
    bank.record(two, 1, 5, 105).record(two, 1, 100, 100).record(two, 2, 7, 999);
    auto const report = bank.fix();
    CHECK(report.left == 2);
    CHECK(report.breaks_before == 4);
    CHECK(report.breaks_after == 2);
    REQUIRE(report.changes.size() == 1);
    CHECK(report.changes[0].account == two);
    CHECK(report.changes[0].left == 1);
    CHECK(bank.references(one) == "1 2 3 ");
    CHECK(bank.references(two) == "5 4 6 ");
}

TEST_CASE("a run that was stopped is gone on with by the next", "[bank]") {
    shuffled_bank bank;
    for (int i = 1; i <= 4; ++i) {
        account_id const account{std::to_string(i)};
        bank.record(account, 1, 5, 105).record(account, 1, 100, 100);
    }
    std::int64_t done = 0;
    auto const first = bank.fix({.progress = [&](std::int64_t accounts) { done = accounts; },
                                 .stop_wanted = [&] { return done == 2; }});
    CHECK(first.accounts == 2);
    CHECK(bank.references({"4"}) == "7 8 ");
    auto const second = bank.fix();
    CHECK(second.accounts == 2);
    CHECK(bank.references({"4"}) == "8 7 ");
    CHECK(bank.fix().accounts == 0);
}

TEST_CASE("after an undo it can be put in order again", "[bank]") {
    shuffled_bank bank;
    bank.fill();
    auto const before = bank.references(one);
    auto const k = bank.head();
    for (int round = 0; round < 3; ++round) {
        auto const report = bank.fix();
        REQUIRE(report.changes.size() == 1);
        CHECK(bank.references(one) != before);
        static_cast<void>(recount::history::append_plan(
            *bank.log, recount::restructure{"undone"}
                           .because("the file was right after all")
                           .undo(report.changes[0].restructures.front())));
        CHECK(bank.references(one) == before);
    }
    auto const then = recount::history::read_corrected(*bank.log, recount::stream_name{"account-1"},
                                                       {.known_at = k});
    CHECK(then.known_at == k);
    CHECK(then.events.size() == 6);
}

TEST_CASE("what others moved is planned anew, and only what is wrong is moved", "[bank]") {
    shuffled_bank bank;
    bank.fill();
    auto const book = read_book(*bank.log, one);
    static_cast<void>(recount::history::append_plan(
        *bank.log,
        recount::restructure{"by hand"}
            .because("seen on paper")
            .move(book.events[4], recount::history::planned_anchor::before(book.events[3]))));
    auto const report = bank.fix();
    CHECK(report.moves == 2);
    CHECK(bank.references(one) == "4 2 1 6 5 ");
}

namespace {

// Somebody who corrects the first account whenever a restructure is about to be appended to it.
struct contended_bank {
    std::shared_ptr<recount::tests::wrapped_log> log =
        std::make_shared<recount::tests::wrapped_log>();
    recount::application app{bank_parts(), log, std::make_shared<recount::memory_row_store>(), {}};
    int corrections_left;
    int corrections = 0;

    explicit contended_bank(int how_many) : corrections_left{how_many} {
        record_movement row{"1", one, movement_kind::deposit, czk(5), czk(105), day(1993, 1, 1)};
        REQUIRE(app.dispatch(row));
        row.movement = "2";
        row.amount = row.stated_balance.emplace(czk(100));
        REQUIRE(app.dispatch(row));
        log->before_restructure = [this] { correct(); };
    }
    void correct() {
        if (corrections_left-- <= 0) return;
        auto const opened = log->inner.read_stream(recount::stream_name{"account-1"}, {}).events[0];
        auto const later = std::chrono::microseconds{++corrections};
        static_cast<void>(recount::history::append_plan(
            log->inner, recount::restructure{"opened a little later"}
                            .because("somebody corrects the same account")
                            .redate(opened.id, opened.recorded_at + later)));
    }
};

}  // namespace

TEST_CASE("an account that another corrects meanwhile is planned anew", "[bank]") {
    contended_bank bank{2};
    auto const report = put_in_order(bank.app);
    CHECK(bank.corrections == 2);
    CHECK(report.refused == 0);
    CHECK(report.moves == 1);
    CHECK(report.breaks_after == 0);
    CHECK(report.changes.at(0).restructures.size() == 1);
}

TEST_CASE("an account that others correct without end is said to be, and left alone", "[bank]") {
    contended_bank bank{1'000};
    auto const report = put_in_order(bank.app);
    CHECK(report.refused == 1);
    CHECK(report.accounts == 0);
    CHECK(report.breaks_after == 2);
    REQUIRE(report.changes.size() == 1);
    CHECK(report.changes[0].restructures.empty());
    CHECK_THAT(report.changes[0].refused.value(), ContainsSubstring("by somebody else"));
}

TEST_CASE("more moves than a restructure should hold become several", "[bank]") {
    constexpr std::int64_t count = 1'205;
    shuffled_bank bank;
    for (std::int64_t n = count; n > 0; --n) bank.record(one, 1, 100, 100 * n);
    auto const report = bank.fix();
    CHECK(report.moves == count - 1);
    CHECK(report.breaks_after == 0);
    CHECK(report.changes.at(0).restructures.size() == 2);
    CHECK(bank.fix().accounts == 0);
}

}  // namespace bank::tests
