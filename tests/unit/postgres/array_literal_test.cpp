// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/postgres/session.hpp>

#include <support/catch.hpp>

using namespace recount;
using postgres::array_literal;
using postgres::quote_identifier;

TEST_CASE("an array without elements is an empty literal") {
    array_literal none;
    CHECK(none.size() == 0);
    CHECK(none.take() == "{}");
}

TEST_CASE("text elements are quoted, and quotes and backslashes in them escaped") {
    array_literal texts;
    texts.add("plain");
    texts.add("");
    texts.add("NULL");
    texts.add(R"(a "b" \c, {d})");
    CHECK(texts.size() == 4);
    CHECK(texts.take() == R"({"plain","","NULL","a \"b\" \\c, {d}"})");
}

TEST_CASE("NULL, numbers and raw elements stand unquoted") {
    array_literal mixed;
    mixed.add_null();
    mixed.add(std::int64_t{-9'223'372'036'854'775'807 - 1});
    mixed.add_raw("true");
    mixed.add_raw("2026-01-31T23:59:59.123456Z");
    CHECK(mixed.take() == "{NULL,-9223372036854775808,true,2026-01-31T23:59:59.123456Z}");
}

TEST_CASE("taking a literal leaves an empty array that can be filled again") {
    array_literal numbers;
    numbers.add(std::int64_t{1});
    CHECK(numbers.take() == "{1}");
    CHECK(numbers.size() == 0);
    numbers.add(std::int64_t{2});
    CHECK(numbers.take() == "{2}");
}

TEST_CASE("what would change its meaning is refused as a raw element") {
    for (std::string_view const bad : {"", "null", "NULL", "a b", "a,b", "{}", "\"", "\\"}) {
        array_literal literal;
        CAPTURE(bad);
        CHECK_THROWS_AS(literal.add_raw(bad), error);
        CHECK(literal.take() == "{}");
    }
}

TEST_CASE("an element with a zero byte is refused and not added") {
    array_literal texts;
    CHECK_THROWS_AS(texts.add(std::string_view{"a\0b", 3}), error);
    CHECK(texts.take() == "{}");
}

TEST_CASE("an identifier of the checked characters is quoted") {
    CHECK(quote_identifier("recount_bank_app") == "\"recount_bank_app\"");
    CHECK(quote_identifier("_a-1$") == "\"_a-1$\"");
    CHECK(quote_identifier(std::string(63, 'a')).size() == 65);
}

TEST_CASE("any other identifier is refused") {
    for (std::string const& bad :
         {std::string{}, std::string{"Aa"}, std::string{"1a"}, std::string{"a b"},
          std::string{"a\"b"}, std::string{"\xC3\xA9t\xC3\xA9"}, std::string(64, 'a')}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(quote_identifier(bad), error);
    }
}
