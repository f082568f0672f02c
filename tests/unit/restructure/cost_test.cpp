// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What large and hostile histories cost. Counted where it can be counted; the time limits are far
// above what is needed (milliseconds) and far below what a quadratic way would take.
#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include <recount/restructure/payload.hpp>
#include <recount/restructure/resolve.hpp>

#include "support/catch.hpp"
#include "support/restructure/laws.hpp"

using namespace recount;
using namespace recount::tests;
using history::anchor;

namespace {

std::string const a = "account-A";

uuid numbered(std::uint32_t n) {
    uuid id;
    id.octets[0] = std::byte{0xD0};
    for (unsigned i = 0; i < 4; ++i) {
        id.octets[13 - i] = static_cast<std::byte>(n >> (8 * i) & 0xFFU);
    }
    return id;
}

std::vector<recorded_event> rows_of_stream_a(std::uint32_t count) {
    std::vector<recorded_event> rows(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        auto& r = rows[i];
        r.position = r.commit_last = r.version = i + 1;
        r.stream = a;
        r.id = numbered(i + 1);
        r.type = "account.moved";
        r.recorded_at = day(1);
        r.payload = some_content(i).payload;
        r.meta = "{}";
    }
    return rows;
}

history::entry entry_of(position p, std::vector<history::operation> ops) {
    history::entry e;
    e.first = e.visible_at = p;
    history::restructure_payload told{numbered(static_cast<std::uint32_t>(p)), "t", "b"};
    for (auto& o : ops) o.streams = {a};
    told.ops = std::move(ops);
    e.what = std::move(told);
    return e;
}

template <class Work> double seconds_of(Work&& work) {
    auto const begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

constexpr double seconds_max = 20;

}  // namespace

TEST_CASE("a long stream with a thousand corrections folds in one pass", "[restructure]") {
    constexpr std::uint32_t events = 100'000;
    auto rows = rows_of_stream_a(events);
    auto const content = std::make_shared<history::content const>(some_content(1));
    history::fold f;
    std::size_t shown = 0;
    auto const took = seconds_of([&] {
        for (auto const& e : history::entries_of(std::move(rows))) f.advance(e);
        for (std::uint32_t i = 0; i < 1'000; ++i) {
            auto const x = numbered(i * 97 + 1);
            auto const z = numbered(i * 89 + 2);
            auto const z_place = f.find(z)->at;
            std::vector<history::operation> ops;
            if (i % 3 == 0) ops.push_back({0, history::op::exclude{x}});
            if (i % 3 == 1) ops.push_back({0, history::op::replace{x, content}});
            if (i % 3 == 2 && x != z && z_place.steps() < limits::place_steps_max) {
                ops.push_back(
                    {0, history::op::move{x, a, a, {anchor::kind::after, z, z_place}, {}}});
            }
            f.advance(entry_of(events + 1 + i, std::move(ops)));
        }
        shown = f.corrected(a).size();
    });
    CHECK(shown == events - 334);
    CHECK(f.delta(events, events + 1'000).size() > 1'000);
    INFO(took << " s");
    CHECK(took < seconds_max);
}

TEST_CASE("ten thousand inserts at one gap nest without growing", "[restructure]") {
    history::fold f;
    for (auto const& e : history::entries_of(rows_of_stream_a(2))) f.advance(e);
    // By turns: a run right of the last one, and a chain as deep as it may be.
    auto z = f.find(numbered(1))->at;
    auto const content = std::make_shared<history::content const>(some_content(1));
    std::size_t bytes = 0;
    for (position p = 3; p < 10'003; ++p) {
        auto const y = history::inserted_id(numbered(static_cast<std::uint32_t>(p)), 0);
        f.advance(entry_of(
            p, {{0, history::op::insert{y, a, {anchor::kind::after, numbered(1), z}, content}}}));
        auto const made = f.find(y)->at;
        bytes += made.key().size();
        if (made.steps() < limits::place_steps_max) z = made;
    }
    auto const view = f.corrected(a);
    CHECK(view.size() == 10'002);
    CHECK(view.front().event == numbered(1));
    CHECK(view.back().event == numbered(2));
    CHECK(std::is_sorted(view.begin(), view.end(),
                         [](auto const& l, auto const& r) { return l.at < r.at; }));
    CHECK(bytes <= 10'000 * 11 * (limits::place_steps_max + 1));
}

TEST_CASE("a slot moved to and fro a whole entry long costs what it says", "[restructure]") {
    history::fold f;
    for (auto const& e : history::entries_of(rows_of_stream_a(2))) f.advance(e);
    std::vector<history::operation> ops;
    for (int n = 0; n < static_cast<int>(recount::limits::restructure_operations_max); ++n) {
        auto const to = n % 2 == 0 ? "account-B" : "account-A";
        ops.push_back({n, history::op::move{numbered(1), a, to, {anchor::kind::end}, {}}});
    }
    auto const took = seconds_of([&] { f.advance(entry_of(3, std::move(ops))); });
    CHECK(took < seconds_max);
    CHECK(f.find(numbered(1))->stream == "account-B");
    CHECK(f.corrected("account-B").size() == 1);
    CHECK(f.corrected(a).size() == 1);
}

TEST_CASE("a restructure of many streams is split and joined in one pass", "[restructure]") {
    history::restructure_payload p{numbered(9), "t", "b"};
    for (int n = 0; n < 20'000; ++n) {
        auto const stream = fmt::format("account-{:06}", n);
        auto const x = numbered(static_cast<std::uint32_t>(n));
        p.ops.push_back({n, history::op::exclude{x}, {stream}});
    }
    std::vector<history::entry> entries;
    auto const took = seconds_of([&] {
        std::vector<recorded_event> rows;
        for (auto& r : history::rows_for(p)) {
            recorded_event row;
            row.position = static_cast<position>(rows.size()) + 1;
            row.commit_last = 20'000;
            row.stream = r.stream;
            row.id = event_id(numbered(9), static_cast<std::uint16_t>(rows.size()));
            row.type = history::restructured_type;
            row.payload = r.payload.str();
            row.meta = "{}";
            rows.push_back(std::move(row));
        }
        entries = history::entries_of(std::move(rows));
    });
    REQUIRE(entries.size() == 1);
    CHECK(std::get<history::restructure_payload>(entries[0].what).ops.size() == 20'000);
    CHECK(took < seconds_max);
}

TEST_CASE("a plan over many streams costs what its streams hold", "[restructure]") {
    constexpr std::uint32_t streams = 20'000;
    std::vector<recorded_event> rows;
    for (std::uint32_t i = 0; i < 2 * streams; ++i) {
        auto row = rows_of_stream_a(1).front();
        row.position = row.commit_last = i + 1;
        row.version = i % 2 + 1;
        row.stream = fmt::format("account-{:06}", i / 2);
        row.id = event_id(numbered(i + 1), 0);
        rows.push_back(std::move(row));
    }
    history::fold f;
    restructure plan{"the other way round"};
    plan.because("they came late");
    for (auto const& e : history::entries_of(rows)) f.advance(e);
    for (std::uint32_t i = 0; i < streams; ++i) {
        plan.move(rows[2 * i].id, history::planned_anchor::after(rows[2 * i + 1].id));
    }
    std::size_t ops = 0;
    auto const took =
        seconds_of([&] { ops = history::resolve(plan, f, numbered(9)).payload.ops.size(); });
    CHECK(ops == streams);
    CHECK(took < seconds_max);
}
