// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a superuser changes behind the triggers' back is found, by the library's verifier and by the
// script that was written from docs/reference/hash.md alone, at the same places.
#include <atomic>
#include <random>
#include <thread>

#include <fmt/format.h>

#include "postgres/changed_store.hpp"

using recount::tests::changed_store;
using recount::tests::named;
using recount::tests::names_of;
namespace provenance = recount::provenance;

namespace {

struct mutation {
    char const* name;
    char const* sql;
    char const* first;   // what, where, in which stream
};

// What stands at which position: changed_store.cpp.
mutation const mutations[] = {
    {"a byte of payload", "UPDATE recount.log SET payload = '{\"n\":3}' WHERE position = 2",
     "hash 2 a-1"},
    {"white space in a payload", "UPDATE recount.log SET payload = '{\"n\": 2}' WHERE position = 2",
     "hash 2 a-1"},
    {"a byte of metadata", "UPDATE recount.log SET meta = '{ }' WHERE position = 3",
     "hash 3 a-1"},
    {"the actor",
     "UPDATE recount.log SET meta = replace(meta::text, 'ann', 'bob')::json WHERE position = 6",
     "hash 6 a-žluť 😀"},
    {"the command", "UPDATE recount.log SET command = '{\"name\":\"n\"}' WHERE position = 4",
     "hash 4 b-1"},
    {"the command taken away", "UPDATE recount.log SET command = NULL WHERE position = 4",
     "hash 4 b-1"},
    {"a command given", "UPDATE recount.log SET command = '{}' WHERE position = 9",
     "hash 9 c-1"},
    {"the type", "UPDATE recount.log SET type = 'thing.ended' WHERE position = 5",
     "hash 5 a-1"},
    {"the schema version", "UPDATE recount.log SET schema_version = 2 WHERE position = 5",
     "hash 5 a-1"},
    {"recorded_at of a row",
     "UPDATE recount.log SET recorded_at = recorded_at + interval '1 us' WHERE position = 9",
     "recorded_at 9 c-1"},
    {"recorded_at of a batch and its link",
     "UPDATE recount.log SET recorded_at = recorded_at + interval '1 us' WHERE position >= 15;"
     "UPDATE recount.links SET recorded_at = recorded_at + interval '1 us' "
     "WHERE last_position = 15",
     "link 15"},
    {"recorded_at that goes back",
     "UPDATE recount.log SET recorded_at = '1999-01-01' WHERE position >= 15;"
     "UPDATE recount.links SET recorded_at = '1999-01-01' WHERE last_position = 15",
     "recorded_at 15"},
    {"effective_at", "UPDATE recount.log SET effective_at = effective_at + interval '1 us' "
                     "WHERE position = 5", "hash 5 a-1"},
    {"effective_at taken away", "UPDATE recount.log SET effective_at = NULL WHERE position = 5",
     "hash 5 a-1"},
    {"effective_at given", "UPDATE recount.log SET effective_at = recorded_at WHERE position = 1",
     "hash 1 a-1"},
    {"the hash", "UPDATE recount.log SET hash = set_bit(hash, 77, 1 - get_bit(hash, 77)) "
                 "WHERE position = 10", "hash 10 a-1"},
    {"a hash cut short", "UPDATE recount.log SET hash = substr(hash, 1, 31) WHERE position = 10",
     "hash 10 a-1"},
    {"the ordinal", "UPDATE recount.log SET ordinal = 2 WHERE position = 5", "ordinal 5 a-1"},
    {"the event id", "UPDATE recount.log SET event_id = gen_random_uuid() WHERE position = 5",
     "event id 5 a-1"},
    {"the end of a commit", "UPDATE recount.log SET commit_last = 10 WHERE position = 8",
     "commit 9 c-1"},
    {"a commit that leaves its batch",
     "UPDATE recount.log SET commit_last = 16 WHERE position = 15",
     "commit 15 e-1"},
    {"two rows swapped",
     "UPDATE recount.log SET position = -5 WHERE position = 5;"
     "UPDATE recount.log SET position = 5 WHERE position = 8;"
     "UPDATE recount.log SET position = 8 WHERE position = -5", "stream 5 c-1"},
    {"the contents of two rows swapped",
     "UPDATE recount.log l SET payload = o.payload FROM recount.log o "
     "WHERE (l.position, o.position) IN ((2, 3), (3, 2))", "hash 2 a-1"},
    {"two rows of a stream swapped, with their versions",
     "UPDATE recount.log SET position = -2, version = -2 WHERE position = 2;"
     "UPDATE recount.log SET position = 2, version = 2 WHERE position = 3;"
     "UPDATE recount.log SET position = 3, version = 3 WHERE position = -2",
     "ordinal 2 a-1"},
    {"a row deleted", "DELETE FROM recount.log WHERE position = 5", "position 5"},
    {"the first row deleted", "DELETE FROM recount.log WHERE position = 1", "position 1"},
    {"the last row deleted", "DELETE FROM recount.log WHERE position = 15", "link 15"},
    {"a row deleted, positions closed",
     "DELETE FROM recount.log WHERE position = 14;"
     "UPDATE recount.log SET position = 14, commit_last = 14 WHERE position = 15",
     "stream 14 e-1"},
    {"a row inserted behind the end",
     "INSERT INTO recount.log SELECT 16, stream_id, 2, gen_random_uuid(), 0, type, schema_version, "
     "16, recorded_at, NULL, NULL, payload, meta, hash FROM recount.log WHERE position = 15",
     "event id 16 e-1"},
    {"a row inserted in the middle",
     "UPDATE recount.log SET position = -position - 1 WHERE position > 12;"
     "UPDATE recount.log SET position = -position, commit_last = commit_last + 1 "
     "WHERE position < 0;"
     "INSERT INTO recount.log SELECT 13, stream_id, 3, event_id, 2, type, schema_version, 12, "
     "recorded_at, NULL, NULL, payload, meta, hash FROM recount.log WHERE position = 12",
     "commit 13 d-1"},
    {"a row before the beginning",
     "INSERT INTO recount.log SELECT 0, stream_id, 0, gen_random_uuid(), 1, type, schema_version, "
     "0, recorded_at, NULL, NULL, payload, meta, hash FROM recount.log WHERE position = 1",
     "position 0"},
    {"a row duplicated",
     "INSERT INTO recount.log SELECT 16, stream_id, 99, event_id, 1, type, schema_version, 16, "
     "recorded_at, effective_at, command, payload, meta, hash FROM recount.log "
     "WHERE position = 15", "version 16 e-1"},
    {"a row moved to another stream",
     "UPDATE recount.log SET stream_id = 4, version = 4 WHERE position = 13",
     "version 13 b-1"},
    {"the last row of a stream moved to another stream",
     "UPDATE recount.log SET stream_id = 8, version = 3 WHERE position = 14",
     "hash 14 c-1"},
    {"the tail cut off, its links kept", "DELETE FROM recount.log WHERE position > 12",
     "end of the log 13"},
    {"the rows of a stream dropped", "DELETE FROM recount.log WHERE stream_id = 11",
     "position 11"},
    {"a stream dropped",
     "DELETE FROM recount.log WHERE stream_id = 11; DELETE FROM recount.streams WHERE id = 11",
     "position 11"},
    {"a stream dropped, everything behind it moved up",
     "DELETE FROM recount.log WHERE stream_id = 11; DELETE FROM recount.streams WHERE id = 11;"
     "DELETE FROM recount.links WHERE last_position = 12;"
     "UPDATE recount.log SET stream_id = 13 WHERE stream_id = 15;"
     "UPDATE recount.log SET position = position - 2, commit_last = commit_last - 2 "
     "WHERE position > 12;"
     "UPDATE recount.streams SET id = id - 2, created_position = id - 2 WHERE id > 12;"
     "UPDATE recount.links SET first_position = first_position - 2, "
     "last_position = last_position - 2 WHERE last_position > 12", "link 12"},
    {"a stream renamed", "UPDATE recount.streams SET name = 'd-2' WHERE id = 11",
     "stream 11 d-2"},
    {"a stream of another slice", "UPDATE recount.streams SET slice = 5 WHERE id = 11",
     "stream 11 d-1"},
    {"a stream of another category", "UPDATE recount.streams SET category = 'a' WHERE id = 11",
     "stream 11 d-1"},
    {"a stream without a row", "DELETE FROM recount.streams WHERE id = 11", "stream 11"},
    {"a stream without events", "INSERT INTO recount.streams VALUES (12, 'x-1', 'x', 0, false, 12)",
     "stream 12 x-1"},
    {"a type forgotten", "DELETE FROM recount.types WHERE type = 'thing.ended'", "types 7"},
    {"a type before the log",
     "UPDATE recount.types SET first_position = 0 WHERE first_position = 1",
     "types 0"},
    {"a type that was never written", "INSERT INTO recount.types VALUES ('thing.x', 1, 9)",
     "types 9"},
    {"a link deleted", "DELETE FROM recount.links WHERE last_position = 10", "batch 12"},
    {"the last link deleted", "DELETE FROM recount.links WHERE last_position = 15",
     "end of the log 15"},
    {"the genesis deleted", "DELETE FROM recount.links WHERE last_position = 0", "link 0"},
    {"a link changed", "UPDATE recount.links SET link = set_bit(link, 0, 1 - get_bit(link, 0)) "
                       "WHERE last_position = 7", "link 7"},
    {"a link's time", "UPDATE recount.links SET recorded_at = recorded_at + interval '1 us' "
                      "WHERE last_position = 15", "recorded_at 15 e-1"},
    {"another store", "UPDATE recount.store SET id = gen_random_uuid()", "link 0"},
};

void check_head_alone_tells(changed_store& store, provenance::store_head const& kept,
                            recount::position at) {
    auto const alone = store.verified();
    INFO("alone: " << (alone.good() ? "" : alone.differences.front().what));
    CHECK(alone.good());
    CHECK(store.verified_by_script().empty());
    provenance::verify_options options;
    options.head = kept;
    auto const found = store.verified(options);
    REQUIRE(found.differences_count == 1);
    CHECK(found.differences.front().what == "head");
    CHECK(found.differences.front().at == at);
    CHECK(found.differences.front().expected != found.differences.front().found);
}

}  // namespace

TEST_CASE("two verifiers find every change, at the same places", "[postgres][verify]") {
    changed_store store;
    auto const untouched = store.verified();
    CHECK(untouched.good());
    CHECK(untouched.events == 15);
    CHECK(untouched.streams == 6);
    CHECK(untouched.batches == 6);
    CHECK(store.verified_by_script().empty());
    for (auto const& one : mutations) {
        CAPTURE(one.name);
        store.change(one.sql);
        auto const found = store.verified();
        REQUIRE_FALSE(found.good());
        auto const& first = found.differences.front();
        CHECK(named(first.at, first.stream, first.what) == one.first);
        for (auto const& each : found.differences) CHECK(each.expected != each.found);
        CHECK(names_of(found) == store.verified_by_script());
        store.restore();
    }
    CHECK(store.verified().good());
}

TEST_CASE("a row that is there twice, without indexes, is found", "[postgres][verify]") {
    changed_store store;
    store.change(
        "ALTER TABLE recount.log DROP CONSTRAINT log_position; DROP INDEX recount.log_event_id;"
        "DROP INDEX recount.log_stream_version;"
        "INSERT INTO recount.log SELECT * FROM recount.log WHERE position = 5");
    auto const found = store.verified();
    REQUIRE_FALSE(found.good());
    CHECK(found.differences.front().at == 5);
    CHECK(names_of(found) == store.verified_by_script());
}

TEST_CASE("a head sees what was written anew with all its hashes", "[postgres][verify]") {
    changed_store store;
    auto const kept = store.head();
    CHECK(kept.position == 15);
    provenance::verify_options options;
    options.head = kept;
    CHECK(store.verified(options).good());
    SECTION("a suffix") {
        store.change("UPDATE recount.log SET payload = '{\"n\":9}' WHERE position = 9");
        store.rehash(9);
        check_head_alone_tells(store, kept, 15);
    }
    SECTION("the tail, with its link") {
        store.change(
            "DELETE FROM recount.log WHERE position > 14;"
            "DELETE FROM recount.streams WHERE id > 14;"
            "DELETE FROM recount.links WHERE last_position > 14");
        check_head_alone_tells(store, kept, 15);
    }
    SECTION("a stream, everything behind it moved up") {
        store.change(mutations[37].sql);
        store.rehash(1);
        check_head_alone_tells(store, kept, 14);
    }
    SECTION("two batches made into one") {
        store.change(
            "DELETE FROM recount.links WHERE last_position = 14;"
            "UPDATE recount.links SET first_position = 13 WHERE last_position = 15;"
            "UPDATE recount.log SET recorded_at = (SELECT recorded_at FROM recount.links "
            "WHERE last_position = 15) WHERE position >= 13");
        store.rehash(1);
        check_head_alone_tells(store, kept, 15);
    }
}

TEST_CASE("what was appended behind a head is no difference", "[postgres][verify]") {
    changed_store store;
    provenance::verify_options options;
    options.head = store.head();
    options.since_head = options.head;
    CHECK(store.verified(options).events == 0);
    CHECK(store.verified(options).good());
}

TEST_CASE("a log that grows meanwhile has no differences", "[postgres][verify]") {
    changed_store store;
    std::atomic<bool> enough = false;
    std::atomic<int> appended = 0;
    std::thread writer{[&] {
        auto const log = store.open();
        for (int i = 0; !enough; ++i) {
            auto one = conformance::commit_of(
                {conformance::event("w-" + std::to_string(i), "{}", "thing.t" + std::to_string(i)),
                 conformance::event("a-1")});
            log->append(one);
            ++appended;
        }
    }};
    std::int64_t seen = 0;
    for (int turn = 0; turn < 10 || appended < 100; ++turn) {
        auto const found = store.verified();
        CHECK(names_of(found).empty());
        CHECK(found.events >= seen);
        seen = found.events;
    }
    enough = true;
    writer.join();
    CHECK(store.verified().events == 15 + 2 * appended);
}

TEST_CASE("one stream is verified alone", "[postgres][verify]") {
    changed_store store;
    auto const of = [&](char const* name) {
        return provenance::verify_stream(*store.stored(), name);
    };
    CHECK(of("a-1").good());
    CHECK(of("a-1").events == 6);
    CHECK(of("a-žluť 😀").good());
    store.change("UPDATE recount.log SET payload = '1' WHERE position = 10");
    CHECK(names_of(of("a-1")) == std::set<std::string>{"hash 10 a-1"});
    CHECK(of("b-1").good());
    store.change("DELETE FROM recount.log WHERE position = 2");
    CHECK(of("a-1").differences.front().what == "version");
}

// A column and how to flip one of its bits; times are moved by a power of two.
struct column {
    char const* table;
    char const* key;      // of the row to change
    char const* name;
    char const* flipped;  // {0}: the column, {1}: any number
    char const* where = "true";
};

column const columns[] = {
    {"log", "position", "position", "{0} # (1::bigint << ({1} % 62))"},
    {"log", "position", "stream_id", "{0} # (1::bigint << ({1} % 62))"},
    {"log", "position", "version", "{0} # (1::bigint << ({1} % 62))"},
    {"log", "position", "event_id",
     "encode(set_bit(uuid_send({0}), {1} % 128, 1 - get_bit(uuid_send({0}), {1} % 128)), "
     "'hex')::uuid"},
    {"log", "position", "ordinal", "({0} # (1 << ({1} % 14)))::smallint"},
    {"log", "position", "type", "text"},
    {"log", "position", "schema_version", "{0} # (1 << ({1} % 30))"},
    {"log", "position", "commit_last", "{0} # (1::bigint << ({1} % 62))"},
    {"log", "position", "recorded_at", "{0} + (1::bigint << ({1} % 40)) * interval '1 us'"},
    {"log", "position", "effective_at", "{0} + (1::bigint << ({1} % 40)) * interval '1 us'"},
    {"log", "position", "command", "json"},
    {"log", "position", "payload", "json"},
    {"log", "position", "meta", "json"},
    {"log", "position", "hash", "set_bit({0}, {1} % 256, 1 - get_bit({0}, {1} % 256))"},
    {"streams", "id", "id", "{0} # (1::bigint << ({1} % 62))"},
    {"streams", "id", "name", "text"},
    {"streams", "id", "category", "text"},
    {"streams", "id", "slice", "({0} # (1 << ({1} % 14)))::smallint"},
    {"streams", "id", "created_position", "{0} # (1::bigint << ({1} % 62))"},
    {"links", "last_position", "last_position", "{0} # (1::bigint << ({1} % 62))"},
    {"links", "last_position", "first_position", "{0} # (1::bigint << ({1} % 62))"},
    // Only that it is no later than what follows can be said of the time of the genesis.
    {"links", "last_position", "recorded_at", "{0} + (1::bigint << ({1} % 40)) * interval '1 us'",
     "last_position > 0"},
    {"links", "last_position", "link", "set_bit({0}, {1} % 256, 1 - get_bit({0}, {1} % 256))"},
    {"types", "first_position", "type", "text"},
    {"types", "first_position", "schema_version", "{0} # (1 << ({1} % 30))"},
    {"types", "first_position", "first_position", "{0} # (1::bigint << ({1} % 62))"},
};

std::string flip_sql(column const& of, std::uint64_t row, std::uint64_t bit) {
    std::string how = of.flipped;
    if (how == "text" || how == "json") {
        auto const octets = fmt::format("convert_to({}::text, 'UTF8')", of.name);
        auto const at = fmt::format("{} % (8 * length({}))", bit, octets);
        how = fmt::format("convert_from(set_bit({0}, ({1})::int, 1 - get_bit({0}, ({1})::int)), "
                          "'UTF8')::{2}",
                          octets, at, how);
    } else {
        how = fmt::format(fmt::runtime(how), of.name, bit);
    }
    return fmt::format("UPDATE recount.{0} SET {1} = {2} WHERE {3} = (SELECT {3} FROM recount.{0} "
                       "WHERE {1} IS NOT NULL AND {5} ORDER BY {3} OFFSET {4} % (SELECT count(*) "
                       "FROM recount.{0} WHERE {1} IS NOT NULL AND {5}) LIMIT 1)",
                       of.table, of.name, how, of.key, row, of.where);
}

TEST_CASE("a bit flipped anywhere is found", "[postgres][verify]") {
    auto const seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    changed_store store;
    constexpr int flips_wanted = 80;
    // What would be no UTF-8, no JSON or no key is refused, and flipped elsewhere.
    constexpr int attempts_max = 2'000;
    int flips = 0;
    for (int attempt = 0; flips < flips_wanted; ++attempt) {
        REQUIRE(attempt < attempts_max);
        auto const& of = columns[random() % std::size(columns)];
        auto const sql = flip_sql(of, random() % 1'000, random() % 1'000'000);
        CAPTURE(sql);
        if (!store.change(sql, true)) continue;
        ++flips;
        auto const found = store.verified();
        CHECK_FALSE(found.good());
        if (flips % 8 == 0) CHECK_FALSE(store.verified_by_script().empty());
        store.restore();
    }
    CHECK(store.verified().good());
}
