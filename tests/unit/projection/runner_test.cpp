// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/projection/runner.hpp>

#include <atomic>

#include <recount/core/metrics.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/restructure/append.hpp>

#include "support/sample_domain.hpp"
#include "support/wrapped_log.hpp"

namespace {

using namespace sample;
using namespace std::chrono_literals;
using recount::checkpoint;
using recount::digest;
using recount::errc;
using recount::error;
using recount::feed_page;
using recount::position;
using recount::projection_runner;
using recount::runner_options;
using recount::table_build;
namespace metrics = recount::metrics;
using metrics::metric;
using kind = projection_runner::action_kind;

digest hash_of(int n) {
    digest d{};
    d[0] = static_cast<std::byte>(n);
    return d;
}
feed_page page_to(position through, position head) {
    feed_page page;
    page.through = through;
    page.head = head;
    page.caught_up = through == head;
    return page;
}
runner_options until(position p) {
    runner_options options;
    options.until = p;
    options.page_events = 10;
    return options;
}
runner_options following() {
    runner_options options;
    options.page_events = 10;
    return options;
}
error passing() { return error{errc::database_unreachable, "gone"}; }

}  // namespace

TEST_CASE("a runner begins with its checkpoint", "[runner]") {
    projection_runner runner{until(100)};
    CHECK(runner.start().kind == kind::read_checkpoint);
    SECTION("at 0 there is no hash to compare") {
        auto const next = runner.on_checkpoint({});
        CHECK(next.kind == kind::read_page);
        CHECK(next.after == 0);
        CHECK(next.limit == 10);
    }
    SECTION("at another position the log must be the one that the rows were made from") {
        auto const next = runner.on_checkpoint({7, hash_of(7), 1});
        CHECK(next.kind == kind::read_hash);
        CHECK(next.after == 7);
        CHECK(runner.checkpoint_now().position == 7);
        SECTION("it is") {
            auto const page = runner.on_hash(hash_of(7));
            CHECK(page.kind == kind::read_page);
            CHECK(page.after == 7);
        }
        SECTION("it has another event there") {
            CHECK(runner.on_hash(hash_of(8)).kind == kind::fail);
            CHECK(runner.failure().code() == errc::corrupted);
            CHECK_THAT(runner.failure().what(), Catch::Matchers::ContainsSubstring("position 7"));
        }
        SECTION("it does not reach so far") {
            CHECK(runner.on_hash(std::nullopt).kind == kind::fail);
            CHECK(runner.failure().code() == errc::corrupted);
            CHECK_THAT(runner.failure().what(), Catch::Matchers::ContainsSubstring("no event"));
        }
    }
    SECTION("past what is wanted there is nothing to do") {
        CHECK(runner.on_checkpoint({100, hash_of(1), 1}).kind == kind::read_hash);
        CHECK(runner.on_hash(hash_of(1)).kind == kind::done);
    }
}

TEST_CASE("a runner with nothing wanted is done at once", "[runner]") {
    projection_runner runner{until(0)};
    static_cast<void>(runner.start());
    CHECK(runner.on_checkpoint({}).kind == kind::done);
}

TEST_CASE("a runner applies page after page until all is in the rows", "[runner]") {
    projection_runner runner{until(15)};
    static_cast<void>(runner.start());
    static_cast<void>(runner.on_checkpoint({0, {}, 3}));
    CHECK(runner.on_page(page_to(10, 20)).kind == kind::apply_page);
    CHECK(runner.checkpoint_now().position == 0);  // not before it is written
    auto next = runner.on_written(true, {10, hash_of(10), 3});
    CHECK(next.kind == kind::read_page);
    CHECK(next.after == 10);
    CHECK(runner.checkpoint_now().epoch == 3);
    next = runner.on_page(page_to(20, 20));
    CHECK(next.kind == kind::apply_page);
    CHECK(runner.on_written(true, {20, hash_of(20), 3}).kind == kind::done);
}

TEST_CASE("a page without events moves the checkpoint as well", "[runner]") {
    projection_runner runner{following()};
    static_cast<void>(runner.on_checkpoint({}));
    CHECK(runner.on_page(page_to(10, 30)).kind == kind::apply_page);
}

TEST_CASE("at the end of the log a runner that follows waits for news", "[runner]") {
    projection_runner runner{following()};
    static_cast<void>(runner.on_checkpoint({4, hash_of(4), 1}));
    static_cast<void>(runner.on_hash(hash_of(4)));
    auto next = runner.on_page(page_to(4, 4));
    CHECK(next.kind == kind::wait_for_news);
    CHECK(next.after == 4);
    next = runner.on_news();
    CHECK(next.kind == kind::read_page);
    CHECK(next.after == 4);
}

TEST_CASE("a runner that was overtaken goes on from where the other one is", "[runner]") {
    projection_runner runner{following()};
    static_cast<void>(runner.on_checkpoint({}));
    static_cast<void>(runner.on_page(page_to(5, 9)));
    CHECK(runner.on_written(false, {5, hash_of(5), 1}).kind == kind::read_checkpoint);
    CHECK(runner.checkpoint_now().position == 0);  // what was not written is not remembered
    CHECK(runner.on_checkpoint({9, hash_of(9), 2}).kind == kind::read_hash);
    CHECK(runner.on_hash(hash_of(9)).kind == kind::read_page);
    CHECK(runner.checkpoint_now().epoch == 2);
}

TEST_CASE("after a failure that may pass a runner pauses twice as long each time", "[runner]") {
    auto options = following();
    options.pause_first = 50ms;
    options.pause_max = 300ms;
    projection_runner runner{options};
    static_cast<void>(runner.on_checkpoint({}));
    for (auto const expected : {50ms, 100ms, 200ms, 300ms, 300ms}) {
        auto const next = runner.on_failure(passing());
        CHECK(next.kind == kind::pause);
        CHECK((next.pause == expected));
        CHECK(runner.on_pause_over().kind == kind::read_checkpoint);
    }
    for (int i = 0; i < 100; ++i) CHECK((runner.on_failure(passing()).pause == 300ms));
    SECTION("until it got on") {
        static_cast<void>(runner.on_page(page_to(5, 9)));
        static_cast<void>(runner.on_written(true, {5, hash_of(5), 1}));
        CHECK((runner.on_failure(passing()).pause == 50ms));
    }
    SECTION("until there was nothing to do") {
        static_cast<void>(runner.on_page(page_to(0, 0)));
        CHECK((runner.on_failure(passing()).pause == 50ms));
    }
    SECTION("but not for having read") {
        static_cast<void>(runner.on_page(page_to(5, 9)));
        CHECK((runner.on_failure(passing()).pause == 300ms));
    }
}

TEST_CASE("a runner that has an end gives up after some failures in a row", "[runner]") {
    projection_runner runner{until(9)};
    for (int i = 0; i < 4; ++i) CHECK(runner.on_failure(passing()).kind == kind::pause);
    CHECK(runner.on_failure(passing()).kind == kind::fail);
    CHECK(runner.failure().code() == errc::database_unreachable);
}

TEST_CASE("a failure that will not pass is final", "[runner]") {
    for (auto const code : {errc::unknown_type, errc::invalid_json, errc::corrupted,
                            errc::out_of_range, errc::refused, errc::database_failed}) {
        projection_runner runner{following()};
        CHECK(runner.on_failure(error{code, "no"}).kind == kind::fail);
        CHECK(runner.failure().code() == code);
    }
    for (auto const code : {errc::timed_out, errc::in_doubt, errc::database_unreachable}) {
        projection_runner runner{following()};
        CHECK(runner.on_failure(error{code, "perhaps"}).kind == kind::pause);
    }
    projection_runner runner{following()};
    error const deadlock{errc::database_failed, "deadlock", {"40P01", "write", {}}, true};
    CHECK(runner.on_failure(deadlock).kind == kind::pause);
}

TEST_CASE("a runner that is stopped is done, whatever happens next", "[runner]") {
    projection_runner runner{following()};
    static_cast<void>(runner.on_checkpoint({}));
    CHECK(runner.on_stop().kind == kind::done);
    CHECK(runner.on_page(page_to(5, 9)).kind == kind::done);
    CHECK(runner.on_written(true, {5, hash_of(5), 1}).kind == kind::done);
    CHECK(runner.checkpoint_now().position == 5);
    CHECK(runner.on_news().kind == kind::done);
    CHECK(runner.on_failure(passing()).kind == kind::fail);
}

// --- the shell ---

namespace {

struct world {
    recount::tests::wrapped_log log;
    recount::memory_row_store rows;
    recount::projection_descriptor const& p = recount::projection_of<totals>();

    world() { rows.prepare(p); }
    void append(int count) {
        for (int i = 0; i < count; ++i) {
            recount::commit c;
            c.events.push_back({recount::stream_name{"account-a"}, "account.deposited", 1,
                                recount::describe::to_json(deposited{{"a"}, eur(5)}),
                                {}});
            log.append(c);
        }
    }
    recount::projection_run run(position to, recount::projection_run_hooks const& hooks = {}) {
        auto options = until(to);
        options.pause_first = 0ms;
        return recount::run_projection(log, rows, p, table_build::live, options, hooks);
    }
    std::int64_t deposits() {
        auto const found = rows.query(p, {});
        if (found.empty()) return 0;
        return static_cast<total_row const*>(found.front().object.get())->deposits;
    }
};

}  // namespace

TEST_CASE("a run tells every event once and says how far it came", "[runner]") {
    world w;
    w.append(25);
    std::vector<position> ticks;
    recount::projection_run_hooks hooks;
    hooks.progress = [&](position p) { ticks.push_back(p); };
    auto const done = w.run(25, hooks);
    CHECK(done.events == 25);
    CHECK(done.through == 25);
    CHECK(ticks == std::vector<position>{10, 20, 25});
    CHECK(w.deposits() == 25);
    CHECK(w.run(25).events == 0);
    w.append(2);
    CHECK(w.run(27).events == 2);
    CHECK(w.deposits() == 27);
    auto const at = w.rows.read_checkpoint(w.p, table_build::live);
    CHECK((at == checkpoint{27, w.log.head().hash, 1}));
}

TEST_CASE("a run goes on after failures that pass", "[runner]") {
    world w;
    w.append(30);
    std::atomic<int> reads = 0;   // pages are read ahead, by other threads
    w.log.before_read_feed = [&] {
        if (++reads % 2 == 0) throw error{errc::database_unreachable, "gone"};
    };
    CHECK(w.run(30).events == 30);
    CHECK(w.deposits() == 30);
    w.append(1);
    w.log.before_read_feed = [] { throw error{errc::database_unreachable, "gone for good"}; };
    CHECK_THROWS_AS(w.run(31), error);
}

TEST_CASE("a run that is stopped keeps what it has written", "[runner]") {
    world w;
    w.append(30);
    recount::projection_run_hooks hooks;
    bool stop = false;
    hooks.progress = [&](position p) { stop = p >= 20; };
    hooks.stop_wanted = [&] { return stop; };
    auto const done = w.run(30, hooks);
    CHECK(done.through == 20);
    CHECK(w.deposits() == 20);
    CHECK(w.run(30).events == 10);
}

TEST_CASE("two runs side by side tell every event once", "[runner]") {
    world w;
    w.append(20);
    std::atomic<bool> nested = false;
    // The other one writes the same page between our reading and writing it.
    w.log.before_read_feed = [&] {
        if (nested.exchange(true)) return;
        CHECK(w.run(20).events == 20);
    };
    auto const done = w.run(20);
    CHECK(done.events == 0);
    CHECK(done.through == 20);
    CHECK(w.deposits() == 20);
}

TEST_CASE("rows that were made from another log are not touched", "[runner]") {
    world w;
    w.append(3);
    static_cast<void>(w.run(3));
    recount::tests::wrapped_log other;
    recount::commit c;
    for (int i = 0; i < 5; ++i) {
        c.events.push_back({recount::stream_name{"account-a"}, "account.opened", 1,
                            recount::describe::to_json(opened{{"a"}}),
                            {}});
    }
    other.append(c);
    try {
        static_cast<void>(
            recount::run_projection(other, w.rows, w.p, table_build::live, until(5)));
        FAIL("the hash differs");
    } catch (error const& e) {
        CHECK(e.code() == errc::corrupted);
    }
    CHECK(w.deposits() == 3);
}

TEST_CASE("an event that a projection cannot be told is named with its place", "[runner]") {
    world w;
    recount::commit c;
    c.events.push_back({recount::stream_name{"account-a"}, "account.deposited", 1, {}, {}});
    SECTION("for its payload") {
        w.log.append(c);
        try {
            static_cast<void>(w.run(1));
            FAIL("the payload has no amount");
        } catch (error const& e) {
            CHECK(e.code() == errc::invalid_json);
            CHECK_THAT(e.what(), Catch::Matchers::ContainsSubstring("at position 1"));
        }
    }
    SECTION("for its version") {
        c.events[0].schema_version = 2;
        w.log.append(c);
        try {
            static_cast<void>(w.run(1));
            FAIL("the version is unknown");
        } catch (error const& e) {
            CHECK(e.code() == errc::unknown_type);
            CHECK_THAT(e.what(), Catch::Matchers::ContainsSubstring("account.deposited"));
        }
    }
    SECTION("for what a handler made of it") {
        w.append(1);
        c.events[0].payload = recount::describe::to_json(deposited{{"a"}, {5, "USD"}});
        w.log.append(c);
        try {
            static_cast<void>(w.run(2));
            FAIL("two currencies have no sum");
        } catch (error const& e) {
            CHECK(e.code() == errc::out_of_range);
            CHECK_THAT(e.what(), Catch::Matchers::ContainsSubstring("at position 2"));
        }
    }
    CHECK(w.rows.read_checkpoint(w.p, table_build::live).position == 0);
}

TEST_CASE("a run tells restructures, and how much was read for them", "[runner]") {
    world w;
    w.append(25);
    auto const correct = [&](recount::restructure plan) {
        static_cast<void>(recount::history::append_plan(w.log, plan.because("it was wrong")));
    };
    auto const events = w.log.read_stream(recount::stream_name{"account-a"}, {}).events;
    auto const reads = w.log.stream_reads.load();
    auto done = w.run(25);
    CHECK(done.restructures == 0);
    CHECK(done.events_read_for_refold == 0);
    CHECK(w.log.stream_reads == reads);   // who corrects nothing pays nothing
    SECTION("the rows of the streams that they touch, once") {
        correct(recount::restructure{"one"}.exclude(events[3].id));
        correct(recount::restructure{"another"}.exclude(events[4].id));
        auto const told = metrics::value(metric::events_read_for_refold, "totals");
        done = w.run(27);
        CHECK(done.events == 0);
        CHECK(done.restructures == 2);
        CHECK(done.events_read_for_refold == 27);
        CHECK(metrics::value(metric::events_read_for_refold, "totals") == told + 27);
        CHECK(w.deposits() == 23);
    }
    SECTION("what it cannot be told is named") {
        correct(recount::restructure{"one"}.replace(
            events[3].id, {"account.deposited", 9, recount::json_text::checked("{}"), {}}));
        try {
            static_cast<void>(w.run(26));
            FAIL("nobody knows version 9");
        } catch (error const& e) {
            CHECK(e.code() == errc::unknown_type);
            CHECK_THAT(e.what(), Catch::Matchers::ContainsSubstring("account.deposited"));
            CHECK_THAT(e.what(), Catch::Matchers::ContainsSubstring("position 4"));
        }
        CHECK(w.deposits() == 25);
    }
}
