// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The expected digests were computed from docs/reference/hash.md by Python's hashlib, not by this
// code. If one of these fails, no existing log can be verified any more.
#include <recount/log/hash.hpp>

#include <vector>

#include "support/catch.hpp"

using recount::digest_from_hex;
using recount::to_hex;

namespace {

recount::uuid const store = recount::uuid_from_string("018f4e2a-7b3c-7d10-8a55-0123456789ab");
constexpr auto* first_hash = "21e75c9491550cbb259d079da1cdac4503eb41b511381f297394e0a17f22eb95";
constexpr auto* second_hash = "a541ff1864c57f668076e8e163d9c954b55bcd131a8c13f1b70b2d07a877cc93";
constexpr auto* third_hash = "00184aeeebf5521bcaf13fe604a71cad943e4979e7f30f8a3c7e925d75a3ba27";

recount::hashed_event second_event() {
    recount::hashed_event e;
    e.stream = "account-a-1";
    e.version = 2;
    e.id = recount::uuid_from_string("018f4e2b-0000-7000-8000-000000000001");
    e.type = "account.deposited";
    e.schema_version = 3;
    e.effective_at = recount::timestamp_from_string("1993-01-09T00:00:00.000001Z");
    e.meta = "{}";
    e.payload = R"({"minor": 1e2})";
    return e;
}

}  // namespace

TEST_CASE("a stream's chain begins with the store and its name", "[hash]") {
    CHECK(to_hex(recount::stream_genesis(store, "account-a-1")) ==
          "686f2774938f8ba77f5b943237863762f62a182a476ec1eca9bafb90fea42deb");
    CHECK(to_hex(recount::stream_genesis(store, "konto-žluť")) ==
          "b9abcc0378a05727bc2afd1189de8c8a6f4f343e1e5c96e204d0d058c62387ee");
}

TEST_CASE("event hashes are those of the specification", "[hash]") {
    recount::hashed_event first;
    first.stream = "account-a-1";
    first.version = 1;
    first.id = recount::uuid_from_string("018f4e2b-0000-7000-8000-000000000000");
    first.type = "account.opened";
    first.schema_version = 1;
    first.command = R"({"name":"account.open","version":1,"payload":{"owner":"Žofie"}})";
    first.meta = R"({"actor":"ann"})";
    first.payload = R"({"owner":"Žofie"})";
    auto const one = recount::event_hash(recount::stream_genesis(store, "account-a-1"), first);
    CHECK(to_hex(one) == first_hash);
    auto const two = recount::event_hash(one, second_event());
    CHECK(to_hex(two) == second_hash);

    recount::hashed_event third;
    third.stream = "account-a-1";
    third.version = 3;
    third.id = recount::uuid_from_string("018f4e2b-1111-7000-8000-000000000000");
    third.type = "account.deposited";
    third.schema_version = 3;
    third.effective_at = recount::timestamp_from_string("1969-12-31T23:59:59.999999Z");
    third.meta = "{}";
    third.payload = "null";
    CHECK(to_hex(recount::event_hash(two, third)) == third_hash);
}

TEST_CASE("an event hash covers each of its parts", "[hash]") {
    auto const previous = digest_from_hex(first_hash);
    auto const original = recount::event_hash(previous, second_event());
    auto const differs = [&](auto change) {
        auto e = second_event();
        change(e);
        return recount::event_hash(previous, e) != original;
    };
    using event = recount::hashed_event;
    CHECK(differs([](event& e) { e.stream = "account-a-2"; }));
    CHECK(differs([](event& e) { e.version = 3; }));
    CHECK(differs([](event& e) { e.id = recount::event_id(e.id, 2); }));
    CHECK(differs([](event& e) { e.type = "account.deposite"; }));
    CHECK(differs([](event& e) { e.schema_version = 1; }));
    CHECK(differs([](event& e) { e.effective_at.reset(); }));
    CHECK(differs([](event& e) { e.effective_at = recount::timestamp{}; }));
    CHECK(differs([](event& e) { e.command = "{}"; }));
    CHECK(differs([](event& e) { e.meta = "{ }"; }));
    CHECK(differs([](event& e) { e.payload = R"({"minor": 100})"; }));
    CHECK_FALSE(differs([](event&) {}));
    // Bytes cannot wander from one field to the next.
    CHECK(differs([](event& e) {
        e.command = "{";
        e.meta = "}";
    }));
    CHECK(recount::event_hash(original, second_event()) != original);
}

TEST_CASE("a recorded event hashes like what it was made of", "[hash]") {
    auto const hashed = second_event();
    recount::recorded_event e;
    e.position = 77;  // neither place nor time of the recording is part of the event's hash
    e.commit_last = 78;
    e.recorded_at = recount::timestamp_from_string("2026-01-31T23:59:59Z");
    e.stream = hashed.stream;
    e.version = hashed.version;
    e.id = hashed.id;
    e.type = hashed.type;
    e.schema_version = hashed.schema_version;
    e.effective_at = hashed.effective_at;
    e.meta = hashed.meta;
    e.payload = hashed.payload;
    CHECK(to_hex(recount::event_hash(digest_from_hex(first_hash), e)) == second_hash);
}

TEST_CASE("links are those of the specification", "[hash]") {
    auto const genesis = recount::link_genesis(store);
    CHECK(to_hex(genesis) == "990ffb7b2af2ffd40634fcb993dafc9f460fad5401d6b74df0db66595f49b71b");
    std::vector<recount::linked_row> const batch{{2, digest_from_hex(first_hash)},
                                                 {2, digest_from_hex(second_hash)}};
    auto const one = recount::link_hash(
        genesis, 1, 2, recount::timestamp_from_string("2026-01-31T23:59:59.123456Z"), batch);
    CHECK(to_hex(one) == "a492c4b3c9d1b1aebe7ef91ea80bfea7fdf24bf99ba7b540cd04cced830b4e67");
    std::vector<recount::linked_row> const next{{3, digest_from_hex(third_hash)}};
    auto const two =
        recount::link_hash(one, 3, 3, recount::timestamp_from_string("2026-02-01T00:00:00Z"), next);
    CHECK(to_hex(two) == "570fe56da71b4437edc2bd18589d31933f8d54dea498b3c59d7ba22e63b3e66e");
}
