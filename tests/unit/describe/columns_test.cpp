// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <cmath>

#include <recount/describe/columns.hpp>

#include "approval.hpp"
#include "sample_types.hpp"

using namespace samples;
using recount::errc;
using recount::describe::column;
using recount::describe::descriptor_of;

namespace {

struct clash {
    recount::money balance;
    std::int64_t balance_minor = 0;
};
RECOUNT_DESCRIBE(clash, balance, balance_minor)

struct long_name {
    std::int32_t a_field_name_of_sixty_four_bytes_is_one_more_than_postgres_keeps = 0;
};
RECOUNT_DESCRIBE(long_name, a_field_name_of_sixty_four_bytes_is_one_more_than_postgres_keeps)

template <class T> column column_of(std::string_view name) {
    for (auto const& c : recount::describe::columns_of(descriptor_of<T>())) {
        if (c.name == name) return c;
    }
    throw std::runtime_error{"no such column"};
}

template <class T> std::optional<std::string> text_of(T const& value, std::string_view name) {
    return recount::describe::column_text(descriptor_of<T>(), column_of<T>(name), &value);
}

template <class T> void set(T& value, std::string_view name, std::optional<std::string_view> text) {
    recount::describe::set_column(descriptor_of<T>(), column_of<T>(name), text, &value);
}

std::string refused(std::string_view name, std::optional<std::string_view> text) {
    auto value = full();
    return refusal_of([&] { return set(value, name, text), 0; }, errc::corrupted);
}

std::string cannot_hold(everything const& value, std::string_view name) {
    return refusal_of([&] { return text_of(value, name); }, errc::invalid_argument);
}

}  // namespace

TEST_CASE("the columns of every kind are the approved ones") {
    std::string text;
    for (auto const& line : recount::describe::column_definitions(
             recount::describe::columns_of(descriptor_of<everything>()))) {
        text += line + '\n';
    }
    approval::check_approved("columns_everything.txt", text);
}

TEST_CASE("a column says which field and which part it is") {
    auto const columns = recount::describe::columns_of(descriptor_of<deposited>());
    REQUIRE(columns.size() == 3);
    CHECK(columns[0].name == "account");
    CHECK(columns[0].sql_type == "text COLLATE \"C\"");
    CHECK(columns[0].cast_type == "text");
    CHECK(columns[1].name == "amount_minor");
    CHECK(columns[1].part == column::part::minor);
    CHECK(columns[2].name == "amount_currency");
    CHECK(columns[2].part == column::part::currency);
    CHECK(columns[2].field == 1);
}

TEST_CASE("names that PostgreSQL would cut or that are taken are refused") {
    auto const refusal = [](recount::describe::type_descriptor const& d) {
        return refusal_of([&] { return recount::describe::columns_of(d); }, errc::invalid_argument);
    };
    CHECK(refusal(descriptor_of<clash>()) == "two fields need the column balance_minor");
    CHECK(refusal(descriptor_of<long_name>()) ==
          "the column a_field_name_of_sixty_four_bytes_is_one_more_than_postgres_keeps has a name "
          "of 64 bytes; at most 63 are possible");
    CHECK(refusal(descriptor_of<std::string>()) == "only a structure has columns, not a string");
}

TEST_CASE("values travel as PostgreSQL's text") {
    auto const e = full();
    CHECK(text_of(e, "flag") == "true");
    CHECK(text_of(e, "i8") == "-128");
    CHECK(text_of(e, "u64") == "18446744073709551615");
    CHECK(text_of(e, "real") == "-0.1");
    CHECK(text_of(e, "rate") == "1.250");
    CHECK(text_of(e, "blob") == "\\xfbff");
    CHECK(text_of(e, "paint") == "blue");
    CHECK(text_of(e, "note") == "");
    CHECK(text_of(everything{}, "note") == std::nullopt);
    CHECK(text_of(e, "tip_minor") == "-5");
    CHECK(text_of(e, "tip_currency") == "EUR");
    CHECK(text_of(everything{}, "tip_minor") == std::nullopt);
    CHECK(text_of(everything{}, "tip_currency") == std::nullopt);
    CHECK(text_of(everything{}, "amount_currency") == "");
    CHECK(text_of(e, "numbers") == "[1,-2,3]");
    CHECK(text_of(e, "shape") == R"({"type":"square","value":{"side":4,"label":"s"}})");
    CHECK(text_of(e, "at") == "2026-01-31T23:59:59.123456Z");
    CHECK(text_of(e, "day") == "2024-02-29");
    CHECK(text_of(e, "length") == "PT-1H-2M-3.000004S");
    CHECK(text_of(everything{}, "length") == "PT0H0M0.000000S");
    CHECK(text_of(e, "account") == "a-1");
    CHECK(text_of(e, "device") == "0198c0de-0000-7000-8000-00000000abcd");
}

TEST_CASE("what PostgreSQL writes is read") {
    everything e;
    set(e, "flag", "t");
    CHECK(e.flag);
    set(e, "flag", "f");
    CHECK_FALSE(e.flag);
    set(e, "at", "2026-01-31 23:59:59.123456+00");
    CHECK(e.at == full().at);
    set(e, "at", "2026-01-31 23:59:59+00");
    CHECK(e.at == recount::timestamp_from_string("2026-01-31T23:59:59Z"));
    set(e, "at", "2026-01-31 23:59:59.5+00");
    CHECK(e.at == recount::timestamp_from_string("2026-01-31T23:59:59.5Z"));
    set(e, "length", "PT-1H-2M-3.000004S");
    CHECK(e.length == full().length);
    set(e, "length", "P1DT-2H");
    CHECK(e.length == std::chrono::hours{22});
    set(e, "length", "PT0S");
    CHECK(e.length == recount::duration{0});
    set(e, "length", "PT-0.5S");
    CHECK(e.length == recount::duration{-500'000});
    set(e, "real", "1e+30");
    CHECK(e.real == 1e30);
    set(e, "blob", "\\xFBff");
    CHECK(e.blob == full().blob);
    set(e, "amount_minor", "0");
    set(e, "amount_currency", "   ");
    CHECK(e.amount.currency.empty());
    set(e, "first", R"({"price": {"minor": 1, "currency": "EUR"}, "count": 1, "article": "x"})");
    CHECK(e.first.article == "x");
    set(e, "shape", R"({"value": {"radius": 1000000000000000000000000000000}, "type": "circle"})");
    CHECK(std::get<circle>(e.shape).radius == 1e30);
}

TEST_CASE("an optional is NULL or a value, an amount in both parts") {
    auto e = full();
    set(e, "note", std::nullopt);
    CHECK_FALSE(e.note.has_value());
    set(e, "note", "");
    CHECK(e.note == "");
    set(e, "tip_minor", std::nullopt);
    set(e, "tip_currency", std::nullopt);
    CHECK_FALSE(e.tip.has_value());
    set(e, "tip_minor", "7");
    set(e, "tip_currency", "CZK");
    CHECK(e.tip == recount::money{7, "CZK"});
    CHECK(refused("tip_currency", std::nullopt) ==
          "the column tip_currency: expected both parts of an amount or neither, found one");
    everything none;
    CHECK(refusal_of([&] { return set(none, "tip_currency", "EUR"), 0; }, errc::corrupted) ==
          "the column tip_currency: expected both parts of an amount or neither, found one");
}

TEST_CASE("text that does not fit is refused with the column") {
    CHECK(refused("i8", std::nullopt) == "the column i8: expected a value, found NULL");
    CHECK(refused("i8", "128") == "the column i8: expected smallint, found \"128\"");
    CHECK(refused("i32", "1x") == "the column i32: expected integer, found \"1x\"");
    CHECK(refused("u8", "-1") == "the column u8: expected smallint, found \"-1\"");
    CHECK(refused("flag", "yes") == "the column flag: expected boolean, found \"yes\"");
    CHECK(refused("real", "NaN") == "the column real: expected double precision, found \"NaN\"");
    CHECK(refused("rate", "NaN") == "the column rate: expected numeric, found \"NaN\"");
    CHECK(refused("blob", "fbff") == "the column blob: expected bytea, found \"fbff\"");
    CHECK(refused("blob", "\\xf") == "the column blob: expected bytea, found \"\\xf\"");
    CHECK(refused("paint", "pink") == "the column paint: expected text, found \"pink\"");
    CHECK(refused("at", "infinity") == "the column at: expected timestamptz, found \"infinity\"");
    CHECK(refused("at", "2026-01-31 23:59:59+01").starts_with("the column at: expected timestamp"));
    CHECK(refused("day", "0044-03-15 BC") ==
          "the column day: expected date, found \"0044-03-15 BC\"");
    for (std::string_view const bad : {"P1Y", "P1M", "1 day", "P", "PT", "PTH", "PT1S1H", "PT1",
                                       "PT.5S", "PT1.S", "PT99999999999999999999H"}) {
        CHECK(refused("length", bad).starts_with("the column length: expected interval"));
    }
    CHECK(refused("amount_currency", "eur") ==
          "the column amount_currency: expected a currency of "
          "three capital letters, found \"eur\"");
    CHECK(refused("amount_currency", "   ") ==
          "the column amount_currency: expected a currency for the amount -125000");
    CHECK(refused("amount_minor", "1.5") ==
          "the column amount_minor: expected an integer, found \"1.5\"");
    CHECK(refused("numbers", "[1, \"x\"]") ==
          "the column numbers: $[1]: expected an integer, found a string");
}

TEST_CASE("values that PostgreSQL would not take are refused with the column") {
    using namespace std::string_literals;
    everything e;
    e.text = "a\0b"s;
    CHECK(cannot_hold(e, "text") == "the column text cannot hold text with a NUL");
    e.text = "\xff";
    CHECK(cannot_hold(e, "text") == "the column text cannot hold text that is not UTF-8");
    e.real = NAN;
    CHECK(cannot_hold(e, "real") == "the column real cannot hold a number that is not finite");
    e.amount.minor = 5;
    CHECK(cannot_hold(e, "amount_currency") ==
          "the column amount_currency needs a currency for the amount 5");
    e.at = recount::timestamp_max + recount::duration{1};
    CHECK(cannot_hold(e, "at") == "the column at cannot hold a day outside the years 0001 to 9999");
    e.paint = static_cast<colour>(9);
    CHECK(cannot_hold(e, "paint") == "the column paint cannot hold the enum value 9 without name");
}
