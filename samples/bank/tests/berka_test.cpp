// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Rows of the Berka format: what is read, and what is called malformed.
#include <support/catch.hpp>

#include <recount/core/text.hpp>

#include "bank/berka.hpp"
#include "memory_bank.hpp"

namespace bank::tests {

using namespace std::string_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

std::string const good = R"(695247;2378;930101;"PRIJEM";"VKLAD";700.00;1700.50;"";"YZ";"62457513")";

record_movement row_of(std::string const& line) {
    auto const parsed = parse_berka(line);
    if (auto const* wrong = std::get_if<malformed>(&parsed)) FAIL(wrong->sentence);
    return std::get<record_movement>(parsed);
}

// The sentence; empty if the row was taken.
std::string complaint(std::string const& line) {
    auto const parsed = parse_berka(line);
    auto const* wrong = std::get_if<malformed>(&parsed);
    return wrong == nullptr ? std::string{} : wrong->sentence;
}

// The good row with one of its ten fields replaced.
std::string with_field(std::size_t index, std::string const& text) {
    std::string line;
    std::size_t at = 0;
    for (std::size_t field = 0; field < 10; ++field) {
        auto const end = std::min(good.find(';', at), good.size());
        if (field > 0) line += ';';
        line += field == index ? text : good.substr(at, end - at);
        at = end + 1;
    }
    return line;
}

movement_kind kind_of(std::string const& type, std::string const& operation,
                      std::string const& symbol) {
    return row_of("1;2;930101;\"" + type + "\";\"" + operation + "\";10.00;10.00;\"" + symbol +
                  "\";;")
        .kind;
}

}  // namespace

TEST_CASE("a row of the file becomes the command that records it", "[bank]") {
    auto const row = row_of(good);
    CHECK(row.movement == "695247");
    CHECK(row.account == account_id{"2378"});
    CHECK(row.kind == movement_kind::deposit);
    CHECK(row.amount == czk(70'000));
    CHECK(row.stated_balance == czk(170'050));
    CHECK(row.on == day(1993, 1, 1));
    CHECK(row_of(R"(1;2;991231;"VYDAJ";"VYBER";0.5;-12.3;;;)").stated_balance == czk(-1'230));
    CHECK(row_of(R"(1;2;960229;PRIJEM;VKLAD;5;5;;;)").amount == czk(500));
    CHECK(row_of(R"(1;2;960229;PRIJEM;VKLAD;0.00;5;;;)").amount == czk(0));
    CHECK(row_of(R"(1;2;960229;PRIJEM;VKLAD;999999999999999.99;5;;;)").amount ==
          czk(99'999'999'999'999'999));
}

TEST_CASE("ends of line of every kind are taken off", "[bank]") {
    CHECK(row_of(good + "\r\n").movement == "695247");
    CHECK(row_of(good + "\r").movement == "695247");
    std::string const without_quotes = R"(1;2;930101;"PRIJEM";"VKLAD";7.00;7.00;"";;)";
    CHECK(row_of(without_quotes + "\r\n").amount == czk(700));
}

TEST_CASE("the kind of a movement follows from type, operation and symbol", "[bank]") {
    CHECK(kind_of("PRIJEM", "VKLAD", "") == movement_kind::deposit);
    CHECK(kind_of("PRIJEM", "PREVOD Z UCTU", "DUCHOD") == movement_kind::deposit);
    CHECK(kind_of("PRIJEM", "VKLAD", "UROK") == movement_kind::deposit);
    CHECK(kind_of("PRIJEM", "", "UROK") == movement_kind::interest);
    CHECK(kind_of("PRIJEM", "", "") == movement_kind::interest);
    CHECK(kind_of("VYDAJ", "VYBER", "SLUZBY") == movement_kind::fee);
    CHECK(kind_of("VYDAJ", "VYBER", "SANKC. UROK") == movement_kind::fee);
    CHECK(kind_of("VYDAJ", "", "SANKC. UROK") == movement_kind::fee);
    CHECK(kind_of("VYDAJ", "VYBER", "") == movement_kind::withdrawal);
    CHECK(kind_of("VYDAJ", "PREVOD NA UCET", "SIPO") == movement_kind::withdrawal);
    CHECK(kind_of("VYDAJ", "", "") == movement_kind::withdrawal);
    CHECK(kind_of("VYBER", "VYBER", "") == movement_kind::withdrawal);
    CHECK(kind_of("VYBER", "VYBER", "SLUZBY") == movement_kind::withdrawal);
}

TEST_CASE("each wrong field is named with what was found", "[bank]") {
    struct wrong {
        std::size_t field;
        std::string text, name;
    };
    auto const huge = std::string(400, '9');
    for (auto const& [field, text, name] : std::vector<wrong>{
             {0, "", "trans_id"},     {0, "x1", "trans_id"},
             {0, "-1", "trans_id"},   {0, "1 ", "trans_id"},
             {0, huge, "trans_id"},   {0, "\"\"", "trans_id"},
             {1, "", "account_id"},   {1, "12a", "account_id"},
             {1, huge, "account_id"}, {2, "", "date"},
             {2, "930230", "date"},   {2, "931301", "date"},
             {2, "930100", "date"},   {2, "9301", "date"},
             {2, "19930101", "date"}, {2, "93-1-1", "date"},
             {2, "93010x", "date"},   {2, "950229", "date"},
             {3, "", "type"},         {3, "\"prijem\"", "type"},
             {3, "\"UROK\"", "type"}, {5, "", "amount"},
             {5, "-1.00", "amount"},  {5, "1,00", "amount"},
             {5, "1.000", "amount"},  {5, "1.", "amount"},
             {5, ".5", "amount"},     {5, "+1", "amount"},
             {5, "1e3", "amount"},    {5, "0x10", "amount"},
             {5, "nan", "amount"},    {5, "1.5.5", "amount"},
             {5, huge, "amount"},     {5, "9999999999999999.00", "amount"},
             {5, " 1.00", "amount"},  {6, "", "balance"},
             {6, "--1", "balance"},   {6, "1.234", "balance"},
             {6, huge, "balance"},
         }) {
        CAPTURE(field, text);
        CHECK_THAT(complaint(with_field(field, text)), ContainsSubstring(name + ": expected"));
        CHECK(complaint(with_field(field, text)).size() < 160);
    }
    CHECK(complaint(with_field(2, "930230")) == "date: expected a date YYMMDD, found '930230'");
    CHECK(complaint(with_field(5, "-1.00")) ==
          "amount: expected an amount like 1200.50, found '-1.00'");
}

TEST_CASE("too few fields, too many, and quotes that do not match are malformed", "[bank]") {
    for (auto const& line : std::vector<std::string>{
             "", ";", "1;2", "hello", good.substr(0, good.rfind(';')), good + ";", good + ";;;;",
             R"(695247;2378;930101;"PRIJEM;"VKLAD";700.00;1700.50;"";"YZ";"62457513")",
             R"(695247;2378;930101;"PRIJEM"x;"VKLAD";700.00;1700.50;"";"YZ";"62457513")",
             R"(695247;2378;930101;"PRIJEM";"VKLAD";700.00;1700.50;"";"YZ";"6245)",
             R"(695247;2378;930101;"PRI""JEM";"VKLAD";700.00;1700.50;"";"YZ";"6")", "\"",
             std::string(5'000, ';'), std::string(5'000, '"')}) {
        CAPTURE(line);
        CHECK_THAT(complaint(line), ContainsSubstring("expected 10 fields"));
        CHECK(complaint(line).size() < 300);
    }
}

TEST_CASE("a semicolon within quotes is part of the field", "[bank]") {
    CHECK(row_of(with_field(7, R"("a;b")")).movement == "695247");
    CHECK_THAT(complaint(with_field(3, R"("PRIJEM;VYDAJ")")),
               ContainsSubstring("found 'PRIJEM;VYDAJ'"));
}

TEST_CASE("bytes that are no text are reported in a sentence that is", "[bank]") {
    for (auto const& bytes : std::vector<std::string>{"\xE9"s, "\0"s, "a\0b"s, "\xFF\xFE"s,
                                                      "\x1B[31m"s, "\xC3"s, "\xED\xA0\x80"s}) {
        for (std::size_t const field : {0U, 1U, 2U, 3U, 5U, 6U}) {
            auto const said = complaint(with_field(field, bytes));
            CHECK_FALSE(said.empty());
            CHECK(recount::is_utf8(said));
            CHECK(said.find('\0') == std::string::npos);
            CHECK(said.find('\x1B') == std::string::npos);
        }
        // What is not kept may be anything: the file of other banks is in latin-1.
        CHECK(complaint(with_field(4, "VKLAD" + bytes)).empty());
        CHECK(complaint(with_field(7, bytes)).empty());
        CHECK(complaint(with_field(9, bytes)).empty());
        CHECK(recount::is_utf8(complaint(bytes)));
    }
}

TEST_CASE("the header is that of the format, quoted or not", "[bank]") {
    std::string const header =
        R"("trans_id";"account_id";"date";"type";"operation";"amount";"balance";)"
        R"("k_symbol";"bank";"account")";
    CHECK_FALSE(fault_of_berka_header(header));
    CHECK_FALSE(fault_of_berka_header(header + "\r\n"));
    CHECK_FALSE(fault_of_berka_header(
        "trans_id;account_id;date;type;operation;amount;balance;k_symbol;bank;account"));
    CHECK(fault_of_berka_header(""));
    CHECK(fault_of_berka_header(good));
    CHECK(fault_of_berka_header(header + ";\"more\""));
    CHECK(fault_of_berka_header(header.substr(0, header.rfind(';'))));
    CHECK(fault_of_berka_header("\xEF\xBB\xBF" + good));
}

}  // namespace bank::tests
