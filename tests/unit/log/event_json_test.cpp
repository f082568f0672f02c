// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/error.hpp>
#include <recount/log/event.hpp>

#include "support/catch.hpp"

using recount::metadata;

namespace {

recount::uuid const some_id = recount::uuid_from_string("018f4e2b-0000-7000-8000-000000000000");

}  // namespace

TEST_CASE("metadata leaves out what is not known", "[metadata]") {
    CHECK(to_json(metadata{}).str() == "{}");
    metadata meta;
    meta.actor = "ann";
    CHECK(to_json(meta).str() == R"({"actor":"ann"})");
    meta.actor = "";
    CHECK(to_json(meta).str() == R"({"actor":""})");
}

TEST_CASE("metadata has its keys in one order and the user's own under x", "[metadata]") {
    metadata meta;
    meta.x = {{"zone", "eu"}, {"a", "\"é\n"}};
    meta.schema_id = "s";
    meta.app = "bank 1.0";
    meta.basis = 42;
    meta.actor = "ann";
    meta.causation = recount::event_id(some_id, 1);
    meta.correlation = some_id;
    auto const text = to_json(meta).str();
    CHECK(text == R"({"correlation":"018f4e2b-0000-7000-8000-000000000000",)"
                  R"("causation":"018f4e2b-0000-7000-8000-000000000001","actor":"ann","basis":42,)"
                  R"("app":"bank 1.0","schema_id":"s","x":{"a":"\"é\n","zone":"eu"}})");
    auto const back = recount::metadata_from_json(text);
    CHECK(back.correlation == meta.correlation);
    CHECK(back.causation == meta.causation);
    CHECK(back.actor == meta.actor);
    CHECK(back.basis == meta.basis);
    CHECK(back.app == meta.app);
    CHECK(back.schema_id == meta.schema_id);
    CHECK(back.x == meta.x);
}

TEST_CASE("what a newer program has stored in metadata is passed over", "[metadata]") {
    auto const meta = recount::metadata_from_json(
        R"({"later":{"actor":"bob","list":[1]},"actor":"ann","basis":7,"last":null})");
    CHECK(meta.actor == "ann");
    CHECK(meta.basis == 7);
}

TEST_CASE("stored metadata that is not ours is refused", "[metadata]") {
    CHECK_FALSE(recount::metadata_from_json("{}").actor.has_value());
    for (auto const* text :
         {R"({"actor":1})", R"({"actor":null})", R"({"later":1,"actor":1})", "[]", ""}) {
        CAPTURE(text);
        CHECK_THROWS_AS(recount::metadata_from_json(text), recount::error);
    }
}

TEST_CASE("an event has one JSON form, with the stored bytes in it", "[event]") {
    recount::recorded_event e;
    e.position = 12;
    e.stream = "account-\"é\"";
    e.version = 3;
    e.id = recount::event_id(some_id, 1);
    e.type = "account.deposited";
    e.schema_version = 2;
    e.commit_last = 13;
    e.recorded_at = recount::timestamp_from_string("2026-01-31T23:59:59.123456Z");
    e.payload = R"({ "n": 1e2 })";
    e.meta = R"({"actor":"ann"})";
    auto const expected = [](std::string const& effective) {
        return R"({"position":12,"stream":"account-\"é\"","version":3,)"
               R"("id":"018f4e2b-0000-7000-8000-000000000001","type":"account.deposited",)"
               R"("schema_version":2,"recorded_at":"2026-01-31T23:59:59.123456Z",)"
               R"("effective_at":")" +
               effective + R"(","commit_last":13,"meta":{"actor":"ann"},)" +
               R"("payload":{ "n": 1e2 },"hash":")" + std::string(64, '0') + R"("})";
    };
    CHECK(to_json(e) == expected("2026-01-31T23:59:59.123456Z"));
    e.effective_at = recount::timestamp_from_string("1993-01-09T00:00:00Z");
    CHECK(to_json(e) == expected("1993-01-09T00:00:00.000000Z"));
}
