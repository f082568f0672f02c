// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/limits.hpp>
#include <recount/describe/json.hpp>

#include "sample_types.hpp"
#include "support/catch.hpp"

using recount::json_text;
using samples::refusal_of;

namespace {

std::string refusal(std::string text) {
    return refusal_of([&] { return json_text::checked(std::move(text)); });
}

std::string nested(std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
}

}  // namespace

TEST_CASE("checked text keeps its bytes") {
    for (std::string const text :
         {"{}", " { \"b\" : 1e2, \"a\" : [ null, true ] } ", "null", "-9223372036854775808",
          "18446744073709551615", "\"\\ud83d\\ude00 \xF0\x9F\x98\x80\"", "0.1", "[]",
          "{\"a\":{\"x\":1},\"b\":{\"x\":1}}", "[{\"a\":1},{\"a\":1}]"}) {
        CHECK(json_text::checked(text).str() == text);
    }
    CHECK(json_text{}.str() == "{}");
}

TEST_CASE("repeated keys are refused at every level") {
    CHECK(refusal(R"({"a":1,"b":2,"a":3})") == "$.a: repeated key");
    CHECK(refusal(R"({"x":[0,{"y":{"a":1,"\u0061":2}}]})") == "$.x[1].y.a: repeated key");
    CHECK(refusal(R"({"":1,"":2})") == "$[\"\"]: repeated key");
    CHECK(refusal(R"({"a":{"b":1},"b":{"a":1}})").empty());
}

TEST_CASE("NUL, wrong UTF-8 and integers beyond 64 bits are refused with their path") {
    CHECK(refusal(R"({"a":["x","\u0000"]})") == "$.a[1]: expected text without NUL, found U+0000");
    CHECK(refusal(R"({"a\u0000":1})") ==
          "$[\"a\xEF\xBF\xBD\"]: expected text without NUL, found U+0000");
    CHECK(refusal("{\"a\":\"\xED\xA0\x80\"}") == "$.a: malformed JSON: invalid UTF-8 at byte 7");
    CHECK(refusal("[1,18446744073709551616]") ==
          "$[1]: expected an integer within 64 bits, found 18446744073709551616");
    CHECK(refusal("-9223372036854775809") ==
          "$: expected an integer within 64 bits, found -9223372036854775809");
    CHECK(refusal(std::string{"1\0", 2}) == "$: malformed JSON: a NUL at byte 2");
    CHECK(refusal("[1,]").starts_with("$[0]: malformed JSON at byte 4: unexpected ']'"));
    CHECK(refusal("{\"a\":1").starts_with("$.a: malformed JSON: the text ends too early"));
}

TEST_CASE("64 levels are taken and no more, however deep the text") {
    CHECK(refusal(nested(64)).empty());
    CHECK(refusal(nested(65)).ends_with("[0]: more than 64 levels"));
    CHECK(refusal(std::string(1'000'000, '[')).ends_with("[0]: more than 64 levels"));
}

TEST_CASE("a text beyond the limit is refused as such") {
    auto const text = '"' + std::string(recount::limits::json_bytes_max, 'x') + '"';
    CHECK(refusal_of([&] { return json_text::checked(text); }, recount::errc::limit_exceeded) ==
          "JSON of 4194306 bytes is more than the limit of 4194304");
}

TEST_CASE("what the codec writes passes the check") {
    auto const text = recount::describe::to_json(samples::full());
    CHECK(json_text::checked(text.str()) == text);
}
