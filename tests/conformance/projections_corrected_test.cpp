// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Tables on PostgreSQL that follow a log with restructures: what corrected_test.cpp asks of rows in
// memory, and that it holds when the server ends the connection in the middle of a write, and when
// two follow at once.
#include <algorithm>
#include <array>
#include <atomic>
#include <random>
#include <thread>

#include <fmt/format.h>

#include <recount/core/metrics.hpp>
#include <recount/memory/log.hpp>
#include <recount/postgres/log.hpp>
#include <recount/projection/postgres_row_store.hpp>
#include <recount/projection/runner.hpp>
#include <recount/restructure/read.hpp>

#include "support/postgres.hpp"
#include "support/random_history.hpp"
#include "support/restructure/laws.hpp"
#include "support/restructure/projections.hpp"
#include "support/row_dump.hpp"

using namespace recount;
using namespace recount::tests;

namespace {

struct tables {
    test_database database;
    postgres::store_names names;
    std::unique_ptr<postgres_row_store> rows;

    tables() {
        postgres::migrate({.url = database.url()});
        names = postgres::names_of("main", database.name());
        rows = std::make_unique<postgres_row_store>(database.url(), names, "tests");
    }
    void begin(projection_descriptor const& p) {
        auto on = database.connect(names.projector);
        run(on, "DELETE FROM recount.checkpoints");
        rows->prepare(p);   // and so begins anew
    }
};

projection_run follow(recount::log& from, row_store& rows, projection_descriptor const& p,
                      table_build build, position until, std::size_t page) {
    runner_options options;
    options.until = until;
    options.page_events = page;
    options.failures_max = 1'000;
    options.pause_first = std::chrono::milliseconds{0};
    return run_projection(from, rows, p, build, options);
}

std::string difference_of(follower const& one, std::string const& how, std::string const& found,
                          world const& told) {
    auto const wanted = one.rows_of(told);
    if (found == wanted) return {};
    return fmt::format("{} {}: found\n{}wanted\n{}in the log\n{}", one.projection->name, how, found,
                       wanted, told.told());
}

world random_world(std::uint64_t seed) {
    std::mt19937_64 random{seed};
    for (;;) {
        std::vector<std::uint32_t> tape(1'000);
        for (auto& value : tape) value = static_cast<std::uint32_t>(random());
        choices c{tape};
        auto told = random_log(c, {.commits = 30});
        auto const restructures =
            std::count_if(told.rows().begin(), told.rows().end(), history::is_restructure);
        if (told.head() >= 25 && restructures >= 5) return told;
    }
}

}  // namespace

TEST_CASE("tables on PostgreSQL hold what the corrected history says", "[corrected]") {
    auto const seed = seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    tables t;
    for (std::uint64_t round = 0; round < 6; ++round) {
        std::mt19937_64 random{seed + round};
        auto const told = random_world(seed + round);
        memory::log log;
        append_commits(log, told);
        for (auto const& one : followers()) {
            auto const& p = *one.projection;
            t.begin(p);
            for (position until = 0; until < told.head();) {
                until = std::min<position>(told.head(), until + 1 + position(random() % 12));
                follow(log, *t.rows, p, table_build::live, until, random() % 7 + 1);
            }
            REQUIRE(difference_of(one, "followed", dump(p, *t.rows), told) == "");
            t.rows->begin_rebuild(p);
            follow(log, *t.rows, p, table_build::rebuild, told.head(), 1'000);
            REQUIRE(t.rows->swap(p));
            REQUIRE(difference_of(one, "rebuilt", dump(p, *t.rows), told) == "");
        }
    }
}

TEST_CASE("connections that end amid a write leave tables that are right in the end",
          "[corrected]") {
    auto const seed = seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    tables t;
    auto admin = t.database.connect();
    auto owner = t.database.connect(t.names.projector);
    // At every fifth moment before or after a statement that writes rows the server ends the
    // connection. A write has at most four such moments, so the attempt after that gets through.
    run(admin, "CREATE SEQUENCE recount.moments");
    run(admin, R"(CREATE FUNCTION recount.cut() RETURNS trigger LANGUAGE plpgsql
        SECURITY DEFINER AS $$
        BEGIN
            IF nextval('recount.moments') % 5 = 0 THEN
                PERFORM pg_terminate_backend(pg_backend_pid());
            END IF;
            RETURN NULL;
        END $$)");
    run(admin, "GRANT EXECUTE ON FUNCTION recount.cut() TO PUBLIC");
    auto const told = random_world(seed);
    memory::log log;
    append_commits(log, told);
    for (auto const& one : followers()) {
        auto const& p = *one.projection;
        t.begin(p);
        for (auto const* const when : {"BEFORE", "AFTER"}) {
            run(owner, fmt::format("CREATE TRIGGER cut_{} {} INSERT OR DELETE ON recount.{} "
                                   "FOR EACH STATEMENT EXECUTE FUNCTION recount.cut()",
                                   when, when, p.table()));
        }
        auto const failures = metrics::value(metrics::metric::projection_failures, p.name);
        follow(log, *t.rows, p, table_build::live, told.head(), 2);
        CHECK(metrics::value(metrics::metric::projection_failures, p.name) > failures);
        CHECK(difference_of(one, "followed", dump(p, *t.rows), told) == "");
    }
}

TEST_CASE("a table that was dropped is filled anew, and what was noted with it", "[corrected]") {
    auto const seed = seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    tables t;
    auto const told = random_world(seed);
    memory::log log;
    append_commits(log, told);
    for (auto const& one : followers()) {
        auto const& p = *one.projection;
        for (int round = 0; round < 2; ++round) {
            t.rows->prepare(p);
            follow(log, *t.rows, p, table_build::live, told.head(), 3);
            CHECK(difference_of(one, "followed", dump(p, *t.rows), told) == "");
            if (round > 0) break;
            auto on = t.database.connect(t.names.projector);
            run(on, fmt::format("DROP TABLE recount.{}", p.table()));
        }
    }
}

TEST_CASE("two that follow at once make the rows that one makes", "[corrected]") {
    auto const seed = seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    tables t;
    auto const told = random_world(seed);
    auto const log = postgres::log::open({.url = t.database.url()});
    for (auto const& one : followers()) t.rows->prepare(*one.projection);
    std::atomic<bool> ended = false;   // before its time
    std::array<std::string, 2> failures;
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&, i] {
            try {
                for (auto const& one : followers()) {
                    for (position until : {told.head() / 2, told.head()}) {
                        while (!ended && log->wait(until - 1, std::chrono::seconds{1}) < until) continue;
                        follow(*log, *t.rows, *one.projection, table_build::live, until,
                               static_cast<std::size_t>(i) * 2 + 1);
                    }
                }
            } catch (std::exception const& e) {
                failures[static_cast<std::size_t>(i)] = e.what();
            }
        });
    }
    std::string append_failure;
    try {
        append_commits(*log, told);
    } catch (std::exception const& e) {
        append_failure = e.what();
        ended = true;
    }
    for (auto& thread : threads) thread.join();
    REQUIRE(append_failure == "");
    for (auto const& failure : failures) CHECK(failure == "");
    for (auto const& one : followers()) {
        CHECK(difference_of(one, "followed", dump(*one.projection, *t.rows), told) == "");
    }
}
