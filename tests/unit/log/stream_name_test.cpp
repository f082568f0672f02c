// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/log/stream_name.hpp>

#include <optional>

#include <recount/core/error.hpp>

#include "support/catch.hpp"

using recount::stream_name;

namespace {

std::optional<std::string> refusal(std::string name) {
    try {
        static_cast<void>(stream_name{std::move(name)});
    } catch (recount::error const& thrown) {
        CHECK(thrown.code() == recount::errc::invalid_argument);
        return thrown.what();
    }
    return std::nullopt;
}

}  // namespace

TEST_CASE("a stream name is split at its first hyphen", "[stream_name]") {
    stream_name const name{"account-a-1"};
    CHECK(name.str() == "account-a-1");
    CHECK(name.category() == "account");
    CHECK(name.id() == "a-1");
    CHECK(stream_name::of("account", "a-1") == name);
    CHECK(stream_name{"account--"}.id() == "-");
}

TEST_CASE("a copied or moved stream name keeps its parts", "[stream_name]") {
    stream_name name{"account-a-1"};
    auto copy = name;
    auto const moved = std::move(name);
    CHECK(copy.category() == "account");
    CHECK(moved.id() == "a-1");
    copy = stream_name{"b-22"};
    CHECK(copy.category() == "b");
    CHECK(copy.id() == "22");
}

TEST_CASE("categories are lower case, digits and underscores", "[stream_name]") {
    for (auto const* good : {"a", "account", "a1_b2", "$saga", "$saga.transfer", "$operations"}) {
        CAPTURE(good);
        CHECK(recount::valid_category(good));
        CHECK_FALSE(refusal(std::string{good} + "-1"));
    }
    CHECK(recount::valid_category(std::string(63, 'a')));
    for (auto const* bad : {"", "A", "1a", "_a", "a.b", "a b", "é", "$", "$1", "$$a"}) {
        CAPTURE(bad);
        CHECK_FALSE(recount::valid_category(bad));
        CHECK(refusal(std::string{bad} + "-1"));
    }
    CHECK_FALSE(recount::valid_category(std::string(64, 'a')));
}

TEST_CASE("an id is 1 to 200 bytes of UTF-8 without control characters", "[stream_name]") {
    CHECK(refusal("account-"));
    CHECK(refusal("account"));
    CHECK(refusal(""));
    CHECK_FALSE(refusal("account-" + std::string(200, 'x')));
    CHECK(refusal("account-" + std::string(201, 'x')) ==
          "'account-" + std::string(56, 'x') +
              "' is no name of a stream: expected an id of 1 to 200 bytes, found 201");
    CHECK_FALSE(refusal("account-žluť 😀 \"{},\\"));
    for (auto const* bad : {"account-a\n", "account-\x7f", "account-\xff", "account-\xc3",
                            "account-\xed\xa0\x80", "account-\xc0\x80"}) {
        CHECK(refusal(bad));
    }
    CHECK(refusal(std::string{"account-a\0b", 11}));
}

TEST_CASE("a category given apart may not hold a hyphen", "[stream_name]") {
    CHECK_THROWS_AS(stream_name::of("a-b", "1"), recount::error);
    CHECK_THROWS_AS(stream_name::of("", "1"), recount::error);
    CHECK_THROWS_AS(stream_name::of("a", ""), recount::error);
}

TEST_CASE("slices come from the first two bytes of SHA-256", "[stream_name]") {
    // From Python: int.from_bytes(hashlib.sha256(name).digest()[:2], "big") & 1023
    CHECK(stream_name{"account-1"}.slice() == 1001);
    CHECK(stream_name{"account-2"}.slice() == 48);
    CHECK(stream_name{"a-1"}.slice() == 911);
    CHECK(stream_name{"notebook-n"}.slice() == 498);
    CHECK(stream_name{"$saga.transfer-1"}.slice() == 664);
    CHECK(stream_name{"account-a-1"}.slice() == 905);
    CHECK(stream_name{"konto-žluť"}.slice() == 233);
}

TEST_CASE("stream names are ordered by their bytes", "[stream_name]") {
    CHECK(stream_name{"a-1"} < stream_name{"a-2"});
    CHECK(stream_name{"a-z"} < stream_name{"a-é"});
    CHECK(std::hash<stream_name>{}(stream_name{"a-1"}) ==
          std::hash<stream_name>{}(stream_name::of("a", "1")));
}
