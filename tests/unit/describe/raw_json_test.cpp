// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/describe/raw_json.hpp>

#include <recount/core/error.hpp>

#include <support/catch.hpp>
#include <support/caught.hpp>

using recount::describe::raw_json;
using recount::describe::raw_object;

TEST_CASE("the members of an object are as they were written", "[raw_json]") {
    auto const members = raw_json::of(
        R"( { "a" : 1e2 ,"b":{"x":[1,{"}":"]"}],"y":"\"}"} , "c":"\\","d":[],"e":true,"f":{},)"
        R"("\u0067":-0.50})").members();
    REQUIRE(members.size() == 7);
    CHECK(members[0].first == "a");
    CHECK(members[0].second.text() == "1e2");
    CHECK(members[1].second.text() == R"({"x":[1,{"}":"]"}],"y":"\"}"})");
    CHECK(members[1].second.members()[0].second.elements()[1].path() == "$.b.x[1]");
    CHECK(members[2].second.text() == R"("\\")");
    CHECK(members[3].second.text() == "[]");
    CHECK(members[4].second.boolean());
    CHECK(members[5].second.text() == "{}");
    CHECK(members[6].first == "g");
    CHECK(members[6].second.text() == "-0.50");
    CHECK(raw_json::of(" {} ").members().empty());
}

TEST_CASE("what is no object is refused", "[raw_json]") {
    for (auto const* text :
         {"", "[1]", "7", R"({"a":1)", R"({"a":1,"a":2})", R"({"a":})", "null"}) {
        INFO(text);
        auto const failure = recount::tests::caught(
            [&] { static_cast<void>(raw_json::of(text).members()); });
        CHECK(failure.code() == recount::errc::invalid_json);
    }
}

TEST_CASE("a value without white space keeps what is in its strings", "[raw_json]") {
    CHECK(raw_json::of(" { \"a b\" : [ 1 ,\t2 ] , \"c\" : \"x \\\" y \\\\\" }\r\n").compact() ==
          R"({"a b":[1,2],"c":"x \" y \\"})");
    CHECK(raw_json::of("7 ").compact() == "7");
}

TEST_CASE("a member that nobody asked for is refused, unless the reader is tolerant",
          "[raw_json]") {
    auto const value = raw_json::of(R"({"a":1,"b":2})");
    raw_object strict{value};
    CHECK(strict.need("a").integer(1, 9) == 1);
    CHECK(std::string{recount::tests::caught([&] { strict.finish(); }).what()} ==
          "$.b: unknown field, expected a");
    static_cast<void>(strict.take("longer than a short string is"));
    CHECK(std::string{recount::tests::caught([&] { strict.finish(); }).what()} ==
          "$.b: unknown field, expected a, longer than a short string is");
    auto const missing = recount::tests::caught([&] { static_cast<void>(strict.need("c")); });
    CHECK(std::string{missing.what()} == "$.c: missing field");
    raw_object tolerant{value, true};
    CHECK_NOTHROW(tolerant.finish());
}
