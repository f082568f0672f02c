// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/append_arguments.hpp"

#include <memory>

#include "conformance/log_conformance.hpp"
#include "support/catch.hpp"

using recount::postgres::append_arguments;
using recount::postgres::binary_array;
using recount::postgres::known_range;
using recount::postgres::known_types;
using conformance::commit_to;

namespace {

// As append() numbers its arguments, from 0.
enum argument : std::size_t {
    type_names = 8,
    type_versions,
    unknown_types,
    stream_refs,
    versions,
    event_ids,
    ordinals,
    type_refs,
    commit_lasts,
    effective_ats,
    commands,
};

struct taken {
    std::vector<std::string> values;
    known_types looked_up;
};

taken taken_of(std::vector<recount::commit> const& commits, known_range const& known = {}) {
    std::vector<recount::commit const*> given;
    std::vector<std::size_t> wanted;
    for (auto const& one : commits) {
        wanted.push_back(given.size());
        given.push_back(&one);
    }
    auto const batch = recount::detail::plan_batch({}, given, wanted, {{"a-1", {}}}, {});
    append_arguments arguments;
    for (std::size_t row = 0; row < batch.rows.size(); ++row) {
        if (batch.rows[row].event != 0) continue;
        auto const index = batch.rows[row].commit;
        arguments.add(commits[index], batch, row, batch.metas[index]);
    }
    taken done;
    done.values = arguments.take(batch, known);
    done.looked_up = arguments.looked_up();
    return done;
}

std::string none(binary_array::element type) { return binary_array{type}.take(); }

template <typename Value>
std::string array(binary_array::element type, std::vector<Value> const& values) {
    binary_array made{type};
    for (auto const& one : values) made.add(one);
    return made.take();
}

std::string const type = commit_to("a-1").events[0].type;

}  // namespace

TEST_CASE("columns that say nothing are left out", "[append_arguments]") {
    auto const plain = taken_of({commit_to("a-1"), commit_to("a-1")}).values;
    REQUIRE(plain.size() == 22);
    CHECK(plain[ordinals] == none(binary_array::smallint));
    CHECK(plain[commit_lasts] == none(binary_array::bigint));
    CHECK(plain[type_refs] == none(binary_array::integer));
    CHECK(plain[effective_ats] == none(binary_array::timestamptz));
    CHECK(plain[commands] == none(binary_array::text));
    CHECK(plain[versions] == array<std::int64_t>(binary_array::bigint, {1, 2}));
}

TEST_CASE("columns that say something are whole", "[append_arguments]") {
    SECTION("a commit of two events beside one of one") {
        auto const values = taken_of({commit_to("a-1"), commit_to("a-1", 2)}).values;
        CHECK(values[ordinals] == array<std::int16_t>(binary_array::smallint, {0, 0, 1}));
        CHECK(values[commit_lasts] == array<std::int64_t>(binary_array::bigint, {1, 3, 3}));
        CHECK(values[type_refs] == none(binary_array::integer));
    }
    SECTION("events of two types") {
        auto other = commit_to("a-1");
        other.events[0].schema_version += 1;
        auto const values = taken_of({commit_to("a-1"), other, commit_to("a-1")}).values;
        CHECK(values[type_refs] == array<std::int32_t>(binary_array::integer, {1, 2, 1}));
        CHECK(values[ordinals] == none(binary_array::smallint));
    }
    SECTION("one that has its own time, and one with a command") {
        auto dated = commit_to("a-1");
        dated.events[0].effective_at = recount::timestamp_from_string("2000-01-01T00:00:00Z");
        auto told = commit_to("a-1");
        told.command = recount::json_text::trusted("{}");
        auto const values = taken_of({dated, told}).values;
        binary_array times{binary_array::timestamptz};
        times.add(*dated.events[0].effective_at);
        times.add_null();
        CHECK(values[effective_ats] == times.take());
        binary_array texts{binary_array::text};
        texts.add_null();
        texts.add(std::string_view{"{}"});
        CHECK(values[commands] == texts.take());
    }
}

TEST_CASE("types that the log is not known to have are to be looked up", "[append_arguments]") {
    auto second = commit_to("a-1");
    second.events[0].schema_version = 2;
    std::vector<recount::commit> const both{commit_to("a-1"), second};
    auto const unknown = taken_of(both);
    CHECK(unknown.looked_up == known_types{{type, 1}, {type, 2}});
    CHECK(unknown.values[unknown_types] == array<std::int32_t>(binary_array::integer, {1, 2}));
    known_range known;
    known.types = std::make_shared<known_types const>(known_types{{type, 1}});
    auto const vouched = taken_of(both, known);
    CHECK(vouched.looked_up == known_types{{type, 2}});
    CHECK(vouched.values[unknown_types] == array<std::int32_t>(binary_array::integer, {2}));
    for (auto const same : {type_names, type_versions, type_refs}) {
        CHECK(vouched.values[same] == unknown.values[same]);
    }
}
