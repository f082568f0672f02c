// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <future>
#include <optional>

#include <recount/postgres/session.hpp>

#include <fmt/format.h>
#include <support/catch.hpp>
#include <support/caught.hpp>
#include <support/postgres.hpp>

using namespace recount;
using namespace std::chrono_literals;
using recount::tests::caught;
using recount::tests::run;
using recount::tests::terminate;
using recount::tests::test_database;
using recount::tests::value;

TEST_CASE("a pool lends the same session again and never more than its number") {
    test_database const database;
    postgres::session_options options;
    options.url = database.url();
    postgres::pool pool{options, 2};
    int first_pid = 0;
    {
        auto first = pool.lend();
        first_pid = first->backend_pid();
        auto second = pool.lend();
        CHECK(second->backend_pid() != first_pid);
        auto const e = caught([&] { static_cast<void>(pool.lend(20ms)); });
        CHECK(e.code() == errc::timed_out);
        CHECK(e.retryable());
    }
    auto again = pool.lend();
    auto another = pool.lend();
    CHECK((again->backend_pid() == first_pid || another->backend_pid() == first_pid));
}

TEST_CASE("who waits for a session of a full pool gets the next one returned") {
    test_database const database;
    postgres::session_options options;
    options.url = database.url();
    postgres::pool pool{options, 1};
    std::optional<postgres::pool::lease> held{pool.lend()};
    auto const pid = (*held)->backend_pid();
    auto waiting = std::async(std::launch::async, [&] { return pool.lend(20s)->backend_pid(); });
    held.reset();
    CHECK(waiting.get() == pid);
}

TEST_CASE("a pool replaces a session that broke, lent or idle") {
    test_database const database;
    postgres::session_options options;
    options.url = database.url();
    postgres::pool pool{options, 1};
    int pid = 0;
    {
        auto lent = pool.lend();
        pid = lent->backend_pid();
        terminate(database, pid);
        CHECK_THROWS_AS(run(*lent, "SELECT 1"), error);
    }
    {
        auto replaced = pool.lend();
        CHECK(replaced->backend_pid() != pid);
        CHECK(value(*replaced, "SELECT 1") == "1");
        pid = replaced->backend_pid();
    }
    terminate(database, pid);
    CHECK(value(*pool.lend(), "SELECT 1") == "1");
}

TEST_CASE("a transaction left open is rolled back when its session returns to the pool") {
    test_database const database;
    postgres::session_options options;
    options.url = database.url();
    postgres::pool pool{options, 1};
    {
        auto on = pool.lend();
        run(*on, "CREATE TABLE t (n int)");
        on->begin();
        run(*on, "INSERT INTO t VALUES (1)");
    }
    auto on = pool.lend();
    CHECK_FALSE(on->in_transaction());
    CHECK(value(*on, "SELECT count(*) FROM t") == "0");
}

TEST_CASE("a pool that cannot connect gives its place free again") {
    postgres::session_options options;
    options.url = "postgresql://127.0.0.1:1/none";
    postgres::pool pool{options, 1};
    for (int attempt = 0; attempt < 3; ++attempt) {
        CHECK(caught([&] { static_cast<void>(pool.lend(1s)); }).code() ==
              errc::database_unreachable);
    }
}
