// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <cmath>

#include <recount/core/limits.hpp>
#include <recount/describe/json.hpp>

#include "sample_types.hpp"
#include "support/catch.hpp"

using namespace samples;
using recount::describe::from_json;
using recount::describe::to_json;

namespace {

struct numbers {
    std::int8_t i8 = 0;
    std::uint64_t u64 = 0;
    std::int64_t i64 = 0;
    double real = 0;
};
RECOUNT_DESCRIBE(numbers, i8, u64, i64, real)

struct prefilled {
    std::optional<std::string> note = "default";
    std::vector<std::int32_t> list = {1, 2, 3};
    std::map<std::string, std::int32_t> counts = {{"old", 1}};
};
RECOUNT_DESCRIBE(prefilled, note, list, counts)

template <class T> std::string refusal(std::string_view text) {
    return refusal_of([&] { return from_json<T>(text); });
}

// The whole of `everything` with one field's JSON replaced.
std::string with(std::string_view field, std::string_view value) {
    auto text = to_json(full()).str();
    auto const key = '"' + std::string{field} + "\":";
    auto const begin = text.find(key) + key.size();
    auto const next = [&] {  // the values replaced below hold no comma at their top level
        auto depth = 0;
        bool string = false;
        for (auto i = begin;; ++i) {
            if (text[i] == '"' && text[i - 1] != '\\') string = !string;
            if (string) continue;
            if (text[i] == '{' || text[i] == '[') ++depth;
            if (depth == 0 && (text[i] == ',' || text[i] == '}')) return i;
            if (text[i] == '}' || text[i] == ']') --depth;
        }
    }();
    return text.replace(begin, next - begin, value);
}

std::string refused(std::string_view field, std::string_view value) {
    return refusal<everything>(with(field, value));
}

std::string repeated(std::string_view part, std::size_t times) {
    std::string text;
    for (; times > 0; --times) text += part;
    return text;
}

}  // namespace

TEST_CASE("every kind reads back as it was written") {
    auto const text = to_json(full());
    auto const back = from_json<everything>(text);
    CHECK(same(back, full()));
    CHECK(to_json(back) == text);
    CHECK(same(from_json<everything>(to_json(everything{})), everything{}));
}

TEST_CASE("fields come in any order, with any white space") {
    auto const read = from_json<deposited>(
        "\r\n{ \"amount\" : {\"currency\":\"EUR\",\t\"minor\":5000} , \"account\":\"a-1\"} ");
    CHECK(same(read, deposited{{"a-1"}, {5000, "EUR"}}));
}

TEST_CASE("an absent optional reads as absent, whatever its initializer says") {
    auto const read = from_json<prefilled>(R"({"list":[9],"counts":{"new":2}})");
    CHECK(same(read, prefilled{std::nullopt, {9}, {{"new", 2}}}));
}

TEST_CASE("a text that is no JSON is refused with the place") {
    CHECK(refusal<deposited>("") == "$: malformed JSON: expected a value, found nothing");
    CHECK(refusal<deposited>(" \n") == "$: malformed JSON: expected a value, found nothing");
    CHECK(refusal<deposited>("{") == "$: malformed JSON: the text ends too early, after byte 1");
    CHECK(refusal<deposited>(R"({"account":"a)") ==
          "$.account: malformed JSON: the text ends too early, after byte 13");
    CHECK(refusal<deposited>(R"({"account":"a",})") ==
          "$.account: malformed JSON at byte 16: unexpected '}', expected string literal, near "
          "\"{\"account\":\"a\",}\"");
    CHECK(refusal<empty>("{} {}") ==
          "$: malformed JSON at byte 4: unexpected '{', expected end of "
          "input, near \"{} {\"");
    CHECK(refusal<empty>("{}/**/").starts_with("$: malformed JSON at byte "));
    CHECK(refusal<empty>("nul}").starts_with("$: malformed JSON at byte 4: invalid literal"));
    CHECK(refusal<line>("{\"article\":\"\n\"}")
              .starts_with("$.article: malformed JSON at byte 13: invalid string: control"));
    CHECK(refusal<line>(R"({"article":"\ud800"})").find("surrogate") != std::string::npos);
    CHECK(refusal<line>("{\"article\":\"\xC0\x80\"}") ==
          "$.article: malformed JSON: invalid UTF-8 at byte 13");
    CHECK(refusal<empty>(std::string_view{"{}\0{}", 5}) == "$: malformed JSON: a NUL at byte 3");
    CHECK(refusal<empty>("\xEF\xBB\xBF{}") == "$: malformed JSON: a byte order mark at byte 1");
    CHECK(refusal<numbers>(R"({"real":1e999})") ==
          "$.real: expected a number within the range of a double, at byte 13");
}

TEST_CASE("what a sentence quotes is short and printable") {
    auto const sentence = refusal<line>("{\"article\":\"" + repeated("é", 500) + "\x1b[31m\"} ?");
    CHECK(sentence.size() < 200);
    CHECK(sentence.find('\x1b') == std::string::npos);
    auto const long_value = refused("paint", '"' + repeated("é", 500) + '"');
    CHECK(long_value == "$.paint: expected one of \"red\", \"green\", \"blue\", found \"" +
                            repeated("é", 20) + "…\"");
    auto const long_key = refusal<empty>("{\"" + repeated("k", 500) + "\":1}");
    CHECK(long_key == "$[\"" + repeated("k", 40) + "…\"]: unknown field, the structure has none");
}

TEST_CASE("unknown, missing and repeated fields are named") {
    CHECK(refusal<deposited>(R"({"account":"a","colour":1})") ==
          "$.colour: unknown field, expected account, amount");
    CHECK(refusal<deposited>(R"({"account":"a"})") ==
          "$.amount: missing field, expected an object of \"minor\" and \"currency\"");
    CHECK(refusal<deposited>("{}") == "$.account: missing field, expected a string");
    CHECK(refusal<deposited>(R"({"account":"a","account":"b"})") == "$.account: repeated field");
    CHECK(refused("first", R"({"article":"a","count":1})") ==
          "$.first.price: missing field, expected an object of \"minor\" and \"currency\"");
    CHECK(refused("by_name", R"({"a b":{"article":"","count":1,"price":{"minor":0,"currency":""}},)"
                             R"("a b":{}})") == "$.by_name[\"a b\"]: repeated key");
    CHECK(refusal<empty>(R"({"":1})") == "$[\"\"]: unknown field, the structure has none");
}

TEST_CASE("null is refused everywhere") {
    CHECK(refused("note", "null") ==
          "$.note: expected a string, found null (an absent field is left out)");
    CHECK(refused("text", "null") == "$.text: expected a string, found null");
    CHECK(refused("numbers", "[1,null]") == "$.numbers[1]: expected an integer, found null");
    CHECK(refusal<deposited>("null") == "$: expected an object, found null");
}

TEST_CASE("a value of another type is refused with both") {
    CHECK(refused("flag", "1") == "$.flag: expected true or false, found an integer");
    CHECK(refused("i32", "\"1\"") == "$.i32: expected an integer, found a string");
    CHECK(refused("i32", "true") == "$.i32: expected an integer, found true");
    CHECK(refused("real", "\"1\"") == "$.real: expected a number, found a string");
    CHECK(refused("rate", "1.5") ==
          "$.rate: expected a decimal number in a string, like \"12.50\", found a number");
    CHECK(refused("text", "[]") == "$.text: expected a string, found an array");
    CHECK(refused("text", "{}") == "$.text: expected a string, found an object");
    CHECK(refused("numbers", "{}") == "$.numbers: expected an array, found an object");
    CHECK(refused("numbers", "[[]]") == "$.numbers[0]: expected an integer, found an array");
    CHECK(refused("by_name", "[]") == "$.by_name: expected an object, found an array");
    CHECK(refused("first", "7") == "$.first: expected an object, found an integer");
    CHECK(refused("shape", "\"circle\"") ==
          "$.shape: expected an object of \"type\" and \"value\", found a string");
    CHECK(refused("amount", "12") ==
          "$.amount: expected an object of \"minor\" and \"currency\", found an integer");
    CHECK(refused("amount", R"({"minor":"5","currency":"EUR"})") ==
          "$.amount.minor: expected an integer, found a string");
    CHECK(refused("serial", "\"x\"") == "$.serial: expected an integer, found a string");
    CHECK(refused("lines",
                  R"([{"article":"a","count":1,"price":{"minor":0,"currency":""}},)"
                  R"({"article":false}])") == "$.lines[1].article: expected a string, found false");
}

TEST_CASE("integers stay within their kind") {
    CHECK(refused("i8", "128") == "$.i8: expected an integer from -128 to 127, found 128");
    CHECK(refused("i8", "-129") == "$.i8: expected an integer from -128 to 127, found -129");
    CHECK(refused("u8", "-1") == "$.u8: expected an integer from 0 to 255, found -1");
    CHECK(refused("u32", "4294967296") ==
          "$.u32: expected an integer from 0 to 4294967295, found 4294967296");
    CHECK(refused("i64", "9223372036854775808") ==
          "$.i64: expected an integer from -9223372036854775808 to 9223372036854775807, found "
          "9223372036854775808");
    CHECK(refused("u64", "18446744073709551616") ==
          "$.u64: expected an integer from 0 to 18446744073709551615, found 18446744073709551616");
    CHECK(refused("i64", "-9223372036854775809") ==
          "$.i64: expected an integer from -9223372036854775808 to 9223372036854775807, found "
          "-9223372036854775809");
    CHECK(refused("i32", "1.0") ==
          "$.i32: expected an integer without fraction or exponent, found 1.0");
    CHECK(refused("i32", "1e2") ==
          "$.i32: expected an integer without fraction or exponent, found 1e2");
    CHECK(refused("text", "99999999999999999999") ==
          "$.text: expected a string, found an integer beyond 64 bits");
}

TEST_CASE("a double takes any number") {
    auto const real = [](std::string_view text) {
        return from_json<circle>("{\"radius\":" + std::string{text} + "}").radius;
    };
    CHECK(real("2") == 2.0);
    CHECK(real("-2") == -2.0);
    CHECK(real("2.5e-3") == 0.0025);
    CHECK(real("18446744073709551615") == 18446744073709551615.0);
    CHECK(real("1000000000000000000000000000000") == 1e30);
    CHECK(real("1e-400") == 0.0);
    CHECK(std::signbit(real("-0.0")));
    for (double const value : {2.0, 1e15, 9007199254740993.0, 1.7976931348623157e308, 5e-324,
                               12345678901234567890.0, -1e18, 0.1, 1e21}) {
        CHECK(from_json<circle>(to_json(circle{value})).radius == value);
    }
}

TEST_CASE("strings of a form are refused with the form") {
    CHECK(refused("text", R"("a\u0000b")") == "$.text: expected text without NUL, found U+0000");
    CHECK(refused("by_name", R"({"\u0000":1})") ==
          "$.by_name[\"\xEF\xBF\xBD\"]: expected text without NUL, found U+0000");
    CHECK(refused("paint", "\"pink\"") ==
          "$.paint: expected one of \"red\", \"green\", \"blue\", found \"pink\"");
    CHECK(refused("rate", "\"1,5\"") ==
          "$.rate: expected a decimal number in a string, like \"12.50\", found \"1,5\"");
    CHECK(refused("rate", "\"9223372036854775808\"").starts_with("$.rate: expected a decimal"));
    CHECK(refused("blob", "\"-_9\"") ==
          "$.blob: expected a string of base64url without padding, found \"-_9\"");
    CHECK(refused("at", "\"2026-01-31\"") ==
          "$.at: expected a timestamp like \"2026-01-31T23:59:59.123456Z\", found \"2026-01-31\"");
    CHECK(refused("at", "\"2026-01-31T23:59:59+01:00\"").starts_with("$.at: expected a timestamp"));
    CHECK(refused("day", "\"2026-02-30\"") ==
          "$.day: expected a date like \"2026-01-31\", found \"2026-02-30\"");
    CHECK(refused("length", "\"1h\"") ==
          "$.length: expected a duration like \"PT1H30M\", found \"1h\"");
    CHECK(refused("id", "\"0198\"") == "$.id: expected a UUID, found \"0198\"");
    CHECK(refused("device", "\"x\\ny\"") == "$.device: expected a UUID, found \"x\xEF\xBF\xBDy\"");
}

TEST_CASE("money needs both parts, and a currency unless it is zero") {
    CHECK(refused("amount", R"({"currency":"EUR"})") ==
          "$.amount.minor: missing field, expected an integer");
    CHECK(refused("amount", R"({"minor":1})") ==
          "$.amount.currency: missing field, expected a string");
    CHECK(refused("amount", R"({"minor":1,"currency":""})") ==
          "$.amount.currency: expected a currency of three capital letters for the amount 1, found "
          "\"\"");
    CHECK(refused("amount", R"({"minor":1,"currency":"eur"})") ==
          "$.amount.currency: expected a currency of three capital letters, found \"eur\"");
    CHECK(refused("amount", R"({"minor":1,"currency":5})") ==
          "$.amount.currency: expected a string, found an integer");
    CHECK(refused("amount", R"({"minor":1,"currency":"EUR","scale":2})") ==
          "$.amount.scale: unknown field, expected minor, currency");
    CHECK(refused("amount", R"({"minor":1,"minor":1,"currency":"EUR"})") ==
          "$.amount.minor: repeated field");
    CHECK(refused("amount", R"({"minor":1.5,"currency":"EUR"})") ==
          "$.amount.minor: expected an integer without fraction or exponent, found 1.5");
    CHECK(from_json<recount::money>(R"({"currency":"","minor":0})").currency.empty());
    CHECK(from_json<recount::money>(R"({"currency":"EUR","minor":0})").currency.text() == "EUR");
}

TEST_CASE("a variant reads its value before or after its type") {
    auto const read = [](std::string_view text) { return from_json<figure>(text); };
    CHECK(same(read(R"({"type":"square","value":{"side":3}})"), figure{square{3, {}}}));
    CHECK(
        same(read(R"({"value":{"side":3,"label":"x"},"type":"square"})"), figure{square{3, "x"}}));
    CHECK(refused("shape", R"({"type":"cube","value":{}})") ==
          "$.shape.type: expected one of \"circle\", \"square\", found \"cube\"");
    CHECK(refused("shape", R"({"value":{},"type":"cube"})") ==
          "$.shape.type: expected one of \"circle\", \"square\", found \"cube\"");
    CHECK(refused("shape", R"({"type":7,"value":{}})") ==
          "$.shape.type: expected a string, found an integer");
    CHECK(refused("shape", R"({"type":"circle"})") ==
          "$.shape.value: missing field, expected an object");
    CHECK(refused("shape", R"({"value":{}})") == "$.shape.type: missing field, expected a string");
    CHECK(refused("shape", R"({"type":"circle","value":{"radius":1},"x":1})") ==
          "$.shape.x: unknown field, expected type, value");
    CHECK(refused("shape", R"({"type":"circle","type":"circle"})") ==
          "$.shape.type: repeated field");
    CHECK(refused("shape", R"({"type":"circle","value":7})") ==
          "$.shape.value: expected an object, found an integer");
}

TEST_CASE("a value kept until its type is known is checked as strictly, with the same paths") {
    CHECK(refused("shapes", R"([{"value":{"side":"3"},"type":"square"}])") ==
          "$.shapes[0].value.side: expected an integer, found a string");
    CHECK(refused("shape", R"({"value":{"side":1,"side":1},"type":"square"})") ==
          "$.shape.value.side: repeated field");
    CHECK(refused("shape", R"({"value":{},"type":"square"})") ==
          "$.shape.value.side: missing field, expected an integer");
    CHECK(refused("shape", R"({"value":{"side":99999999999},"type":"square"})") ==
          "$.shape.value.side: expected an integer from -2147483648 to 2147483647, found "
          "99999999999");
    CHECK(refused("shape", R"({"value":null,"type":"square"})") ==
          "$.shape.value: expected an object, found null");
    CHECK(refused("shape", R"({"value":[true,-1,2.5,99999999999999999999],"type":"square"})") ==
          "$.shape.value: expected an object, found an array");
    CHECK(refused("shape", R"({"value":{"side":1.5},"type":"square"})") ==
          "$.shape.value.side: expected an integer without fraction or exponent, found 1.5");
    CHECK(refused("shape", R"({"value":{"side":1e400},"type":"square"})")
              .starts_with("$.shape.value: expected a number within the range of a double"));
}

TEST_CASE("variants inside variants may all have their value first") {
    auto const text = R"({"name":"root","below":[)"
                      R"({"value":{"name":"a","below":[)"
                      R"({"value":{"value":1},"type":"leaf"},)"
                      R"({"value":{"below":[{"value":{"value":2},"type":"leaf"}],"name":"b"},)"
                      R"("type":"branch"},{"type":"leaf","value":{"value":3}}]},"type":"branch"},)"
                      R"({"value":{"value":4},"type":"leaf"}]})";
    CHECK(to_json(from_json<branch>(text)).str() ==
          R"({"name":"root","below":[)"
          R"({"type":"branch","value":{"name":"a","below":[)"
          R"({"type":"leaf","value":{"value":1}},)"
          R"({"type":"branch","value":{"name":"b","below":[{"type":"leaf","value":{"value":2}}]}},)"
          R"({"type":"leaf","value":{"value":3}}]}},)"
          R"({"type":"leaf","value":{"value":4}}]})");
    auto const wrong = R"({"name":"root","below":[{"value":{"name":"a","below":[)"
                       R"({"value":{"value":"x"},"type":"leaf"}]},"type":"branch"}]})";
    CHECK(refusal<branch>(wrong) ==
          "$.below[0].value.below[0].value.value: expected an integer, found a string");
}

TEST_CASE("64 levels are read and no more") {
    auto const levels = [](std::size_t nodes) {
        auto text = repeated(R"({"value":1,"children":[)", nodes);
        return text + repeated("]}", nodes);
    };
    CHECK_NOTHROW(from_json<tree>(levels(32)));
    CHECK(refusal<tree>(levels(33)).ends_with(".children[0]: more than 64 levels"));
    CHECK(refusal<tree>(repeated("[", 100'000)) == "$: expected an object, found an array");
    CHECK(refusal<tree>(levels(40'000)).ends_with(": more than 64 levels"));
    // Also while a value is only kept.
    CHECK(refusal<figure>("{\"value\":" + repeated("[", 100'000)) ==
          "$.value: more than 64 levels");
}

TEST_CASE("a text beyond the limit is not even looked at") {
    std::string const text(recount::limits::json_bytes_max + 1, ' ');
    CHECK(refusal_of([&] { return from_json<empty>(text); }, recount::errc::limit_exceeded) ==
          "JSON of 4194305 bytes is more than the limit of 4194304");
}

TEST_CASE("strict reading holds for what stands alone") {
    CHECK(from_json<std::int32_t>("7") == 7);
    CHECK(from_json<std::string>("\"x\"") == "x");
    CHECK(from_json<std::vector<std::int32_t>>(" [1, 2] ") == std::vector<std::int32_t>{1, 2});
    CHECK(from_json<std::optional<std::int32_t>>("7") == 7);
    CHECK(refusal<std::vector<std::int32_t>>("[1,2]]").starts_with("$: malformed JSON at byte 6"));
}
