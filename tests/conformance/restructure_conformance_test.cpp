// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The golden example through the log: appended as plans, read corrected, at every knowledge
// position, by version, by the second time, and annotated.
#include <recount/restructure/payload.hpp>

#include "conformance/restructure_conformance.hpp"

using namespace conformance;
using namespace recount;
using history::read_annotated;
using history::read_corrected;

TEST_CASE("golden example: every balance at every knowledge position", "[conformance]") {
    struct line {
        int entry;
        std::int64_t a;
        std::optional<std::int64_t> b;
    };
    std::vector<line> const lines{{2, 100, {}},  {3, 200, {}}, {4, 150, {}},
                                  {6, 180, 0},   {7, 50, 30},  {8, 95, 30},
                                  {9, 115, 30},  {10, 215, 30}, {11, 200, 30}};
    ON_EVERY_BACKEND(store) {
        golden const g{*store.log};
        CHECK(g.last == std::map<int, position>{{1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5}, {6, 6},
                                                {7, 8}, {8, 9}, {9, 10}, {10, 11}, {11, 12}});
        for (auto* log : {store.log.get(), &store.other()}) {
            for (auto const& expected : lines) {
                CAPTURE(expected.entry);
                auto const k = g.last.at(expected.entry);
                auto const a = read_corrected(*log, g.a, {.known_at = k});
                CHECK(a.known_at == k);
                CHECK(a.restructured == (expected.entry >= 7));
                CHECK(total(a.events) == expected.a);
                auto const b = read_corrected(*log, g.b, {.known_at = k});
                CHECK(b.events.empty() == !expected.b.has_value());
                CHECK(total(b.events) == expected.b.value_or(0));
            }
            CHECK(total(read_corrected(*log, g.a).events) == 200);
        }
        check_whole(*store.log);
    }
}

TEST_CASE("golden example: the events and their order", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        golden const g{*store.log};
        auto const now = read_corrected(*store.log, g.a);
        CHECK(g.names(now.events) == "e1 e2 x1 e3 e4 e7");
        CHECK(now.events.at(4).payload == R"({"amount":-5})");
        CHECK(now.events.at(4).effective() == day(2));
        CHECK(now.known_at == 12);
        CHECK(now.version == 10);
        CHECK(now.hash == store.log->hash_at(12));
        CHECK(g.names(read_corrected(*store.log, g.a, {.known_at = 8}).events) == "e1 e2 e4");
        auto const b = read_corrected(*store.log, g.b);
        CHECK(g.names(b.events) == "e5 e6");
        // Of the row that first carried the id, but for the stream that it is in now.
        auto const row = store.log->find_event(g.events.at("e6"));
        REQUIRE(row.has_value());
        CHECK(row->stream == "account-A");
        CHECK(b.events.at(1).stream == "account-B");
        CHECK(b.events.at(1).position == row->position);
        CHECK(b.events.at(1).version == row->version);
        CHECK(b.events.at(1).hash == row->hash);
        CHECK(b.events.at(1).recorded_at == row->recorded_at);
        CHECK(b.events.at(1).commit_last == row->commit_last);
        CHECK(b.events.at(1).meta == row->meta);
    }
}

TEST_CASE("golden example: a k inside a commit is the end of the one before", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        golden const g{*store.log};
        auto const inside = read_corrected(*store.log, g.a, {.known_at = 7});
        CHECK(inside.known_at == 6);
        CHECK(total(inside.events) == 180);
        CHECK(g.balance(g.b, 7) == 0);
        CHECK(history::round_down(*store.log, 7) == 6);
        CHECK(history::round_down(*store.log, 8) == 8);
        CHECK(history::round_down(*store.log, 0) == 0);
        CHECK(history::round_down(*store.log, history::latest) == 12);
        CHECK(read_corrected(*store.log, g.a, {.known_at = 99}).known_at == 12);
        CHECK(read_corrected(*store.log, g.a, {.known_at = 0}).events.empty());
        // What was believed then does not change by what comes after.
        CHECK(g.balance(g.a, 6) == 180);
        CHECK(g.balance(g.b, 6) == 0);
    }
}

TEST_CASE("golden example: a version is read as at the end of its commit", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        golden const g{*store.log};
        auto const at = [&](stream_name const& of, version v) {
            return read_corrected(*store.log, of, {.version = v});
        };
        CHECK(at(g.a, 6).known_at == 8);
        CHECK(total(at(g.a, 6).events) == 50);
        CHECK(at(g.b, 2).known_at == 8);
        CHECK(at(g.a, 10).known_at == 12);
        CHECK(at(g.a, 0).events.empty());
        CHECK(at(g.a, 0).known_at == 0);
        CHECK(error_of([&] { return at(g.a, 11); })->code() == errc::not_found);
        CHECK(error_of([&] { return at(g.a, -1); })->code() == errc::invalid_argument);
        CHECK(error_of([&] { return read_corrected(*store.log, g.a, {.known_at = -1}); })->code() ==
              errc::invalid_argument);
        // The earlier of the two holds.
        auto const both = read_corrected(*store.log, g.a, {.known_at = 9, .version = 10});
        CHECK(both.known_at == 9);
        CHECK(both.version == 7);
        CHECK(read_corrected(*store.log, g.a, {.known_at = 12, .version = 6}).known_at == 8);

        // A version inside a commit.
        commit two;
        two.events = {event("account-A"), event("account-A")};
        store.log->append(two);
        CHECK(at(g.a, 11).known_at == 14);
        CHECK(at(g.a, 11).version == 12);
    }
}

TEST_CASE("golden example: as of the end of the year, before and after the redate",
          "[conformance]") {
    ON_EVERY_BACKEND(store) {
        golden g{*store.log};
        auto const new_year = timestamp_from_string("2025-12-31T23:59:59Z");
        CHECK(g.balance_until(12, new_year) == 220);
        g.redate();
        CHECK(g.last.at(12) == 13);
        CHECK(g.balance_until(13, new_year) == 215);
        CHECK(g.balance_until(12, new_year) == 220);
        CHECK(g.balance(g.a, 13) == 200);
        CHECK(g.balance(g.a, 12) == 200);
    }
}

TEST_CASE("golden example: annotated, every slot tells what became of it", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        golden const g{*store.log};
        auto const view = read_annotated(*store.log, g.a);
        CHECK(view.known_at == 12);
        CHECK(view.version == 10);
        std::vector<uuid> found;
        for (auto const& s : view.slots) found.push_back(s.event);
        CHECK(found == std::vector<uuid>{g.events.at("e1"), g.events.at("e2"), g.events.at("x1"),
                                         g.events.at("e3"), g.events.at("e4"), g.events.at("e6"),
                                         g.events.at("e7")});
        auto const& e3 = view.slots.at(3);
        CHECK(e3.present);
        CHECK(e3.notes.size() == 2);
        auto const& e4 = view.slots.at(4);
        CHECK(e4.original->payload == R"({"amount":-50})");
        CHECK(e4.content->payload == R"({"amount":-5})");
        CHECK(e4.notes.at(0).restructure == g.entry_eight);
        CHECK(view.slots.at(5).left_to == "account-B");
        // As it was before the first of them.
        auto const then = read_annotated(*store.log, g.a, {.known_at = 6});
        CHECK(then.known_at == 6);
        CHECK(then.slots.size() == 5);
        for (auto const& s : then.slots) CHECK(s.notes.empty());
        auto const there = read_annotated(*store.log, g.b);
        REQUIRE(there.slots.size() == 2);
        CHECK(there.slots.at(1).event == g.events.at("e6"));
        CHECK(there.slots.at(1).notes.at(0).restructure == g.entry_seven);
    }
}

TEST_CASE("golden example: one commit, a row in each stream, chained like any other",
          "[conformance]") {
    ON_EVERY_BACKEND(store) {
        golden const g{*store.log};
        auto const known = store.log->find_commits(std::span{&g.entry_seven, 1});
        REQUIRE(known.size() == 1);
        auto const& rows = known.begin()->second.rows;
        REQUIRE(rows.size() == 2);
        CHECK(rows[0].stream == "account-A");
        CHECK(rows[0].version == 6);
        CHECK(rows[1].stream == "account-B");
        CHECK(rows[1].version == 2);
        for (auto const& row : rows) {
            CHECK(row.type == "$restructured");
            CHECK(row.commit_last == 8);
            CHECK(metadata_from_json(row.meta).actor == "ada");
            CHECK(metadata_from_json(row.meta).basis == 6);
            auto const says = history::payload_from_log(row.payload, 7);
            REQUIRE(says.has_value());
            CHECK(says->restructure == g.entry_seven);
            CHECK(says->preview.value_or("").size() == 64);
        }
        CHECK(rows[0].command->find(R"("name":"$restructure")") != std::string::npos);
        check_whole(*store.log);
    }
}

TEST_CASE("a stream without restructures is read as it was recorded", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        commit one = commit_to("account-c", 3);
        one.command = json_text::checked(R"({"name":"c","version":1,"payload":{}})");
        store.log->append(one);
        auto const view = read_corrected(*store.log, stream("account-c"));
        CHECK_FALSE(view.restructured);
        auto const recorded = store.log->read_stream(stream("account-c")).events;
        REQUIRE(view.events.size() == recorded.size());
        for (std::size_t i = 0; i < recorded.size(); ++i) {
            CHECK(view.events[i].hash == recorded[i].hash);
            CHECK(view.events[i].command == recorded[i].command);
            CHECK(view.events[i].effective_at == recorded[i].effective_at);
        }
        auto const none = read_corrected(*store.log, stream("account-none"));
        CHECK(none.events.empty());
        CHECK(none.known_at == 3);
        CHECK(none.version == 0);
    }
}
