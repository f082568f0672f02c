// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Reading: streams, the feed, lists, and the bytes that come back.
#include <algorithm>
#include <limits>

#include "log_conformance.hpp"

using namespace conformance;
using recount::direction;
using position_list = std::vector<recount::position>;
using version_list = std::vector<recount::version>;

TEST_CASE("a stream is read forward, from a version, up to a limit", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        for (int i = 0; i < 5; ++i) {
            log.append(commit_to("a-1"));
            log.append(commit_to("b-1"));
        }
        auto const read = [&](recount::version from, std::size_t limit) {
            return log.read_stream(stream("a-1"), {from, direction::forward, limit});
        };
        CHECK(versions(log.read_stream(stream("a-1")).events) == version_list{1, 2, 3, 4, 5});
        CHECK(versions(read(1, 5).events) == version_list{1, 2, 3, 4, 5});
        CHECK_FALSE(read(1, 5).more);
        CHECK(versions(read(0, 2).events) == version_list{1, 2});
        CHECK(read(0, 2).more);
        CHECK(versions(read(3, 2).events) == version_list{3, 4});
        CHECK(versions(read(4, 9).events) == version_list{4, 5});
        CHECK(read(6, 9).events.empty());
        CHECK_FALSE(read(6, 9).more);
        CHECK(read(1, 0).events.empty());
        CHECK(read(1, 0).more);
    }
}

TEST_CASE("a stream is read backward from its end or from a version", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        log.append(commit_to("a-1", 5));
        auto const read = [&](recount::version from, std::size_t limit) {
            return log.read_stream(stream("a-1"), {from, direction::backward, limit});
        };
        CHECK(versions(read(0, 9).events) == version_list{5, 4, 3, 2, 1});
        CHECK_FALSE(read(0, 9).more);
        CHECK(versions(read(0, 1).events) == version_list{5});
        CHECK(read(0, 1).more);
        CHECK(versions(read(3, 2).events) == version_list{3, 2});
        CHECK(versions(read(2, 2).events) == version_list{2, 1});
        CHECK_FALSE(read(2, 2).more);
        CHECK(versions(read(99, 1).events) == version_list{5});
    }
}

TEST_CASE("a stream that does not exist is an empty page", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        log.append(commit_to("a-1", 3));
        for (auto const way : {direction::forward, direction::backward}) {
            auto const page = log.read_stream(stream("a-2"), {0, way, 10});
            CHECK(page.events.empty());
            CHECK_FALSE(page.more);
            CHECK(page.as_of == 3);
        }
    }
}

TEST_CASE("a page says at which head of the log it was read", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        CHECK(log.read_stream(stream("a-1")).as_of == 0);
        log.append(commit_to("a-1", 2));
        log.append(commit_to("b-1", 2));
        CHECK(log.read_stream(stream("a-1")).as_of == 4);
        CHECK(store.other().read_stream(stream("a-1"), {0, direction::backward, 1}).as_of == 4);
    }
}

TEST_CASE("several streams are read whole in one go", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        log.append(commit_to("a-1", 2));
        log.append(commit_to("b-1", 1));
        log.append(commit_to("a-1", 1));
        log.append(commit_to("c-1", 1));
        std::vector<recount::stream_name> const wanted{stream("b-1"), stream("none-1"),
                                                       stream("a-1"), stream("a-1")};
        recount::position as_of = -1;
        auto const found = log.read_streams(wanted, &as_of);
        CHECK(as_of == 5);
        REQUIRE(found.size() == 2);
        CHECK(versions(found.at("a-1")) == version_list{1, 2, 3});
        CHECK(positions(found.at("b-1")) == position_list{3});
        CHECK(found.at("a-1") == log.read_stream(stream("a-1")).events);
        CHECK(log.read_streams({}, &as_of).empty());
        CHECK(as_of == 5);
    }
}

TEST_CASE("pages of the feed end where commits end", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        log.append(commit_to("a-1", 5));
        log.append(commit_to("b-1", 1));
        log.append(commit_to("a-1", 2));
        auto const first = log.read_feed(0, {}, 1);
        CHECK(positions(first.events) == position_list{1, 2, 3, 4, 5});
        CHECK(first.through == 5);
        CHECK(first.head == 8);
        CHECK_FALSE(first.caught_up);
        auto const second = log.read_feed(first.through, {}, 1);
        CHECK(positions(second.events) == position_list{6});
        auto const third = log.read_feed(second.through, {}, 1);
        CHECK(positions(third.events) == position_list{7, 8});
        CHECK(third.caught_up);
        CHECK(log.read_feed(0, {}, 6).through == 6);
        CHECK(log.read_feed(0, {}, 7).through == 8);
        // From within a commit the rest of it follows.
        CHECK(positions(log.read_feed(3, {}, 1).events) == position_list{4, 5});
        CHECK(log.read_feed(0, {}, 0).through == 5);
        CHECK(log.read_feed(0, {}, std::numeric_limits<std::size_t>::max()).through == 8);
    }
}

TEST_CASE("past its end the feed has nothing and stays where it is", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        log.append(commit_to("a-1", 2));
        for (recount::position const after : {2, 9}) {
            auto const page = log.read_feed(after);
            CHECK(page.events.empty());
            CHECK(page.through == after);
            CHECK(page.head == 2);
            CHECK(page.caught_up);
        }
        CHECK(log.read_feed(-5).through == 2);
    }
}

TEST_CASE("the feed is filtered by category, type and stream", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        log.append(commit_of({event("a-1", "{}", "t.one"), event("b-1", "{}", "t.two"),
                              event("c-1", "{}", "t.one")}));
        log.append(commit_of({event("a-2", "{}", "t.two"), event("a-1", "{}", "t.three")}));
        auto const read = [&](recount::feed_filter const& filter) {
            auto const page = log.read_feed(0, filter);
            CHECK(page.through == 5);  // past what was filtered out, too
            CHECK(page.caught_up);
            return positions(page.events);
        };
        CHECK(read({}) == position_list{1, 2, 3, 4, 5});
        CHECK(read({.categories = {"a"}}) == position_list{1, 4, 5});
        CHECK(read({.categories = {"c", "b"}}) == position_list{2, 3});
        CHECK(read({.types = {"t.one"}}) == position_list{1, 3});
        CHECK(read({.types = {"t.two", "t.three"}}) == position_list{2, 4, 5});
        CHECK(read({.categories = {"a"}, .types = {"t.two"}}) == position_list{4});
        CHECK(read({.stream = stream("a-1")}) == position_list{1, 5});
        CHECK(read({.types = {"t.one"}, .stream = stream("a-1")}) == position_list{1});
        CHECK(read({.categories = {"b"}, .stream = stream("a-1")}).empty());
        CHECK(read({.types = {"t.none"}}).empty());
        CHECK(read({.stream = stream("none-1")}).empty());
    }
}

TEST_CASE("a filtered feed reaches its end page by page", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        for (int i = 0; i < 30; ++i) log.append(commit_to(i % 10 == 0 ? "rare-1" : "a-1", 2));
        recount::position after = 0;
        position_list seen;
        int pages = 0;
        for (bool more = true; more; ++pages) {
            auto const page = log.read_feed(after, {.categories = {"rare"}}, 7);
            CHECK(page.through > after);
            for (auto const p : positions(page.events)) seen.push_back(p);
            after = page.through;
            more = !page.caught_up;
        }
        CHECK(seen == position_list{1, 2, 21, 22, 41, 42});
        CHECK(pages == 8);
    }
}

TEST_CASE("payload, command and metadata come back byte for byte", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        std::vector<std::string> const texts{
            R"( { "b" : 1 , "a":[ 1,2 ,3 ] } )",
            "{\n\t\"n\": 1e2,\r\n \"m\": 1.50, \"z\": -0.0, \"k\": 1E+2}",
            R"({"s":"\u00e9\u20ac\/\b\f\n\r\t\"\\","t":"é€😀"})",
            R"({"pair":"\ud83d\ude00","del":")"
            "\x7f"
            R"("})",
            R"("{\"quoted\":\"NULL\"}")",
            "[]",
            "null",
            "0",
            "9223372036854775807",
            "18446744073709551615",
            R"({"comma,brace{}":"\\","NULL":null})",
        };
        std::vector<recount::new_event> events;
        for (auto const& text : texts) events.push_back(event("a-1", text));
        auto attempt = commit_of(events);
        attempt.command = recount::json_text::checked(R"({"name":"x.y", "payload" : {"q":"\"'"}})");
        attempt.meta.actor = R"(an "actor", with \ and {braces} and ')";
        attempt.meta.correlation = recount::new_command_id();
        attempt.meta.x = {{"key", "value é"}, {"null", "NULL"}};
        log.append(attempt);
        auto const all = store.other().read_stream(stream("a-1")).events;
        REQUIRE(all.size() == texts.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
            CHECK(all[i].payload == texts[i]);
            CHECK(all[i].meta == to_json(attempt.meta).str());
        }
        CHECK(all[0].command == attempt.command->str());
        auto const meta = recount::metadata_from_json(all[0].meta);
        CHECK(meta.actor == attempt.meta.actor);
        CHECK(meta.correlation == attempt.meta.correlation);
        CHECK(meta.x == attempt.meta.x);
    }
}

TEST_CASE("type, schema version and effective time are kept as given", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const instants = {"0001-01-01T00:00:00.000000Z", "1969-12-31T23:59:59.999999Z",
                               "1993-01-09T00:00:00.000000Z", "2026-01-31T23:59:59.123456Z",
                               "9999-12-31T23:59:59.999999Z"};
        auto attempt = commit_of({event("a-1")});
        for (auto const* text : instants) {
            auto e = event("a-1", "{}", "thing.\"odd\",é{}");
            e.schema_version = 7;
            e.effective_at = recount::timestamp_from_string(text);
            attempt.events.push_back(e);
        }
        log.append(attempt);
        auto const all = everything(log);
        CHECK_FALSE(all[0].effective_at.has_value());
        CHECK(all[0].effective() == all[0].recorded_at);
        std::size_t i = 1;
        for (auto const* text : instants) {
            REQUIRE(all[i].effective_at.has_value());
            CHECK(recount::to_string(all[i].effective()) == text);
            CHECK(all[i].type == "thing.\"odd\",é{}");
            CHECK(all[i].schema_version == 7);
            ++i;
        }
    }
}

TEST_CASE("ids of streams may be any text", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        std::vector<std::string> const names{"a-žluťoučký kůň",
                                             "a-😀",
                                             "a-e\xcc\x81",
                                             "a-\xc3\xa9",
                                             "a-with \"quotes\", 'and' \\",
                                             "a-{NULL}",
                                             "a-NULL",
                                             "a-a-b-c",
                                             "a--",
                                             "a-%_",
                                             "$saga.transfer-1",
                                             "a-" + std::string(200, 'x')};
        auto const append = [&](std::string const& name, recount::expectation const& expected) {
            auto made = expecting(commit_to(name), name, expected);
            made.of_framework = true;
            log.append(made);
        };
        for (auto const& name : names) {
            append(name, recount::expectation::no_stream());
        }
        for (auto const& name : names) {
            CAPTURE(name);
            auto const found = store.other().read_stream(stream(name)).events;
            REQUIRE(found.size() == 1);
            CHECK(found.front().stream == name);
            append(name, recount::expectation::exactly(1));
        }
        auto sorted = names;
        std::sort(sorted.begin(), sorted.end());
        std::vector<std::string> listed;
        for (auto const& summary : log.list_streams("")) listed.push_back(summary.name);
        CHECK(listed == sorted);  // by bytes
    }
}

TEST_CASE("streams are listed by name, by category and by page", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        log.append(commit_of({event("b-2"), event("a-1"), event("b-1"), event("b-2")}));
        log.append(commit_to("ab-1", 3));
        auto const names = [](std::vector<recount::stream_summary> const& found) {
            std::vector<std::string> list;
            for (auto const& one : found) list.push_back(one.name);
            return list;
        };
        using list = std::vector<std::string>;
        CHECK(names(log.list_streams("")) == list{"a-1", "ab-1", "b-1", "b-2"});
        CHECK(names(log.list_streams("b")) == list{"b-1", "b-2"});
        CHECK(names(log.list_streams("", {}, 2)) == list{"a-1", "ab-1"});
        CHECK(names(log.list_streams("", "ab-1", 2)) == list{"b-1", "b-2"});
        CHECK(names(log.list_streams("b", "b-1")) == list{"b-2"});
        CHECK(log.list_streams("none").empty());
        auto const of_b = log.list_streams("b");
        CHECK(of_b[1].version == 2);
        CHECK(of_b[1].created_position == 1);
        CHECK(of_b[0].created_position == 3);

        auto const categories = log.list_categories();
        REQUIRE(categories.size() == 3);
        CHECK(categories[0].name == "a");
        CHECK(categories[1].name == "ab");
        CHECK(categories[2].name == "b");
        CHECK(categories[2].streams == 2);
    }
}

TEST_CASE("each type and schema version is listed with its first place", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto second = event("a-1", "{}", "t.one");
        second.schema_version = 2;
        log.append(commit_of({event("a-1", "{}", "t.two"), event("a-1", "{}", "t.one")}));
        log.append(commit_of({event("a-1", "{}", "t.one"), second, second}));
        auto const types = log.list_types();
        REQUIRE(types.size() == 3);
        CHECK(types[0].type == "t.one");
        CHECK(types[0].schema_version == 1);
        CHECK(types[0].first_position == 2);
        CHECK(types[1].type == "t.one");
        CHECK(types[1].schema_version == 2);
        CHECK(types[1].first_position == 4);
        CHECK(types[2].type == "t.two");
        CHECK(types[2].first_position == 1);
    }
}
