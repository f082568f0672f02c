// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The import on a log in memory: every row once, whatever else is in the file.
#include <support/catch.hpp>

#include <sstream>

#include "bank/import.hpp"
#include "memory_bank.hpp"

namespace bank::tests {

using Catch::Matchers::ContainsSubstring;

namespace {

std::string const header =
    R"("trans_id";"account_id";"date";"type";"operation";"amount";"balance";)"
    R"("k_symbol";"bank";"account")"
    "\n";

struct imported {
    import_report report;
    std::vector<std::pair<std::int64_t, std::string>> complaints;
    std::vector<std::int64_t> ticks;
};

imported import_text(memory_bank& bank, std::string const& text, std::string batch = "berka") {
    imported done;
    import_options options;
    options.batch = std::move(batch);
    options.complain = [&](std::int64_t line, std::string const& sentence) {
        done.complaints.emplace_back(line, sentence);
    };
    options.progress = [&](std::int64_t rows) { done.ticks.push_back(rows); };
    std::istringstream file{text};
    done.report = import_berka(bank.app, file, options);
    return done;
}

std::string row(int id, int account, std::string const& type, std::string const& operation,
                std::string const& amount, std::string const& balance,
                std::string const& symbol = "", std::string const& on = "930109") {
    return std::to_string(id) + ";" + std::to_string(account) + ";" + on + ";\"" + type + "\";\"" +
           operation + "\";" + amount + ";" + balance + ";\"" + symbol + "\";;\n";
}

std::string const small = header + row(1, 7, "PRIJEM", "VKLAD", "700.00", "700.00") +
                          row(2, 8, "PRIJEM", "PREVOD Z UCTU", "10.00", "10.00") +
                          row(3, 7, "VYDAJ", "VYBER", "100.00", "600.00", "", "930110") +
                          row(4, 7, "VYDAJ", "VYBER", "14.60", "585.40", "SLUZBY", "930131") +
                          row(5, 7, "PRIJEM", "", "2.10", "587.50", "UROK", "930131");

std::string many(int rows, int accounts) {
    std::string text = header;
    for (int i = 1; i <= rows; ++i) {
        text += row(i, i % accounts, "PRIJEM", "VKLAD", "1.00", "1.00");
    }
    return text;
}

}  // namespace

TEST_CASE("an import counts movements and accounts, and fills the three tables", "[bank]") {
    memory_bank bank;
    auto const done = import_text(bank, small);
    CHECK(done.report.rows == 5);
    CHECK(done.report.recorded == 5);
    CHECK(done.report.known == 0);
    CHECK(done.report.malformed == 0);
    CHECK(done.report.accounts == 2);
    CHECK(bank.types() == std::vector<std::string>{"account.opened", "account.deposited",
                                                   "account.opened", "account.deposited",
                                                   "account.withdrawn", "account.fee_charged",
                                                   "account.interest_credited"});
    bank.app.catch_up();
    auto const seven = bank.app.row<account_balances>(account_id{"7"});
    REQUIRE(seven);
    CHECK(seven->balance == czk(58'750));
    CHECK(seven->movements == 4);
    CHECK(seven->last_movement_on == day(1993, 1, 31));
    auto const days = bank.app.rows<deposits_by_day>();
    REQUIRE(days.size() == 2);  // interest is no deposit
    CHECK(days[0].account == account_id{"7"});
    CHECK(days[0].amount == czk(70'000));
    CHECK(days[0].day == day(1993, 1, 9));
    CHECK(days[0].deposits == 1);
    auto const lines = bank.app.rows<statement_lines>({{{"account", "7"}}, 0});
    REQUIRE(lines.size() == 4);
    CHECK(lines[0].line == 1);
    CHECK(lines[3].line == 4);
    CHECK(lines[3].kind == movement_kind::interest);
    CHECK(lines[3].balance == czk(58'750));
    CHECK(lines[3].stated_balance == czk(58'750));
    CHECK(lines[3].reference == "5");
    CHECK(lines[2].amount == czk(-1'460));
}

TEST_CASE("an imported event is effective on the day of its row, recorded now", "[bank]") {
    memory_bank bank;
    import_text(bank, small);
    for (auto const& e : bank.events()) {
        REQUIRE(e.effective_at);
        CHECK(recount::date_of(*e.effective_at) < day(1993, 2, 1));
        CHECK(recount::date_of(e.recorded_at) > day(2020, 1, 1));
    }
}

TEST_CASE("the same batch again adds nothing, another batch is another import", "[bank]") {
    memory_bank bank;
    import_text(bank, small);
    auto const head = bank.log->head().position;
    auto const again = import_text(bank, small);
    CHECK(again.report.recorded == 0);
    CHECK(again.report.known == 5);
    CHECK(again.report.accounts == 2);
    CHECK(again.complaints.empty());
    CHECK(bank.log->head().position == head);

    auto const second = import_text(bank, small, "second");
    CHECK(second.report.recorded == 5);
    CHECK(second.report.known == 0);
    bank.app.catch_up();
    auto const seven = bank.app.row<account_balances>(account_id{"7"});
    REQUIRE(seven);
    CHECK(seven->balance == czk(2 * 58'750));
    CHECK(seven->movements == 8);
    CHECK(bank.log->head().position == head + 5);  // the accounts are open already
}

TEST_CASE("an import that was cut short goes on where it stood", "[bank]") {
    memory_bank bank;
    auto const text = many(3'000, 40);
    std::istringstream file{text};
    import_options options;
    std::int64_t seen = 0;
    options.progress = [&](std::int64_t rows) { seen = rows; };
    options.stop_wanted = [&] { return seen >= 1'024; };
    auto const first = import_berka(bank.app, file, options);
    CHECK(first.recorded == 1'024);
    auto const rest = import_text(bank, text);
    CHECK(rest.report.known == 1'024);
    CHECK(rest.report.recorded == 3'000 - 1'024);
    CHECK(bank.log->head().position == 3'000 + 40);
}

TEST_CASE("progress counts the rows, malformed ones too", "[bank]") {
    memory_bank bank;
    auto const done = import_text(bank, many(1'500, 10) + "nonsense\n");
    REQUIRE_FALSE(done.ticks.empty());
    CHECK(std::is_sorted(done.ticks.begin(), done.ticks.end()));
    CHECK(done.ticks.back() == 1'501);
    CHECK(done.report.rows == 1'501);
}

TEST_CASE("malformed rows are reported with their line, and the rest goes on", "[bank]") {
    memory_bank bank;
    auto const done =
        import_text(bank, header + row(1, 7, "PRIJEM", "VKLAD", "1.00", "1.00") + "nonsense\n" +
                              "\n" + row(2, 7, "PRIJEM", "VKLAD", "1.00", "2.00", "", "930230") +
                              row(3, 7, "PRIJEM", "VKLAD", "-1.00", "2.00") +
                              row(4, 7, "PRIJEM", "VKLAD", "1.00", "2.00"));
    REQUIRE(done.complaints.size() == 3);
    CHECK(done.complaints[0].first == 3);
    CHECK_THAT(done.complaints[0].second, ContainsSubstring("expected 10 fields"));
    CHECK(done.complaints[1].first == 5);
    CHECK_THAT(done.complaints[1].second, ContainsSubstring("date"));
    CHECK(done.complaints[2].first == 6);
    CHECK(done.report.rows == 5);
    CHECK(done.report.recorded == 2);
    CHECK(done.report.malformed == 3);
}

TEST_CASE("a number of a movement that comes back with other content is reported", "[bank]") {
    memory_bank bank;
    SECTION("within one file") {
        auto const done = import_text(bank, header + row(1, 7, "PRIJEM", "VKLAD", "1.00", "1.00") +
                                                row(1, 7, "PRIJEM", "VKLAD", "2.00", "3.00") +
                                                row(2, 7, "PRIJEM", "VKLAD", "4.00", "5.00"));
        REQUIRE(done.complaints.size() == 1);
        CHECK(done.complaints[0].first == 3);
        CHECK_THAT(done.complaints[0].second, ContainsSubstring("movement 1"));
        CHECK(done.report.recorded == 2);
        CHECK(done.report.malformed == 1);
        CHECK(bank.app.state<account>(account_id{"7"}).balance == czk(500));
    }
    SECTION("of another account") {
        auto const done = import_text(bank, header + row(1, 7, "PRIJEM", "VKLAD", "1.00", "1.00") +
                                                row(1, 8, "PRIJEM", "VKLAD", "1.00", "1.00"));
        REQUIRE(done.complaints.size() == 1);
        CHECK(bank.log->head().position == 2);
    }
    SECTION("in a later run of the batch") {
        import_text(bank, small);
        auto const done = import_text(bank, header + row(1, 7, "PRIJEM", "VKLAD", "700.01", "1.0"));
        REQUIRE(done.complaints.size() == 1);
        CHECK(done.report.known == 0);
        CHECK(done.report.recorded == 0);
    }
}

TEST_CASE("the same row twice in a file is one movement", "[bank]") {
    memory_bank bank;
    auto const line = row(1, 7, "PRIJEM", "VKLAD", "1.00", "1.00");
    auto const done = import_text(bank, header + line + line);
    CHECK(done.complaints.empty());
    CHECK(done.report.recorded == 1);
    CHECK(done.report.known == 1);
    CHECK(bank.app.state<account>(account_id{"7"}).balance == czk(100));
}

TEST_CASE("a row that the account cannot take is reported, and the rest goes on", "[bank]") {
    memory_bank bank;
    SECTION("the account is closed") {
        REQUIRE(bank.send(open{{"7"}}) == "accepted");
        REQUIRE(bank.send(close{{"7"}}) == "accepted");
        auto const done = import_text(bank, small);
        CHECK(done.complaints.size() == 4);
        CHECK(done.report.recorded == 1);
        CHECK_THAT(done.complaints.front().second, ContainsSubstring("closed"));
    }
    SECTION("it is kept in another currency") {
        REQUIRE(bank.send(open{{"7"}}) == "accepted");
        REQUIRE(bank.send(deposit{{"7"}, eur(5)}) == "accepted");
        auto const done = import_text(bank, small);
        CHECK(done.complaints.size() == 4);
        CHECK(done.report.recorded == 1);
        CHECK(bank.app.state<account>(account_id{"7"}).balance == eur(5));
    }
    SECTION("the sum leaves 64 bits") {
        std::string text = header;
        for (int i = 1; i <= 100; ++i) {
            text += row(i, 7, "PRIJEM", "VKLAD", "999999999999999.99", "1.00");
        }
        auto const done = import_text(bank, text + row(200, 8, "PRIJEM", "VKLAD", "1.00", "1.00"));
        CHECK(done.report.recorded == 92 + 1);  // 92 of them fit
        CHECK(done.complaints.size() == 8);
        bank.app.catch_up();
        CHECK(bank.app.row<account_balances>(account_id{"7"})->movements == 92);
    }
}

TEST_CASE("ends of line of another system, and a last line without one, are read", "[bank]") {
    memory_bank bank;
    std::string text;
    for (char const c : small) text += c == '\n' ? "\r\n" : std::string(1, c);
    text.resize(text.size() - 2);
    CHECK(import_text(bank, text).report.recorded == 5);
}

TEST_CASE("a file without the header of the format is refused as a whole", "[bank]") {
    memory_bank bank;
    for (auto const& text : std::vector<std::string>{"", "\n", small.substr(header.size()),
                                                     "<html>\n", std::string(100, '\0')}) {
        CHECK_THROWS_AS(import_text(bank, text), recount::error);
    }
    CHECK(import_text(bank, header).report.rows == 0);
    CHECK(bank.log->head().position == 0);
}

TEST_CASE("the tables of a large import are those of one event at a time", "[bank]") {
    memory_bank bulk;
    auto const text = many(2'000, 37);
    import_text(bulk, text);
    bulk.app.catch_up();
    memory_bank single;
    std::istringstream lines{text};
    std::string line;
    std::getline(lines, line);
    for (int i = 0; std::getline(lines, line); ++i) {
        import_text(single, header + line + "\n");
        if (i % 100 == 0) single.app.catch_up();
    }
    single.app.catch_up();
    auto const one = bulk.app.rows<statement_lines>();
    auto const two = single.app.rows<statement_lines>();
    REQUIRE(one.size() == 2'000);
    REQUIRE(two.size() == one.size());
    for (std::size_t i = 0; i < one.size(); ++i) {
        REQUIRE(recount::describe::to_json(one[i]) == recount::describe::to_json(two[i]));
    }
}

}  // namespace bank::tests
