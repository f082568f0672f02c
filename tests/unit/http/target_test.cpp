// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/target.hpp"

#include <support/catch.hpp>

using recount::http::name_value;
using recount::http::detail::parse_target;

namespace {
using segments = std::vector<std::string>;
using pairs = std::vector<name_value>;
}  // namespace

TEST_CASE("a target is taken apart into decoded segments and parameters", "[http][target]") {
    auto const where = parse_target("/streams/account-a%2F1/events?from=3&as=a+b%20c%2B&empty&&e=");
    REQUIRE(where);
    CHECK(where->path == segments{"streams", "account-a/1", "events"});
    CHECK(where->query == pairs{{"from", "3"}, {"as", "a b c+"}, {"empty", ""}, {"e", ""}});
}

TEST_CASE("the root has no segments, and a slash at the end makes an empty one", "[http][target]") {
    CHECK(parse_target("/")->path.empty());
    CHECK(parse_target("/?a=1")->query == pairs{{"a", "1"}});
    CHECK(parse_target("/console/")->path == segments{"console", ""});
    CHECK(parse_target("//a")->path == segments{"", "a"});
    CHECK(parse_target("/a?b?c=/d=e")->query == pairs{{"b?c", "/d=e"}});
}

TEST_CASE("a plus is itself in the path, and escapes may be UTF-8", "[http][target]") {
    CHECK(parse_target("/a+b/%C4%8D")->path == segments{"a+b", "\xC4\x8D"});
}

TEST_CASE("a target that can be read in two ways is none", "[http][target]") {
    auto const target = GENERATE(as<std::string>{}, "", "a", "http://h/", "/%", "/%4", "/%4g",
                                 "/%zz", "/a%00b", "/%0d%0a", "/%7F", "/%FF", "/%C0%AF",
                                 "/%ED%A0%80", "/?a=%FF", "/?%=1", "/a b", "/a#b", "/a\\b",
                                 "/\xC4\x8D", "/../a", "/a/.", "/a/%2e%2E/b", "/?a=%01");
    INFO("target " << target);
    CHECK_FALSE(parse_target(target));
}
