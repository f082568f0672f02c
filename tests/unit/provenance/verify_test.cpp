// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a verification says of rows that were changed, on a copy of a log in memory. (On PostgreSQL,
// behind the triggers' back: tests/postgres/verify_mutations_test.cpp.)
#include <recount/provenance/verify.hpp>

#include <recount/log/hash.hpp>

#include "conformance/log_conformance.hpp"
#include "memory/stored_copy.hpp"
#include "provenance/stream_heads.hpp"

using namespace conformance;
using recount::memory::stored_copy;
namespace provenance = recount::provenance;

namespace {

// a-1: 1 2 3 5 9 · b-1: 4 6 · c-1: 7 8; commits 1–3, 4–6, 7–8 and 9 in one batch.
stored_copy history() {
    recount::memory::log log;
    log.append(commit_to("a-1", 3));
    auto several = commit_of({event("b-1"), event("a-1"), event("b-1")});
    several.command = recount::json_text::checked(R"({"name":"n","version":1,"payload":{}})");
    several.events[1].effective_at = recount::timestamp_from_string("2020-01-01T00:00:00Z");
    log.append(several);
    std::vector<recount::commit> const batch{commit_to("c-1", 2), commit_to("a-1")};
    static_cast<void>(log.append_batch(batch));
    return stored_copy{log};
}

recount::recorded_event& at(stored_copy& of, std::size_t position) {
    return of.log[position - 1].event;
}

provenance::difference first_of(stored_copy& of, provenance::verify_options const& options = {}) {
    auto const found = provenance::verify(of, options);
    REQUIRE_FALSE(found.good());
    CHECK(found.differences_count >= static_cast<std::int64_t>(found.differences.size()));
    return found.differences.front();
}

std::string where(provenance::difference const& d) {
    return d.what + " " + std::to_string(d.at) + " " + d.stream;
}

// Computes every hash and link anew, as whoever may write to the database could do it.
void rehash(stored_copy& of, std::size_t from) {
    std::map<std::int64_t, recount::digest> heads;
    for (auto& row : of.log) {
        auto& e = row.event;
        auto const known = heads.find(row.stream_id);
        auto const previous =
            known == heads.end() ? recount::stream_genesis(of.id, e.stream) : known->second;
        if (e.position >= static_cast<recount::position>(from)) {
            e.hash = recount::event_hash(previous, e);
        }
        heads[row.stream_id] = e.hash;
    }
    for (std::size_t i = 1; i < of.all_links.size(); ++i) {
        auto& link = of.all_links[i];
        std::vector<recount::linked_row> rows;
        for (auto p = link.first; p <= link.last; ++p) {
            auto const& e = at(of, static_cast<std::size_t>(p));
            rows.push_back({e.commit_last, e.hash});
        }
        link.link = recount::link_hash(*of.all_links[i - 1].link, link.first, link.last,
                                       link.recorded_at, rows);
    }
}

}  // namespace

TEST_CASE("a log that nobody touched has no differences", "[provenance]") {
    recount::memory::log empty;
    auto none = stored_copy{empty};
    auto const nothing = provenance::verify(none);
    CHECK(nothing.good());
    CHECK(nothing.events == 0);
    CHECK(nothing.link == recount::link_genesis(none.id));
    auto copy = history();
    auto const found = provenance::verify(copy);
    CHECK(found.good());
    CHECK(found.differences.empty());
    CHECK(found.events == 9);
    CHECK(found.streams == 3);
    CHECK(found.batches == 3);
    CHECK(found.since == 0);
    CHECK(found.through == 9);
    CHECK(found.link == copy.all_links.back().link);
    CHECK_FALSE(found.more);
    for (auto const* name : {"a-1", "b-1", "c-1"}) {
        CHECK(provenance::verify_stream(copy, name).good());
    }
    CHECK(error_of([&] { return provenance::verify_stream(copy, "d-1"); })->code() ==
          recount::errc::not_found);
}

TEST_CASE("each field of a row is covered", "[provenance]") {
    auto copy = history();
    auto& row = at(copy, 5);
    std::string expected = "hash 5 a-1";
    SECTION("payload") { row.payload += ' '; }
    SECTION("meta") { row.meta += ' '; }
    SECTION("type") { row.type += 's'; }
    SECTION("schema version") { row.schema_version = 2; }
    SECTION("effective_at") { row.effective_at.reset(); }
    SECTION("command") { row.command = "{}"; }
    SECTION("hash") { row.hash[7] ^= std::byte{4}; }
    SECTION("recorded_at") {
        row.recorded_at += recount::duration{1};
        expected = "recorded_at 5 a-1";
    }
    SECTION("version") {
        row.version = 6;
        expected = "version 5 a-1";
    }
    SECTION("ordinal") {
        copy.log[4].ordinal = 2;
        expected = "ordinal 5 a-1";
    }
    SECTION("event id") {
        row.id.octets[15] ^= std::byte{1};
        expected = "event id 5 a-1";
    }
    SECTION("commit_last") {
        row.commit_last = 5;
        expected = "commit 5 a-1";
    }
    SECTION("position") {
        row.position = 50;
        expected = "position 5 ";
    }
    SECTION("stream") {
        copy.log[4].stream_id = 4;
        expected = "version 5 b-1";
    }
    CHECK(where(first_of(copy)) == expected);
}

TEST_CASE("lists of streams, types and links are covered", "[provenance]") {
    auto copy = history();
    std::string expected;
    SECTION("slice") {
        copy.streams[1].slice += 1;
        expected = "stream 4 b-1";
    }
    SECTION("category") {
        copy.streams[1].category = "c";
        expected = "stream 4 b-1";
    }
    SECTION("created") {
        copy.streams[1].created_position = 5;
        expected = "stream 4 b-1";
    }
    SECTION("name") {
        copy.streams[1].name = "b-2";
        expected = "stream 4 b-2";
    }
    SECTION("a stream less") {
        copy.streams.erase(copy.streams.begin() + 1);
        expected = "stream 4 ";
    }
    SECTION("a stream more") {
        copy.streams.push_back({5, "d-1", "d", 0, 5});
        expected = "stream 5 d-1";
    }
    SECTION("a stream more, behind the end") {
        copy.streams.push_back({500, "d-1", "d", 0, 500});
        expected = "stream 500 d-1";
    }
    SECTION("a type less") {
        copy.all_types.clear();
        expected = "types 1 ";
    }
    SECTION("a type more") {
        copy.all_types.push_back({"thing.unheard", 1, 4, "thing.happened"});
        expected = "types 4 ";
    }
    SECTION("a type that begins elsewhere") {
        copy.all_types[0].first_position = 2;
        expected = "types 1 ";
    }
    SECTION("a link less") {
        copy.all_links.erase(copy.all_links.begin() + 2);
        expected = "batch 9 ";
    }
    SECTION("the last link") {
        copy.all_links.pop_back();
        expected = "end of the log 7 ";
    }
    SECTION("a link's time") {
        copy.all_links[2].recorded_at += recount::duration{1};
        expected = "recorded_at 4 b-1";
    }
    SECTION("a link's bytes") {
        (*copy.all_links[2].link)[0] ^= std::byte{1};
        expected = "link 6 ";
    }
    SECTION("the genesis") {
        (*copy.all_links[0].link)[0] ^= std::byte{1};
        expected = "link 0 ";
    }
    SECTION("no genesis") {
        copy.all_links.erase(copy.all_links.begin());
        expected = "link 0 ";
    }
    CHECK(where(first_of(copy)) == expected);
}

TEST_CASE("types inside a restructure have no row of their own", "[provenance]") {
    auto copy = history();
    copy.all_types.push_back({"thing.corrected", 1, 4, "$restructured"});
    CHECK(provenance::verify(copy).good());
}

TEST_CASE("a difference shows once", "[provenance]") {
    auto copy = history();
    at(copy, 2).payload += ' ';
    auto const found = provenance::verify(copy);
    CHECK(found.differences_count == 1);
    CHECK(found.differences.front().expected ==
          recount::to_hex(recount::event_hash(at(copy, 1).hash, at(copy, 2))));
    CHECK(found.differences.front().found == recount::to_hex(at(copy, 2).hash));
}

TEST_CASE("rows that are missing, too many or in another order are noticed", "[provenance]") {
    auto copy = history();
    std::string expected;
    SECTION("one deleted") {
        copy.log.erase(copy.log.begin() + 4);
        expected = "position 5 ";
    }
    SECTION("the first deleted") {
        copy.log.erase(copy.log.begin());
        expected = "position 1 ";
    }
    SECTION("the last deleted") {
        copy.log.pop_back();
        expected = "link 9 ";
    }
    SECTION("one twice") {
        copy.log.insert(copy.log.begin() + 4, copy.log[4]);
        expected = "position 5 a-1";
    }
    SECTION("one below the beginning") {
        copy.log.insert(copy.log.begin(), copy.log[0]);
        at(copy, 1).position = 0;
        expected = "position 0 ";
    }
    SECTION("one far behind the end") {
        copy.log.push_back(copy.log[8]);
        copy.log.back().event.position = 1'000'000'000;
        expected = "position 10 ";
    }
    SECTION("two swapped") {
        std::swap(copy.log[1], copy.log[2]);
        std::swap(at(copy, 2).position, at(copy, 3).position);
        expected = "version 2 a-1";
    }
    auto const first = first_of(copy);
    CHECK(where(first) == expected);
    CHECK(first.expected != first.found);
}

TEST_CASE("a head that was kept elsewhere sees what the log cannot tell", "[provenance]") {
    auto copy = history();
    auto const kept = provenance::read_head(copy);
    CHECK(kept.position == 9);
    provenance::verify_options options;
    options.head = kept;
    CHECK(provenance::verify(copy, options).good());
    SECTION("a suffix that was hashed anew") {
        at(copy, 8).payload = R"({"n":8})";
        rehash(copy, 8);
        CHECK(provenance::verify(copy).good());
        CHECK(where(first_of(copy, options)) == "head 9 ");
    }
    SECTION("a tail that was cut off with its links") {
        copy.log.resize(6);
        copy.all_links.pop_back();
        copy.streams.pop_back();
        CHECK(provenance::verify(copy).good());
        CHECK(where(first_of(copy, options)) == "head 7 ");
    }
    SECTION("a store that was made anew") {
        recount::memory::log other;
        auto made = stored_copy{other};
        CHECK(where(first_of(made, options)) == "store 0 ");
    }
    SECTION("the same, from the head on") {
        provenance::verify_options since;
        since.since_head = kept;
        auto const found = provenance::verify(copy, since);
        CHECK(found.good());
        CHECK(found.events == 0);
        rehash(copy, 1);
        CHECK(provenance::verify(copy, since).good());
        at(copy, 2).meta = R"({"actor":"x"})";
        rehash(copy, 2);
        CHECK(where(first_of(copy, since)) == "head 9 ");
    }
}

TEST_CASE("a log that ends before the position it is to be verified from", "[provenance]") {
    auto copy = history();
    provenance::verify_options options;
    options.since = 9;
    CHECK(provenance::verify(copy, options).good());
    options.since = 10;
    auto const found = first_of(copy, options);
    CHECK(where(found) == "end of the log 10 ");
    CHECK(found.expected == "10 or later");
    CHECK(found.found == "9");
}

TEST_CASE("a part of the log is verified from the end of a batch", "[provenance]") {
    auto copy = history();
    provenance::verify_options options;
    options.since = 5;
    auto found = provenance::verify(copy, options);
    CHECK(found.good());
    CHECK(found.since == 3);
    CHECK(found.events == 6);
    CHECK(found.streams == 2);
    CHECK(found.batches == 2);
    at(copy, 2).payload += ' ';
    CHECK(provenance::verify(copy, options).good());
    at(copy, 5).payload += ' ';
    CHECK(where(first_of(copy, options)) == "hash 5 a-1");

    auto whole = history();
    std::vector<recount::position> steps;
    provenance::verify_options page;
    page.limit = 2;
    std::int64_t events = 0;
    std::int64_t streams = 0;
    for (bool more = true; more;) {
        found = provenance::verify(whole, page);
        CHECK(found.good());
        steps.push_back(found.through);
        events += found.events;
        streams += found.streams;
        more = found.more;
        page.since = found.through;
    }
    CHECK(steps == std::vector<recount::position>{3, 6, 9});
    CHECK(events == 9);
    CHECK(streams == 3);
}

TEST_CASE("a verification that is asked to stop says how far it came", "[provenance]") {
    recount::memory::log log;
    for (int i = 0; i < 5; ++i) log.append(commit_to("a-1", 700));
    stored_copy copy{log};
    provenance::verify_options options;
    std::vector<std::int64_t> steps;
    options.progress = [&](std::int64_t done, std::int64_t total) {
        CHECK(total == 3'500);
        steps.push_back(done);
    };
    CHECK(provenance::verify(copy, options).good());
    REQUIRE(steps.size() > 1);
    CHECK(steps.back() == 3'500);
    options.stop_wanted = [] { return true; };
    auto const found = provenance::verify(copy, options);
    CHECK(found.stopped);
    CHECK(found.good());
    CHECK(found.through == 700);   // the end of the last batch that was seen whole
    options.stop_wanted = {};
    options.progress = {};
    options.since = found.through;
    CHECK(provenance::verify(copy, options).events == 2'800);
}

TEST_CASE("a head before the beginning is a mistake", "[provenance]") {
    auto copy = history();
    provenance::verify_options options;
    options.head = provenance::read_head(copy);
    options.head->position = 3;
    options.since = 6;
    CHECK(error_of([&] { return provenance::verify(copy, options); })->code() ==
          recount::errc::invalid_argument);
}

TEST_CASE("streams that are not met for long are forgotten and found again", "[provenance]") {
    provenance::detail::stream_heads heads{4};
    for (std::int64_t id = 1; id <= 5; ++id) {
        heads.add(id, {"s-" + std::to_string(id), id, {}});
        heads.grow_old();
    }
    CHECK(heads.forgot());
    CHECK(heads.find(1) == nullptr);
    REQUIRE(heads.find(5) != nullptr);
    CHECK(heads.find(5)->version == 5);
    REQUIRE(heads.find(3) != nullptr);  // of the old generation, and now of the young one
    CHECK(heads.find(3)->name == "s-3");
}
