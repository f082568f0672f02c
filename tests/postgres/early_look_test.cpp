// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Pages of indexes that are read before a batch comes to them: which are, that nothing depends on
// it, and what it is for.
#include "postgres/early_look.hpp"

#include <atomic>
#include <thread>

#include <fmt/format.h>

#include <recount/core/metrics.hpp>
#include <recount/postgres/log.hpp>
#include <recount/postgres/migrate.hpp>

#include "conformance/log_conformance.hpp"
#include "postgres/appender.hpp"
#include "postgres/store_identity.hpp"
#include "support/executed_plan.hpp"
#include "support/postgres.hpp"

namespace postgres = recount::postgres;
using recount::tests::eventually;
using namespace std::chrono_literals;

namespace {

// As if each index were larger than the server's buffers.
constexpr postgres::early_look_options always{
    .rows_min = 0, .of_buffers = 0, .ask_again = std::chrono::milliseconds{0}};

struct large_store {
    recount::tests::test_database database;
    postgres::log_queries queries{"recount"};
    std::unique_ptr<postgres::log> log;
    postgres::session_options options;
    std::unique_ptr<postgres::pool> sessions;

    large_store() {
        postgres::migrate({.url = database.url()});
        log = postgres::log::open({.url = database.url()});
        options.url = database.url();
        options.role = postgres::names_of("main", postgres::database_of(options)).app;
        sessions = std::make_unique<postgres::pool>(options, 8);
    }
    [[nodiscard]] recount::uuid id() const {
        return postgres::store_identity(options, "main", "recount");
    }
};

recount::commit of_caller(std::string const& stream, std::string const& key) {
    auto one = conformance::commit_to(stream, 1);
    one.id = recount::command_id_from_key(key);
    return one;
}

struct planned {
    std::vector<recount::commit> commits;
    std::vector<recount::commit const*> pointers;
    std::vector<recount::detail::planned_row> rows;

    void add(recount::commit one, std::int64_t stream_ref) {
        commits.push_back(std::move(one));
        pointers.clear();
        for (auto const& each : commits) pointers.push_back(&each);
        rows.push_back({.stream_ref = stream_ref, .version = 2});
    }
};

}  // namespace

TEST_CASE("keys of callers and streams that exist are looked at early", "[postgres][early]") {
    large_store store;
    postgres::early_look early{*store.sessions, store.queries, always};
    planned batch;
    batch.add(of_caller("thing-1", "a"), 1);
    batch.add(of_caller("thing-2", "b"), -1);                 // a stream that is new
    batch.add(conformance::commit_to("thing-3", 1), 3);       // an id of our own
    early.look(0, batch.pointers, batch.rows);   // it asks first
    REQUIRE(eventually([&] { return early.asked() == 1; }));
    early.look(0, batch.pointers, batch.rows);
    CHECK(eventually([&] { return early.looked_at() > 0; }));
    CHECK(early.looked_at() == 4);   // two keys, two heads
}

TEST_CASE("a log whose indexes fit into the buffers is not looked at", "[postgres][early]") {
    large_store store;
    planned batch;
    batch.add(of_caller("thing-1", "a"), 1);
    SECTION("since the server says so") {
        postgres::early_look early{*store.sessions, store.queries,
                                   {.rows_min = 0, .ask_again = std::chrono::milliseconds{0}}};
        for (std::uint64_t asked = 0; asked < 10; ++asked) {
            early.look(0, batch.pointers, batch.rows);
            REQUIRE(eventually([&] { return early.asked() > asked; }));
        }
        CHECK(early.looked_at() == 0);
    }
    SECTION("a short one without being asked") {
        postgres::early_look early{*store.sessions, store.queries,
                                   {.rows_min = 1'000, .of_buffers = 0}};
        early.look(999, batch.pointers, batch.rows);
        CHECK_FALSE(eventually([&] { return early.asked() > 0; }, 100ms));
        early.look(1'000, batch.pointers, batch.rows);
        CHECK(eventually([&] { return early.asked() > 0; }));
    }
}

TEST_CASE("pages that are in the buffers anyway are not looked at for long", "[postgres][early]") {
    large_store store;
    auto once = always;
    once.ask_again = std::chrono::hours{1};
    postgres::early_look early{*store.sessions, store.queries, once};
    planned batch;
    for (int i = 0; i < 100; ++i) {
        auto const one = of_caller(fmt::format("thing-{}", i), std::to_string(i));
        conformance::success(store.log->append_batch({&one, 1}).front());
        batch.add(one, i + 1);
    }
    // Each look is of 200 places; a thousand blocks of each index are enough to know.
    std::uint64_t looks = 0;
    CHECK(eventually([&] {
        auto const before = early.looked_at();
        early.look(0, batch.pointers, batch.rows);
        ++looks;
        return before > 0 && !eventually([&] { return early.looked_at() > before; }, 300ms);
    }));
    CHECK(looks < 50);
}

TEST_CASE("a look waits for no connection", "[postgres][early]") {
    large_store store;
    postgres::pool one_session{store.options, 1};
    postgres::early_look early{one_session, store.queries, always};
    planned batch;
    batch.add(of_caller("thing-1", "a"), 1);
    {
        auto const lent = one_session.lend();
        early.look(0, batch.pointers, batch.rows);
        CHECK_FALSE(eventually([&] { return early.asked() > 0; }, 100ms));
    }
    CHECK(eventually([&] {
        early.look(0, batch.pointers, batch.rows);
        return early.looked_at() > 0;
    }));
}

TEST_CASE("a look reads indexes, and nothing of the log's rows", "[postgres][early]") {
    large_store store;
    std::vector<recount::commit> all;
    for (int i = 0; i < 3'000; ++i) {
        all.push_back(of_caller(fmt::format("thing-{}", i), std::to_string(i)));
    }
    for (auto const& done : store.log->append_batch(all)) conformance::success(done);
    auto on = store.database.connect();
    recount::tests::run(on, "ANALYZE recount.log");
    auto const absent = to_string(recount::command_id_from_key("none"));
    CHECK(recount::tests::rows_touched(
              on, store.queries.look_early,
              fmt::format("'{{{},{}}}', '{{1,2}}', '{{2,2}}'", absent, absent)) < 20);
}

TEST_CASE("appends are the same whether they are looked at early or not", "[postgres][early]") {
    constexpr int writers = 8;
    constexpr int each = 20;
    constexpr int attempts_max = 10;
    large_store store;
    postgres::appender append{*store.sessions, store.options, store.id(), store.queries,
                              [](recount::position) {}, always};
    std::atomic<int> killed{0};
    std::jthread const killer{[&](std::stop_token const& stop) {
        auto on = store.database.connect();
        for (;;) {
            auto const seen = append.early().looked_at();
            if (!eventually([&] {
                    return append.early().looked_at() > seen || stop.stop_requested();
                }) ||
                stop.stop_requested()) {
                return;
            }
            killed += std::stoi(recount::tests::value(
                on, "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM "
                    "pg_stat_activity WHERE datname = current_database() AND "
                    "pid <> pg_backend_pid() AND query LIKE '%unnest($1::uuid%'"));
        }
    }};
    std::atomic<int> failed{0};
    int rounds = 0;
    auto const write = [&](int writer) {
        for (int i = 0; i < each; ++i) {
            auto const one = of_caller(fmt::format("thing-{}", writer * 4 + i % 4),
                                       fmt::format("{}-{}-{}", rounds, writer, i));
            // A killed connection leaves it in doubt.
            for (int attempt = 1;; ++attempt) {
                auto const done = append.append({&one, 1});
                if (std::holds_alternative<recount::appended>(done.front())) break;
                if (attempt == attempts_max) {
                    ++failed;
                    break;
                }
            }
        }
    };
    CHECK(eventually(
        [&] {
            ++rounds;
            std::vector<std::jthread> threads;
            for (int writer = 0; writer < writers; ++writer) threads.emplace_back(write, writer);
            threads.clear();   // joins
            return append.early().looked_at() > 0 && killed > 3;
        },
        60s));
    CHECK(failed == 0);
    CHECK(store.log->head().position == rounds * writers * each);
    for (int stream = 0; stream < writers * 4; ++stream) {
        recount::stream_name const name{fmt::format("thing-{}", stream)};
        CHECK(store.log->read_stream(name).events.size() ==
              static_cast<std::size_t>(rounds * each / 4));
    }
}
