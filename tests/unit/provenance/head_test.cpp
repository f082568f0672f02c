// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/provenance/head.hpp>

#include "conformance/log_conformance.hpp"
#include "memory/stored_copy.hpp"

using namespace conformance;
namespace provenance = recount::provenance;

namespace {

// Keys for this test alone, made by `openssl genpkey -algorithm ed25519`.
constexpr std::string_view private_key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIBFqSeO+xKCGuTQMiLJbIaV/OMKDV7tbRdkWnZM84hV2\n"
    "-----END PRIVATE KEY-----\n";
constexpr std::string_view public_key =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAAOCTox1PV/3C+qX5YpUsaV8tvIk6mB+1kJwiyCkjZrc=\n"
    "-----END PUBLIC KEY-----\n";
constexpr std::string_view other_public_key =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAvyGrveIpewdN2BhkTc3rwMkwrHhRVKwlHIn19l7bXx8=\n"
    "-----END PUBLIC KEY-----\n";

provenance::store_head some_head() {
    recount::memory::log log;
    log.append(commit_to("a-1", 3));
    auto copy = recount::memory::stored_copy{log};
    return provenance::read_head(copy, recount::timestamp_from_string("2026-02-03T04:05:06Z"));
}

std::optional<std::string> refusal(provenance::store_head const& one,
                                   std::optional<std::string_view> key = {}) {
    auto const thrown = error_of([&] {
        provenance::check_signature(one, key);
        return 0;
    });
    if (!thrown) return std::nullopt;
    CHECK(thrown->code() == recount::errc::refused);
    return thrown->what();
}

}  // namespace

TEST_CASE("a head goes through its file and keeps its signature", "[provenance]") {
    auto const one = provenance::sign(some_head(), private_key);
    auto const text = provenance::to_json(one);
    CHECK(text.starts_with(R"({"format":"recount/head/1","store_id":")"));
    auto const back = provenance::head_from_json(text);
    CHECK(provenance::to_json(back) == text);
    CHECK(back.position == 3);
    CHECK(back.link == one.link);
    CHECK_FALSE(refusal(back));
    CHECK_FALSE(refusal(back, public_key));
    CHECK(refusal(back, other_public_key) == "the head was signed with another key");
    // Ed25519 is deterministic.
    CHECK(provenance::to_json(provenance::sign(one, private_key)) == text);
}

TEST_CASE("every member of a head is signed", "[provenance]") {
    auto one = provenance::sign(some_head(), private_key);
    SECTION("store id") { one.store_id.octets[0] ^= std::byte{1}; }
    SECTION("store") { one.store = "other"; }
    SECTION("position") { one.position += 1; }
    SECTION("link") { one.link[0] ^= std::byte{1}; }
    SECTION("hash") { one.hash[31] ^= std::byte{1}; }
    SECTION("recorded_at") { one.recorded_at += recount::duration{1}; }
    SECTION("exported_at") { one.exported_at += recount::duration{1}; }
    SECTION("signature") { one.signature->value[3] ^= std::byte{1}; }
    CHECK(refusal(one) == "the head is not as it was signed");
    CHECK(refusal(one, public_key) == "the head is not as it was signed");
}

TEST_CASE("a head without a good signature is refused where one is asked for", "[provenance]") {
    auto const plain = some_head();
    CHECK(refusal(plain) == "the head is not signed");
    auto one = provenance::sign(plain, private_key);
    one.signature->algorithm = "none";
    CHECK(refusal(one).has_value());
    one = provenance::sign(plain, private_key);
    one.signature->value.pop_back();
    CHECK(refusal(one).has_value());
    for (auto const key : {std::string_view{}, std::string_view{"no key"}, public_key}) {
        auto const thrown = error_of([&] { return provenance::sign(plain, key); });
        REQUIRE(thrown);
        CHECK(thrown->code() == recount::errc::refused);
    }
    CHECK(refusal(one, private_key).has_value());
}

TEST_CASE("what is no head is refused by its place", "[provenance]") {
    auto const text = provenance::to_json(some_head());
    auto const changed = [&](std::string const& from, std::string const& to) {
        auto other = text;
        other.replace(other.find(from), from.size(), to);
        return error_of([&] { return provenance::head_from_json(other); });
    };
    REQUIRE(changed("recount/head/1", "recount/head/2"));
    CHECK(changed("recount/head/1", "recount/head/2")->code() == recount::errc::invalid_json);
    CHECK(changed("\"position\":3", "\"position\":-3"));
    CHECK(changed("\"position\"", "\"place\""));
    CHECK(changed("\"link\":\"", "\"link\":\"0"));
    CHECK(error_of([&] { return provenance::head_from_json(std::string(5'000, ' ')); })->code() ==
          recount::errc::invalid_json);
}
