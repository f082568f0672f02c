// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What only the store in memory can do wrong; the rest is in tests/conformance.
#include <recount/projection/memory_row_store.hpp>

#include <thread>

#include <recount/projection/runner.hpp>

#include "support/random_history.hpp"
#include "support/row_dump.hpp"
#include "support/wrapped_log.hpp"

using namespace sample;
using recount::checkpoint;
using recount::errc;
using recount::table_build;

TEST_CASE("a source outlives the table that it was made for", "[memory_row_store]") {
    recount::memory_row_store store;
    auto const& p = recount::projection_of<totals>();
    store.prepare(p);
    store.begin_rebuild(p);
    auto const source = store.source(p, table_build::rebuild);
    total_row const key{1, 0, {}};
    CHECK(source->load({&key}).empty());
    store.begin_rebuild(p);
    CHECK(source->load({&key}).empty());
    REQUIRE(store.swap(p));
    try {
        static_cast<void>(source->load({&key}));
        FAIL("there is no rebuild any more");
    } catch (recount::error const& e) {
        CHECK(e.code() == errc::not_found);
    }
    CHECK_FALSE(store.write(p, table_build::rebuild, {}, {}, {}));
}

TEST_CASE("rows given out are copies", "[memory_row_store]") {
    recount::memory_row_store store;
    auto const& p = recount::projection_of<totals>();
    store.prepare(p);
    total_row const row{1, 2, eur(3)};
    std::string const group;
    REQUIRE(store.write(p, table_build::live, {}, {1, {}, 1}, {{&row, 1, &group, false}}));
    auto const first = store.query(p, {});
    static_cast<total_row*>(first.front().object.get())->deposits = 99;
    auto const second = store.query(p, {});
    CHECK(static_cast<total_row const*>(second.front().object.get())->deposits == 2);
}

TEST_CASE("runners in several threads tell every event once", "[memory_row_store]") {
    auto const seed = recount::tests::seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    random_history history{seed};
    recount::memory::log log;
    for (int i = 0; i < 200; ++i) log.append(history.next());
    auto const& p = recount::projection_of<lines>();
    recount::memory_row_store together;
    recount::memory_row_store alone;
    together.prepare(p);
    alone.prepare(p);
    recount::runner_options options;
    options.until = log.head().position;
    options.page_events = 3;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                static_cast<void>(
                    recount::run_projection(log, together, p, table_build::live, options));
            });
        }
    }
    static_cast<void>(recount::run_projection(log, alone, p, table_build::live, options));
    CHECK(recount::tests::dump(p, together) == recount::tests::dump(p, alone));
}
