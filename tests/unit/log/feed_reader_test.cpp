// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/log/feed_reader.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/catch.hpp"
#include "support/wrapped_log.hpp"

using recount::commit;
using recount::feed_page;
using recount::feed_reader;
using recount::json_text;
using recount::position;
using recount::stream_name;
using recount::tests::wrapped_log;

namespace {

void append(wrapped_log& to, int commits, std::size_t events = 1) {
    for (int i = 0; i < commits; ++i) {
        commit one;
        one.id = recount::new_command_id();
        for (std::size_t n = 0; n < events; ++n) {
            one.events.push_back({stream_name{n % 2 == 0 ? "a-1" : "b-1"},
                                  n % 2 == 0 ? "a.done" : "b.done", 1,
                                  json_text::checked("{}"), std::nullopt});
        }
        static_cast<void>(to.inner.append(one));
    }
}

std::vector<position> positions(std::vector<recount::recorded_event> const& events) {
    std::vector<position> list;
    for (auto const& e : events) list.push_back(e.position);
    return list;
}

}  // namespace

TEST_CASE("a reader of the feed gives the pages that the log gives", "[feed_reader]") {
    wrapped_log log;
    append(log, 21);
    for (recount::feed_filter const& filter :
         {recount::feed_filter{}, recount::feed_filter{.types = {"b.done"}}}) {
        for (std::size_t const limit : {1U, 2U, 3U, 4U, 20U, 100U}) {
            feed_reader reader{log, 3, filter, limit};
            position after = 3;
            for (;;) {
                CHECK(reader.after() == after);
                auto const expected = log.inner.read_feed(after, filter, limit);
                auto const page = reader.next();
                CHECK(positions(page.events) == positions(expected.events));
                CHECK(page.through == expected.through);
                CHECK(page.caught_up == expected.caught_up);
                after = page.through;
                if (page.caught_up) break;
            }
            CHECK(after == 21);
        }
    }
}

TEST_CASE("commits that are longer than a page are neither cut nor told twice", "[feed_reader]") {
    wrapped_log log;
    std::vector<position> ends;
    for (std::size_t const events : {3, 1, 7, 2, 2, 20, 1, 1, 1, 1, 5, 4, 1, 3}) {
        append(log, 1, events);
        ends.push_back(log.head().position);
    }
    std::vector<position> all;
    for (position p = 1; p <= ends.back(); ++p) all.push_back(p);
    for (std::size_t limit = 1; limit < 60; ++limit) {
        CAPTURE(limit);
        feed_reader reader{log, 0, {}, limit};
        std::vector<position> seen;
        for (;;) {
            auto const page = reader.next();
            CHECK(std::count(ends.begin(), ends.end(), page.through) == 1);
            for (auto const p : positions(page.events)) seen.push_back(p);
            CHECK(seen.back() == page.through);
            if (page.caught_up) break;
        }
        CHECK(seen == all);
    }
}

TEST_CASE("two pages are on their way at once", "[feed_reader]") {
    wrapped_log log;
    append(log, 6);
    std::mutex mutex;
    std::condition_variable changed;
    int reads = 0;
    log.before_read_feed = [&] {
        std::unique_lock hold{mutex};
        ++reads;
        changed.notify_all();
        if (reads > 1) changed.wait(hold, [&] { return reads == 3; });
    };
    feed_reader reader{log, 0, {}, 2};
    for (position const end : {2, 4, 6}) CHECK(reader.next().through == end);
    CHECK(reads == 3);
}

TEST_CASE("many readers together ask for so many pages early and no more", "[feed_reader]") {
    constexpr int readers = 12;
    constexpr int early = 8;   // two for each of the first four
    wrapped_log log;
    append(log, 6);
    std::mutex mutex;
    std::condition_variable changed;
    int reads = 0;
    int own_reads = 0;   // by next() itself
    bool held = true;
    auto const here = std::this_thread::get_id();
    log.before_read_feed = [&] {
        std::unique_lock hold{mutex};
        ++reads;
        changed.notify_all();
        if (std::this_thread::get_id() == here) {
            ++own_reads;
        } else {
            changed.wait(hold, [&] { return !held; });
        }
    };
    std::vector<std::unique_ptr<feed_reader>> all;
    for (int i = 0; i < readers; ++i) {
        all.push_back(std::make_unique<feed_reader>(log, 0, recount::feed_filter{}, 2));
        CHECK(all.back()->next().through == 2);
    }
    {
        std::unique_lock hold{mutex};
        changed.wait(hold, [&] { return reads >= readers + early; });
        CHECK(reads == readers + early);
        held = false;
        changed.notify_all();
    }
    for (auto& one : all) {
        CHECK(one->next().through == 4);
        CHECK(one->next().caught_up);
    }
    CHECK(own_reads >= readers + readers - early / 2);
    CHECK(reads == 3 * readers);
}

TEST_CASE("while a page is worked on the next one is read", "[feed_reader]") {
    wrapped_log log;
    append(log, 4);
    std::mutex mutex;
    std::condition_variable changed;
    int reads = 0;
    log.before_read_feed = [&] {
        std::lock_guard const hold{mutex};
        ++reads;
        changed.notify_all();
    };
    feed_reader reader{log, 0, {}, 2};
    REQUIRE(reader.next().through == 2);
    std::unique_lock hold{mutex};
    changed.wait(hold, [&] { return reads == 2; });  // nobody has called next() again
    hold.unlock();
    auto const last = reader.next();
    CHECK(positions(last.events) == std::vector<position>{3, 4});
    CHECK(last.caught_up);
    CHECK(reads == 2);
}

TEST_CASE("behind the end of the log a reader goes on where it was", "[feed_reader]") {
    wrapped_log log;
    feed_reader reader{log};
    CHECK(reader.next().caught_up);
    append(log, 2);
    CHECK(positions(reader.next().events) == std::vector<position>{1, 2});
    CHECK(reader.next().events.empty());
    append(log, 1);
    CHECK(positions(reader.next().events) == std::vector<position>{3});
}

TEST_CASE("a page that could not be read is read again", "[feed_reader]") {
    wrapped_log log;
    append(log, 4);
    std::atomic<int> reads = 0;
    log.before_read_feed = [&] {
        if (++reads == 2) throw recount::error{recount::errc::database_unreachable, "away"};
    };
    feed_reader reader{log, 0, {}, 2};
    REQUIRE(reader.next().through == 2);
    CHECK_THROWS_AS(static_cast<void>(reader.next()), recount::error);
    CHECK(reader.after() == 2);
    CHECK(positions(reader.next().events) == std::vector<position>{3, 4});
}

TEST_CASE("whichever pages could not be read, a reader goes on where it was", "[feed_reader]") {
    wrapped_log log;
    append(log, 30);
    std::atomic<int> reads = 0;
    log.before_read_feed = [&] {
        if (++reads % 3 == 0) throw recount::error{recount::errc::database_unreachable, "away"};
    };
    feed_reader reader{log, 0, {}, 2};
    std::vector<position> seen;
    while (seen.size() < 30) {
        try {
            for (auto const p : positions(reader.next().events)) seen.push_back(p);
        } catch (recount::error const&) {
            CHECK(reader.after() == (seen.empty() ? 0 : seen.back()));
        }
    }
    std::vector<position> all;
    for (position p = 1; p <= 30; ++p) all.push_back(p);
    CHECK(seen == all);
}

TEST_CASE("a reader that is given up waits for its page", "[feed_reader]") {
    wrapped_log log;
    append(log, 4);
    std::atomic<int> begun = 0;
    std::atomic<int> ended = 0;
    log.before_read_feed = [&] { ++begun; };
    log.after_read_feed = [&](feed_page&) { ++ended; };
    { REQUIRE(feed_reader{log, 0, {}, 1}.next().through == 1); }
    CHECK(begun == 3);
    CHECK(ended == 3);
}
