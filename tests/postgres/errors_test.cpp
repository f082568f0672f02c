// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the server says, and what becomes of it: code, whether trying again helps, exit code and
// HTTP status. As far as possible the server says it for a real reason.
#include <recount/postgres/log.hpp>

#include <array>
#include <future>
#include <thread>

#include <fmt/format.h>

#include <recount/app/verb.hpp>
#include <recount/core/metrics.hpp>
#include <recount/http/problem.hpp>

#include "postgres/server_error.hpp"
#include "conformance/log_conformance.hpp"
#include "support/caught.hpp"
#include "support/postgres.hpp"

using recount::errc;
using recount::error;
using recount::tests::caught;
using recount::tests::eventually;
using recount::tests::run;
using recount::tests::test_database;
using recount::tests::value;
namespace postgres = recount::postgres;
namespace exit_code = recount::exit_code;

namespace {

struct meaning {
    errc code;
    bool retryable;
    int exit;
    int http;
    bool stands;  // the connection
};

constexpr meaning failed{errc::database_failed, false, 1, 500, true};
constexpr meaning may_pass{errc::database_failed, true, 1, 503, true};
constexpr meaning timed_out{errc::timed_out, true, 1, 503, true};
constexpr meaning doubtful{errc::in_doubt, false, 1, 503, true};
constexpr meaning damaged{errc::corrupted, false, 6, 500, true};
// Of a statement in a transaction: nothing was committed. Outside of one it is in doubt.
constexpr meaning lost{errc::database_unreachable, true, 5, 503, false};

struct state {
    char const* sqlstate;
    meaning means;
};

constexpr std::array states{
    state{"08000", lost},      state{"08003", lost},      state{"08006", lost},
    state{"08001", lost},      state{"08004", lost},      state{"08P01", lost},
    state{"0A000", failed},
    state{"22001", failed},    state{"22003", failed},    state{"22012", failed},
    state{"22021", failed},    state{"22P02", failed},    state{"22P05", failed},
    state{"23502", failed},    state{"23503", failed},    state{"23505", failed},
    state{"23514", failed},    state{"23P01", failed},
    state{"25001", failed},    state{"25006", failed},    state{"25P02", failed},
    state{"25P03", lost},
    state{"28000", failed},    state{"28P01", failed},
    state{"2BP01", failed},    state{"3D000", failed},    state{"3F000", failed},
    state{"40000", failed},    state{"40001", may_pass},  state{"40002", failed},
    state{"40003", doubtful},  state{"40P01", may_pass},
    state{"42501", failed},    state{"42601", failed},    state{"42703", failed},
    state{"42883", failed},    state{"42P01", failed},    state{"42P07", failed},
    state{"53000", may_pass},  state{"53100", may_pass},  state{"53200", may_pass},
    state{"53300", lost},      state{"53400", may_pass},
    state{"54000", failed},    state{"55000", failed},    state{"55006", failed},
    state{"55P03", timed_out},
    state{"57000", failed},    state{"57014", timed_out}, state{"57P01", lost},
    state{"57P02", lost},      state{"57P03", lost},      state{"57P04", lost},
    state{"57P05", lost},
    state{"58000", failed},    state{"58030", failed},    state{"58P01", failed},
    state{"F0000", failed},    state{"P0001", failed},    state{"P0004", failed},
    state{"XX000", failed},    state{"XX001", damaged},   state{"XX002", damaged},
    state{"RC002", failed},    state{"ZZ999", failed},
};

void check(error const& found, meaning const& expected) {
    INFO(found.what() << " / " << found.server_text());
    CHECK(found.code() == expected.code);
    CHECK(found.retryable() == expected.retryable);
    CHECK(exit_code::of(found) == expected.exit);
    auto const answer = recount::http::details_of(found);
    CHECK(answer.status == expected.http);
    bool const says_when = !answer.headers.empty() && answer.headers[0].first == "Retry-After";
    CHECK(says_when == (expected.http == 503));
    // What the server said stays out of what a client is told.
    CHECK(std::string{found.what()}.find("secret") == std::string::npos);
    CHECK(answer.detail.find("secret") == std::string::npos);
}

std::string raising(std::string_view sqlstate) {
    return fmt::format("DO $$BEGIN RAISE EXCEPTION 'a secret' USING ERRCODE = '{}'; END$$",
                       sqlstate);
}

}  // namespace

TEST_CASE("every class of SQLSTATE has its meaning", "[postgres][errors]") {
    test_database const database;
    for (auto const& one : states) {
        CAPTURE(one.sqlstate);
        auto on = database.connect();
        on.begin();
        auto const found = caught([&] { run(on, raising(one.sqlstate)); });
        check(found, one.means);
        // libpqxx tells of these by the type of its exception, without the state.
        auto const wanted = std::string_view{one.sqlstate};
        bool const by_type = wanted.starts_with("08") || wanted == "53300";
        bool const told = found.sqlstate() == wanted || (found.sqlstate().empty() && by_type);
        CHECK(told);
        CHECK(on.broken() != one.means.stands);
    }
}

// The only state whose text is a client's: append() of ours has made it.
TEST_CASE("what lies in a sealed period is refused in the words of append()",
          "[postgres][errors]") {
    test_database const database;
    auto on = database.connect();
    auto const found = caught([&] { run(on, raising("RC004")); });
    CHECK(found.code() == errc::refused);
    CHECK(std::string{found.what()} == "a secret");
    CHECK(found.sqlstate() == "RC004");
    CHECK(found.server_text().empty());
    CHECK(exit_code::of(found) == 3);
    CHECK(recount::http::details_of(found).status == 422);
}

TEST_CASE("a connection lost outside of a transaction leaves the statement in doubt",
          "[postgres][errors]") {
    test_database const database;
    for (auto const* sqlstate : {"08006", "57P01", "57P02"}) {
        CAPTURE(sqlstate);
        auto on = database.connect();
        auto const found = caught([&] { run(on, raising(sqlstate)); });
        check(found, {errc::in_doubt, false, 1, 503, false});
        CHECK(on.broken());
    }
}

TEST_CASE("what a server says for real has the same meaning", "[postgres][errors]") {
    test_database const database;
    auto on = database.connect();
    run(on, "CREATE TABLE t (n int PRIMARY KEY CHECK (n < 9), m int NOT NULL REFERENCES t);"
            "CREATE DOMAIN small AS int CHECK (VALUE < 3)");
    auto const said = [&](std::string_view sqlstate, std::string const& sql,
                          meaning const& expected) {
        CAPTURE(sqlstate, sql);
        auto const found = caught([&] { run(on, sql); });
        CHECK(found.sqlstate() == sqlstate);
        check(found, expected);
    };
    said("22012", "SELECT 1 / 0", failed);
    said("22P02", "SELECT 'secret'::int", failed);
    said("22P05", "SELECT '\"\\u0000\"'::jsonb", failed);
    said("22003", "SELECT 99999999999::int", failed);
    said("23502", "INSERT INTO t VALUES (1, NULL)", failed);
    said("23503", "INSERT INTO t VALUES (1, 2)", failed);
    said("23505", "INSERT INTO t VALUES (1, 1), (1, 1)", failed);
    said("23514", "INSERT INTO t VALUES (9, 9)", failed);
    said("25006", "SET TRANSACTION READ ONLY; CREATE TABLE u (n int)", failed);
    said("42501", "SET LOCAL ROLE pg_monitor; SELECT * FROM t", failed);
    said("42601", "SELEKT", failed);
    said("42P01", "SELECT * FROM nowhere", failed);
    said("53400", "SET LOCAL temp_file_limit = 64; SET LOCAL work_mem = 64; "
                  "SELECT count(*) FROM (SELECT repeat('x', 100), i FROM generate_series(1, 100000)"
                  " AS i ORDER BY 1, 2 DESC) AS sorted", may_pass);
    std::string many = "SELECT 1";
    for (int i = 0; i < 1'664; ++i) many += ", 1";
    said("54011", many, failed);
    said("57014", "SET LOCAL statement_timeout = 20; SELECT pg_sleep(600)", timed_out);
    auto other = database.connect();
    other.begin();
    run(other, "LOCK TABLE t");
    said("55P03", "SET LOCAL lock_timeout = 20; SELECT * FROM t", timed_out);
    other.rollback();
    CHECK_FALSE(on.broken());
    said("57014", "SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(600)", timed_out);
    auto const ended = caught([&] { run(on, "SELECT pg_terminate_backend(pg_backend_pid())"); });
    CHECK(ended.code() == errc::in_doubt);
    CHECK(on.broken());
}

TEST_CASE("two transactions in each other's way: one is rolled back, and may try again",
          "[postgres][errors]") {
    test_database const database;
    auto one = database.connect();
    auto two = database.connect();
    run(one, "CREATE TABLE t (n int PRIMARY KEY, m int); INSERT INTO t VALUES (1, 0), (2, 0)");
    SECTION("a deadlock") {
        for (auto* on : {&one, &two}) {
            run(*on, "SET lock_timeout = 0; SET statement_timeout = 0");
            on->begin();
        }
        run(one, "UPDATE t SET m = 1 WHERE n = 1");
        run(two, "UPDATE t SET m = 2 WHERE n = 2");
        auto const crossing = [](postgres::session& on, std::string const& sql) {
            return std::async(std::launch::async, [&on, sql]() -> std::optional<error> {
                try {
                    run(on, sql);
                } catch (error const& failure) {
                    on.rollback();
                    return failure;
                }
                on.commit();
                return std::nullopt;
            });
        };
        auto first = crossing(one, "UPDATE t SET m = 1 WHERE n = 2");
        auto second = crossing(two, "UPDATE t SET m = 2 WHERE n = 1");
        auto const a = first.get();
        auto const b = second.get();
        REQUIRE(a.has_value() != b.has_value());
        CHECK((a ? a : b)->sqlstate() == "40P01");
        check(*(a ? a : b), may_pass);
    }
    SECTION("a serialization failure") {
        run(one, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM t");
        run(two, "UPDATE t SET m = 5");
        auto const found = caught([&] { run(one, "UPDATE t SET m = 6"); });
        CHECK(found.sqlstate() == "40001");
        check(found, may_pass);
    }
}

TEST_CASE("a server that will not have us is unreachable", "[postgres][errors]") {
    test_database const database;
    auto on = database.connect();
    auto const role = fmt::format("recount_{}_guest", database.name());
    run(on, fmt::format("CREATE ROLE {} LOGIN; ALTER DATABASE {} CONNECTION LIMIT 0", role,
                        database.name()));
    auto const refused = [&](std::string const& login) {
        postgres::session_options options;
        options.url = database.url_of(login);
        return caught([&] { postgres::session{options}; });
    };
    // 53300, for all but superusers; 28000.
    for (auto const& login : {role, std::string{"recount_nobody"}}) {
        CAPTURE(login);
        auto const found = refused(login);
        check(found, lost);
        CHECK(std::string{found.what()} == "no connection to the database could be had");
    }
}

namespace {

// A trigger on the log that fails as often as a sequence says.
void fail_appends(test_database const& database, std::string_view sqlstate, int times) {
    auto on = database.connect();
    run(on, fmt::format(
                "DROP SEQUENCE IF EXISTS public.left_over CASCADE; "
                "CREATE SEQUENCE public.left_over; "
                "CREATE OR REPLACE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$ "
                "BEGIN IF nextval('public.left_over') <= {} THEN "
                "RAISE EXCEPTION 'on purpose' USING ERRCODE = '{}'; END IF; RETURN NEW; END $$; "
                "GRANT USAGE ON SEQUENCE public.left_over TO PUBLIC; "
                "DROP TRIGGER IF EXISTS fail ON recount.log; "
                "CREATE TRIGGER fail BEFORE INSERT ON recount.log FOR EACH STATEMENT "
                "EXECUTE FUNCTION public.fail()",
                times, sqlstate));
}

}  // namespace

TEST_CASE("an append is run again after what may pass, and not for ever", "[postgres][errors]") {
    using namespace conformance;
    test_database const database;
    postgres::migrate({.url = database.url()});
    auto const log = postgres::log::open({.url = database.url()});
    log->append(commit_to("a-1"));
    constexpr auto attempts = recount::limits::statement_attempts_max;
    recount::position head = 1;
    for (auto const* sqlstate : {"40001", "40P01", "53100"}) {
        CAPTURE(sqlstate);
        fail_appends(database, sqlstate, attempts - 1);
        CHECK(log->append(commit_to("a-1")).first == ++head);
        fail_appends(database, sqlstate, attempts);
        auto const given_up = caught([&] { log->append(commit_to("a-1")); });
        CHECK(given_up.sqlstate() == sqlstate);
        check(given_up, may_pass);
        CHECK(log->head().position == head);
        CHECK(log->append(commit_to("a-1")).first == ++head);
    }
    // What cannot pass is tried once.
    fail_appends(database, "58030", 1);
    CHECK(caught([&] { log->append(commit_to("a-1")); }).sqlstate() == "58030");
    CHECK(log->append(commit_to("a-1")).first == ++head);
}

TEST_CASE("an append that must wait for the position lock gives up in time", "[postgres][errors]") {
    using namespace conformance;
    test_database const database;
    postgres::migrate({.url = database.url()});
    auto const log = postgres::log::open(
        {.url = database.url() + "&options=-c%20lock_timeout%3D20"});
    auto holder = database.connect();
    run(holder, "SET idle_in_transaction_session_timeout = 0");
    holder.begin();
    run(holder, "SELECT recount.lock_positions()");
    auto const found = caught([&] { log->append(commit_to("a-1")); });
    CHECK(found.sqlstate() == "55P03");
    check(found, timed_out);
    holder.rollback();
    CHECK(log->append(commit_to("a-1")).first == 1);
}
