// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <cmath>

#include <recount/describe/json.hpp>

#include "sample_types.hpp"
#include "support/catch.hpp"

using namespace samples;
using recount::describe::to_json;

namespace {

struct number {
    double value = 0;
};
RECOUNT_DESCRIBE(number, value)

std::string written(double value) { return to_json(number{value}).str(); }

template <class T> std::string refusal_to_write(T const& value) {
    return refusal_of([&] { return to_json(value); });
}

std::string json_quoted(std::string_view text) {
    std::string result;
    recount::describe::append_quoted(result, text);
    return result;
}

tree tree_of_levels(std::size_t levels) {
    tree root;
    for (std::size_t i = 1; i < levels; ++i) {
        tree parent;
        parent.children.push_back(std::move(root));
        root = std::move(parent);
    }
    return root;
}

}  // namespace

TEST_CASE("an event is written in the order of its macro without spaces") {
    CHECK(to_json(deposited{{"a-1"}, {5000, "EUR"}}).str() ==
          R"({"account":"a-1","amount":{"minor":5000,"currency":"EUR"}})");
}

TEST_CASE("every kind has its pinned form") {
    auto const text = to_json(full()).str();
    auto const expected =
        R"({"flag":true,"i8":-128,"i16":32767,"i32":-2147483648,"i64":-9223372036854775808,)"
        R"("u8":255,"u16":65535,"u32":4294967295,"u64":18446744073709551615,"real":-0.1,)"
        R"("rate":"1.250","text":"žluť \"quoted\" \\ \n\u0001 😀","blob":"-_8","paint":"blue",)"
        R"("note":"","tip":{"minor":-5,"currency":"EUR"},"numbers":[1,-2,3],)"
        R"("lines":[{"article":"nut","count":2,"price":{"minor":150,"currency":"CZK"}},)"
        R"({"article":"bolt","count":1,"price":{"minor":0,"currency":""}}],)"
        R"("by_name":{"":{"article":"a","count":1,"price":{"minor":0,"currency":""}},)"
        R"("my key":{"article":"b","count":2,"price":{"minor":7,"currency":"USD"}}},)"
        R"("first":{"article":"first","count":1,"price":{"minor":1,"currency":"EUR"}},)"
        R"("shape":{"type":"square","value":{"side":4,"label":"s"}},)"
        R"("shapes":[{"type":"circle","value":{"radius":1.5}},)"
        R"({"type":"square","value":{"side":2}}],"at":"2026-01-31T23:59:59.123456Z",)"
        R"("day":"2024-02-29","length":"-PT1H2M3.000004S",)"
        R"("amount":{"minor":-125000,"currency":"CZK"},)"
        R"("id":"0198c0de-0000-7000-8000-00000000abcd","account":"a-1",)"
        R"("device":"0198c0de-0000-7000-8000-00000000abcd","serial":42,)"
        R"("paints":["green","red"],"nothing":{}})";
    CHECK(text == expected);
}

TEST_CASE("an absent optional is left out, wherever it stands") {
    CHECK(to_json(square{1, std::nullopt}).str() == R"({"side":1})");
    struct local {
        static std::string of(everything const& e) { return to_json(e).str(); }
    };
    everything e;
    CHECK(local::of(e).find("note") == std::string::npos);
    CHECK(local::of(e).find("tip") == std::string::npos);
}

TEST_CASE("a double is written as short as it reads back, and never as an integer too large") {
    CHECK(written(0) == R"({"value":0})");
    CHECK(written(2) == R"({"value":2})");
    CHECK(written(0.1) == R"({"value":0.1})");
    CHECK(written(1e300) == R"({"value":1e+300})");
    CHECK(written(12345678901234567890.0) == R"({"value":12345678901234567168.0})");
    CHECK(written(9007199254740992.0) == R"({"value":9007199254740992})");
    CHECK(written(-0.0) == R"({"value":-0.0})");
    CHECK(written(5e-324) == R"({"value":5e-324})");
    CHECK(refusal_to_write(number{NAN}) == "$.value: expected a finite number, found nan");
    CHECK(refusal_to_write(number{-INFINITY}) == "$.value: expected a finite number, found -inf");
}

TEST_CASE("only what JSON requires is escaped") {
    CHECK(to_json(line{"\"\\/\b\f\n\r\t\x1f\x7f é", 0, {}}).str() ==
          "{\"article\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u001f\x7f é\",\"count\":0,"
          "\"price\":{\"minor\":0,\"currency\":\"\"}}");
}

TEST_CASE("what has no JSON form is refused with its path") {
    using namespace std::string_literals;
    everything e;
    e.lines.resize(2);
    e.lines[1].article = "a\0b"s;
    CHECK(refusal_to_write(e) == "$.lines[1].article: expected text without NUL, found U+0000");
    e.lines[1].article = "ab\xC0\x80";
    CHECK(refusal_to_write(e) ==
          "$.lines[1].article: expected UTF-8, found an invalid byte at offset 2");
    e = {};
    e.by_name["a b"].article = "\xff";
    CHECK(refusal_to_write(e) ==
          "$.by_name[\"a b\"].article: expected UTF-8, found an invalid byte at offset 0");
    e = {};
    e.by_name["\xff"];
    CHECK(refusal_to_write(e) ==
          "$.by_name[\"\xEF\xBF\xBD\"]: expected UTF-8, found an invalid byte at offset 0");
    e = {};
    e.paints = {colour::red, static_cast<colour>(77)};
    CHECK(refusal_to_write(e) ==
          "$.paints[1]: expected one of \"red\", \"green\", \"blue\", found "
          "the value 77 that has no name");
    e = {};
    e.amount.minor = 5;
    CHECK(refusal_to_write(e) ==
          "$.amount.currency: expected a currency, found an amount without one");
    e = {};
    e.rate.scale = 19;
    CHECK(refusal_to_write(e) ==
          "$.rate: expected a decimal of at most 18 digits after the point, "
          "found a scale of 19");
    e = {};
    e.at = recount::timestamp_max + recount::duration{1};
    CHECK(refusal_to_write(e) ==
          "$.at: expected a day in the years 0001 to 9999, found one outside");
    e = {};
    e.day = recount::date_min - std::chrono::days{1};
    CHECK(refusal_to_write(e) ==
          "$.day: expected a day in the years 0001 to 9999, found one outside");
    e = {};
    e.shapes = {circle{1}, circle{NAN}};
    CHECK(refusal_to_write(e) == "$.shapes[1].value.radius: expected a finite number, found nan");
    CHECK(refusal_to_write(std::optional<bool>{}) ==
          "$: an absent value can only be left out of a structure");
}

TEST_CASE("a refused value leaves the text as it was") {
    std::string text = "[";
    number const bad{NAN};
    CHECK_THROWS_AS(
        recount::describe::write_json(text, recount::describe::descriptor_of<number>(), &bad),
        recount::error);
    CHECK(text == "[");
}

TEST_CASE("64 levels are written and no more") {
    // A tree has two levels a node: the object and its array; the last one has an empty array.
    CHECK_NOTHROW(to_json(tree_of_levels(32)));
    CHECK(refusal_to_write(tree_of_levels(33)) ==
          "$.children[0].children[0].children[0].children[0]…"
          ".children[0].children[0].children[0].children[0]: more than 64 levels");
    CHECK_THROWS_AS(to_json(tree_of_levels(5'000)), recount::error);
}

TEST_CASE("append_quoted takes any bytes") {
    using namespace std::string_literals;
    CHECK(json_quoted("plain") == "\"plain\"");
    CHECK(json_quoted("") == "\"\"");
    CHECK(json_quoted("a\0b"s) == "\"a\\u0000b\"");
    CHECK(json_quoted("\xff-\xC3") == "\"\xEF\xBF\xBD-\xEF\xBF\xBD\"");
    CHECK(json_quoted("\xED\xA0\x80") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
    CHECK(json_quoted("line\n\"é\"") == "\"line\\n\\\"é\\\"\"");
}
