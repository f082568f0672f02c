// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "log/batch.hpp"

#include <numeric>

#include <recount/core/limits.hpp>
#include <recount/log/hash.hpp>

#include "support/catch.hpp"

using namespace recount::detail;
using recount::commit;
using recount::errc;
using recount::expectation;

namespace {

recount::uuid const store = recount::uuid_from_string("018f4e2a-7b3c-7d10-8a55-0123456789ab");

commit commit_to(std::vector<std::string> const& streams) {
    commit made;
    for (auto const& name : streams) {
        made.events.push_back({recount::stream_name{name}, "thing.happened", 1, {}, {}});
    }
    return made;
}

commit expecting(commit made, std::string const& of, expectation expected) {
    made.expectations.push_back({recount::stream_name{of}, expected});
    return made;
}

planned_batch plan(std::vector<commit> const& commits, known_heads const& heads,
                   std::vector<std::size_t> wanted = {}) {
    std::vector<commit const*> given;
    for (auto const& one : commits) given.push_back(&one);
    if (wanted.empty()) {
        wanted.resize(commits.size());
        std::iota(wanted.begin(), wanted.end(), std::size_t{0});
    }
    return plan_batch(store, given, wanted, heads);
}

std::optional<errc> code_of(std::optional<recount::error> const& defect) {
    return defect ? std::optional{defect->code()} : std::nullopt;
}

}  // namespace

TEST_CASE("rows are numbered within the batch and within their streams", "[batch]") {
    recount::digest const known{std::byte{7}};
    auto const batch = plan({commit_to({"a-1", "b-1", "a-1"}), commit_to({"b-1"})},
                            {{"a-1", {40, 5, known}}, {"b-1", {}}});
    REQUIRE(batch.rows.size() == 4);
    CHECK(batch.conflicts.empty());
    std::vector<recount::version> versions;
    std::vector<std::int64_t> refs;
    std::vector<std::int64_t> lasts;
    for (auto const& row : batch.rows) {
        versions.push_back(row.version);
        refs.push_back(row.stream_ref);
        lasts.push_back(row.commit_last);
    }
    CHECK(versions == std::vector<recount::version>{6, 1, 7, 2});
    // An existing stream by its id, a new one by the relative position of its first row.
    CHECK(refs == std::vector<std::int64_t>{40, -2, 40, -2});
    CHECK(lasts == std::vector<std::int64_t>{3, 3, 3, 4});
    REQUIRE(batch.new_streams.size() == 1);
    CHECK(batch.new_streams[0].name == "b-1");
    CHECK(batch.new_streams[0].first == 2);
    CHECK(batch.rows[2].commit == 0);
    CHECK(batch.rows[2].event == 2);
    CHECK(batch.rows[3].commit == 1);
    CHECK(batch.rows[3].event == 0);
}

TEST_CASE("hashes go on from the known head, or from the genesis", "[batch]") {
    recount::digest const known{std::byte{7}};
    std::vector<commit> commits{commit_to({"a-1", "b-1", "a-1"})};
    commits[0].command = recount::json_text::trusted(R"({"name":"n"})");
    commits[0].meta.actor = "ann";
    auto const batch = plan(commits, {{"a-1", {40, 5, known}}, {"b-1", {}}});
    auto const hash = [&](recount::digest const& previous, std::string_view stream,
                          recount::version version, std::uint16_t ordinal) {
        recount::hashed_event e;
        e.stream = stream;
        e.version = version;
        e.id = recount::event_id(commits[0].id, ordinal);
        e.type = "thing.happened";
        e.schema_version = 1;
        if (ordinal == 0) e.command = R"({"name":"n"})";
        e.meta = R"({"actor":"ann"})";
        e.payload = "{}";
        return recount::event_hash(previous, e);
    };
    CHECK(batch.rows[0].hash == hash(known, "a-1", 6, 0));
    CHECK(batch.rows[1].hash == hash(recount::stream_genesis(store, "b-1"), "b-1", 1, 1));
    CHECK(batch.rows[2].hash == hash(batch.rows[0].hash, "a-1", 7, 2));
}

TEST_CASE("an earlier commit of the batch counts for the later ones", "[batch]") {
    auto const batch = plan({expecting(commit_to({"a-1"}), "a-1", expectation::no_stream()),
                             expecting(commit_to({"a-1"}), "a-1", expectation::no_stream()),
                             expecting(commit_to({"a-1"}), "a-1", expectation::exactly(1))},
                            {{"a-1", {}}});
    CHECK(batch.rows.size() == 2);
    REQUIRE(batch.conflicts.size() == 1);
    CHECK(batch.conflicts.at(1).conflict()->actual_version == 1);
    CHECK(batch.new_streams.size() == 1);
}

TEST_CASE("a conflict leaves no trace in the batch", "[batch]") {
    auto bad = expecting(commit_to({"a-1", "b-1"}), "c-1", expectation::stream_exists());
    bad.expectations.insert(bad.expectations.begin(),
                            {recount::stream_name{"a-1"}, expectation::any()});
    auto const batch = plan({bad, commit_to({"b-1"})}, {{"a-1", {}}, {"b-1", {}}, {"c-1", {}}});
    REQUIRE(batch.rows.size() == 1);
    CHECK(batch.rows[0].commit == 1);
    CHECK(batch.rows[0].version == 1);
    REQUIRE(batch.new_streams.size() == 1);
    CHECK(batch.new_streams[0].name == "b-1");
    CHECK(batch.conflicts.at(0).conflict()->stream == "c-1");
    CHECK(batch.conflicts.at(0).conflict()->expected == "an existing stream");
}

TEST_CASE("only the wanted commits are planned", "[batch]") {
    auto const batch =
        plan({commit_to({"a-1"}), commit_to({"b-1"}), commit_to({"a-1"})}, {{"a-1", {}}}, {0, 2});
    REQUIRE(batch.rows.size() == 2);
    CHECK(batch.rows[1].commit == 2);
    CHECK(batch.rows[1].version == 2);
}

TEST_CASE("a result has the rows of its commit behind the base", "[batch]") {
    std::vector<commit> const commits{commit_to({"a-1"}), commit_to({"b-1", "a-1"})};
    auto const batch = plan(commits, {{"a-1", {}}, {"b-1", {3, 8, {}}}});
    auto const when = recount::timestamp_from_string("2026-01-31T23:59:59.123456Z");
    auto const result = result_of(commits[1], batch, 1, 100, when);
    CHECK(result.first == 102);
    CHECK(result.last == 103);
    CHECK(result.recorded_at == when);
    CHECK_FALSE(result.repeated);
    REQUIRE(result.events.size() == 2);
    CHECK(result.events[0].stream == "b-1");
    CHECK(result.events[0].version == 9);
    CHECK(result.events[1].version == 2);
    CHECK(result.events[1].id == recount::event_id(commits[1].id, 1));
}

TEST_CASE("each touched stream is named once, the checked ones too", "[batch]") {
    auto const one =
        expecting(expecting(commit_to({"b-1", "a-1", "b-1"}), "c-1", expectation::any()), "a-1",
                  expectation::any());
    CHECK(touched_streams(one) == std::vector<std::string_view>{"a-1", "b-1", "c-1"});
}

TEST_CASE("a commit without a defect has none", "[batch]") {
    CHECK_FALSE(defect_of(commit_to({"a-1"})));
    auto const with = [](auto change) {
        auto made = commit_to({"a-1"});
        change(made);
        return code_of(defect_of(made));
    };
    CHECK(with([](commit& c) { c.events.clear(); }) == errc::invalid_argument);
    CHECK(with([](commit& c) { c.id = {}; }) == errc::invalid_argument);
    CHECK(with([](commit& c) { c.events[0].type = "a\nb"; }) == errc::invalid_argument);
    CHECK(with([](commit& c) {
              c.meta.x = {{std::string{"\xff"}, "v"}};
          }) == errc::invalid_argument);
    auto const year = [](int y) {
        return recount::timestamp{std::chrono::sys_days{std::chrono::year{y} / 1 / 1}};
    };
    CHECK(with([&](commit& c) { c.events[0].effective_at = year(0); }) == errc::invalid_argument);
    CHECK(with([&](commit& c) { c.events[0].effective_at = year(10'000); }) ==
          errc::invalid_argument);
    CHECK_FALSE(with([&](commit& c) { c.events[0].effective_at = year(1); }));
}

TEST_CASE("a commit of too many bytes is refused before it is sent", "[batch]") {
    auto made = commit_to({"a-1"});
    made.events[0].payload = recount::json_text::trusted(
        '"' + std::string(recount::limits::payload_bytes_max - 2, 'x') + '"');
    made.events.resize(recount::limits::commit_bytes_max / recount::limits::payload_bytes_max,
                       made.events[0]);
    CHECK(code_of(defect_of(made)) == errc::limit_exceeded);
    made.events.pop_back();
    CHECK_FALSE(defect_of(made));
    // Metadata is stored with each of the events.
    auto wide = commit_to({"a-1"});
    wide.events.resize(1'000, wide.events[0]);
    wide.meta.actor = std::string(200'000, 'x');
    CHECK(code_of(defect_of(wide)) == errc::limit_exceeded);
}

TEST_CASE("a meter cuts batches by rows and by bytes", "[batch]") {
    auto wide = commit_to({"a-1"});
    wide.events.resize(30'000, wide.events[0]);
    batch_meter rows;
    CHECK(rows.has_room_for(wide));
    rows.add(wide);
    rows.add(wide);
    CHECK_FALSE(rows.has_room_for(wide));
    CHECK(rows.has_room_for(commit_to({"a-1"})));

    auto heavy = commit_to({"a-1"});
    heavy.events[0].payload = recount::json_text::trusted('"' + std::string(1'000'000, 'x') + '"');
    heavy.events.resize(100, heavy.events[0]);
    batch_meter bytes;
    bytes.add(heavy);
    CHECK_FALSE(bytes.has_room_for(heavy));
    CHECK(batch_meter{}.has_room_for(heavy));
}

TEST_CASE("a commit that follows is planned only behind the one it names", "[batch]") {
    auto first = expecting(commit_to({"a-1"}), "a-1", expectation::exactly(5));
    auto second = expecting(commit_to({"a-1"}), "a-1", expectation::exactly(6));
    second.follows = first.id;
    known_heads const as_expected{{"a-1", {40, 5, {}}}};
    CHECK(plan({first, second}, as_expected).rows.size() == 2);
    // Somebody else was first: the version would suit the second by chance.
    known_heads const moved{{"a-1", {40, 6, {}}}};
    auto const batch = plan({first, second}, moved);
    CHECK(batch.rows.empty());
    REQUIRE(batch.conflicts.size() == 2);
    CHECK(std::string{batch.conflicts.at(1).what()} ==
          "unable to append to a-1: expected the commit that it follows, stream is at 6");
    // Written by an earlier transaction of the same call, or not planned with it at all.
    commit const* const given[] = {&first, &second};
    std::size_t const only_second[] = {1};
    CHECK(plan_batch(store, given, only_second, moved, {first.id}).rows.size() == 1);
    CHECK(plan_batch(store, given, only_second, moved).rows.empty());
}
