// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "transfer/members.hpp"

#include <recount/core/error.hpp>

#include <support/catch.hpp>
#include <support/caught.hpp>

using recount::detail::members_of;

TEST_CASE("the members of an object are as they were written", "[transfer]") {
    auto const members = members_of(
        R"( { "a" : 1e2 ,"b":{"x":[1,{"}":"]"}],"y":"\"}"} , "c":"\\","d":[],"e":true,"f":{},)"
        R"("\u0067":-0.50})");
    REQUIRE(members.size() == 7);
    CHECK(members[0].first == "a");
    CHECK(members[0].second == "1e2");
    CHECK(members[1].second == R"({"x":[1,{"}":"]"}],"y":"\"}"})");
    CHECK(members[2].second == R"("\\")");
    CHECK(members[3].second == "[]");
    CHECK(members[4].second == "true");
    CHECK(members[5].second == "{}");
    CHECK(members[6].first == "g");
    CHECK(members[6].second == "-0.50");
    CHECK(members_of(" {} ").empty());
}

TEST_CASE("what is no object is refused", "[transfer]") {
    for (auto const* text : {"", "[1]", "7", R"({"a":1)", R"({"a":1,"a":2})", R"({"a":})", "null"}) {
        INFO(text);
        auto const failure = recount::tests::caught([&] { static_cast<void>(members_of(text)); });
        CHECK(failure.code() == recount::errc::invalid_json);
    }
}
