// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/postgres/session.hpp>

#include <future>
#include <limits>

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

namespace {

// A role of this database alone; test_database drops those whose names begin with recount.
std::string make_role(test_database const& database, std::string_view part) {
    auto on = database.connect();
    auto name = fmt::format("recount_{}_{}", database.name(), part);
    run(on, fmt::format("CREATE ROLE {}", name));
    return name;
}

}  // namespace

TEST_CASE("values travel as text, and NULL is not an empty text") {
    test_database const database;
    auto on = database.connect();
    auto const rows = on.execute(
        {"values",
         "SELECT $1::text, $2::text, $3::text, $4::bigint, $5::boolean, $6::text AS last"},
        {"", std::nullopt, "žluťoučký '\"\\ kůň", "-9223372036854775808", "true", "x"});
    REQUIRE(rows.size() == 1);
    REQUIRE(rows.columns() == 6);
    CHECK(rows.text(0, 0).empty());
    CHECK_FALSE(rows.null(0, 0));
    CHECK(rows.null(0, 1));
    CHECK(rows.text(0, 1).empty());
    CHECK(rows.text(0, 2) == "žluťoučký '\"\\ kůň");
    CHECK(rows.integer(0, 3) == std::numeric_limits<std::int64_t>::min());
    CHECK(rows.boolean(0, 4));
    CHECK(rows.column_name(5) == "last");
}

TEST_CASE("a view of a cell outlives a move of its result") {
    test_database const database;
    auto on = database.connect();
    auto rows = on.execute({"series", "SELECT 'row ' || i FROM generate_series(1, 1000) AS i"});
    auto const last = rows.text(999, 0);
    auto const moved = std::move(rows);
    CHECK(last == "row 1000");
    CHECK(moved.size() == 1000);
}

TEST_CASE("a cell of another type than asked for is an error that names the column") {
    test_database const database;
    auto on = database.connect();
    auto const rows = on.execute({"words", "SELECT 'many' AS amount, NULL::int AS nothing"});
    CHECK_THROWS_WITH(rows.integer(0, 0), "column 'amount' of the answer is not an integer");
    CHECK_THROWS_AS(rows.integer(0, 1), error);
    CHECK_THROWS_AS(rows.boolean(0, 0), error);
}

TEST_CASE("a result counts the rows that a statement changed") {
    test_database const database;
    auto on = database.connect();
    run(on, "CREATE TABLE t (n int)");
    auto const inserted =
        on.execute({"insert", "INSERT INTO t SELECT unnest($1::int[])"}, {"{1,2,3}"});
    CHECK(inserted.affected() == 3);
    CHECK(inserted.empty());
}

TEST_CASE("array literals arrive as the elements that were added") {
    test_database const database;
    auto on = database.connect();
    postgres::array_literal texts;
    texts.add("a \"b\" \\c, {d}");
    texts.add("");
    texts.add("NULL");
    texts.add_null();
    texts.add("ž\n\t'");
    auto const rows = on.execute({"unnest", "SELECT unnest($1::text[])"}, {texts.take()});
    REQUIRE(rows.size() == 5);
    CHECK(rows.text(0, 0) == "a \"b\" \\c, {d}");
    CHECK((rows.text(1, 0).empty() && !rows.null(1, 0)));
    CHECK(rows.text(2, 0) == "NULL");
    CHECK(rows.null(3, 0));
    CHECK(rows.text(4, 0) == "ž\n\t'");
}

TEST_CASE("a parameter with a zero byte is refused before anything is sent") {
    test_database const database;
    auto on = database.connect();
    auto const e = caught([&] {
        on.execute({"echo", "SELECT $1::text"}, {std::string{"a\0b", 3}});
    });
    CHECK(e.code() == errc::invalid_argument);
    CHECK(std::string_view{e.what()} == "parameter $1 of 'echo' holds a zero byte");
    CHECK(value(on, "SELECT 1") == "1");
}

TEST_CASE("an error names the statement and keeps the server's text apart") {
    test_database const database;
    auto on = database.connect();
    run(on, "CREATE TABLE t (n int PRIMARY KEY)");
    auto const e = caught([&] {
        on.execute({"add_twice", "INSERT INTO t VALUES ($1::int), ($1::int)"}, {"42"});
    });
    CHECK(e.code() == errc::database_failed);
    CHECK(std::string_view{e.what()} == "statement 'add_twice' failed: unique violation");
    CHECK(e.sqlstate() == "23505");
    CHECK(e.query() == "add_twice");
    CHECK(e.server_text().find("(42)") != std::string::npos);
    CHECK_FALSE(e.retryable());
    CHECK_FALSE(on.broken());
    CHECK(value(on, "SELECT count(*) FROM t") == "0");
}

TEST_CASE("serialization failures and deadlocks may be tried again") {
    test_database const database;
    auto on = database.connect();
    for (std::string_view const state : {"40001", "40P01"}) {
        auto const e = caught([&] {
            run(on,
                fmt::format("DO $$BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{}'; END$$", state));
        });
        CHECK(e.code() == errc::database_failed);
        CHECK(e.sqlstate() == state);
        CHECK(e.retryable());
    }
}

TEST_CASE("time limits of statements and locks hold after SET ROLE and after ROLLBACK") {
    test_database const database;
    auto const role = make_role(database, "app");
    postgres::session_options options;
    options.url = database.url();
    options.role = role;
    options.statement_timeout = 300ms;
    options.lock_timeout = 100ms;
    postgres::session on{options};
    on.begin();
    on.rollback();

    auto const late = caught([&] { run(on, "SELECT pg_sleep(60)"); });
    CHECK(late.code() == errc::timed_out);
    CHECK(late.sqlstate() == "57014");
    CHECK(late.retryable());

    auto other = database.connect();
    other.begin();
    run(other, "SELECT pg_advisory_xact_lock(7)");
    auto const locked = caught([&] { run(on, "SELECT pg_advisory_xact_lock(7)"); });
    CHECK(locked.code() == errc::timed_out);
    CHECK(locked.sqlstate() == "55P03");
    CHECK(locked.retryable());
    CHECK_FALSE(on.broken());
}

TEST_CASE("a transaction left idle is ended by the server, and its session is broken") {
    test_database const database;
    postgres::session_options options;
    options.url = database.url();
    options.idle_in_transaction_timeout = 50ms;
    postgres::session on{options};
    on.begin();
    auto other = database.connect();
    REQUIRE(tests::eventually([&] {
        return value(other, fmt::format("SELECT count(*) FROM pg_stat_activity WHERE pid = {}",
                                        on.backend_pid())) == "0";
    }));
    auto const e = caught([&] { run(on, "SELECT 1"); });
    CHECK(e.code() == errc::database_unreachable);
    CHECK(on.broken());
    CHECK_FALSE(on.in_transaction());
}

TEST_CASE("settings in the URL's own options win over defaults, but not over the text forms") {
    test_database const database;
    postgres::session_options options;
    options.url = database.url() +
                  "&options=-c%20statement_timeout%3D77s%20-c%20work_mem%3D5MB%20-c%20TimeZone%3D"
                  "Asia%2FTokyo%20-c%20DateStyle%3DGerman%20-c%20jit%3Don";
    options.application_name = "a test's session";
    postgres::session on{options};
    CHECK(value(on, "SHOW statement_timeout") == "77s");
    CHECK(value(on, "SHOW lock_timeout") == "2s");
    CHECK(value(on, "SHOW work_mem") == "5MB");
    CHECK(value(on, "SHOW jit") == "on");
    CHECK(value(on, "SHOW TimeZone") == "UTC");
    CHECK(value(on, "SELECT '2026-01-31T23:59:59.5Z'::timestamptz") == "2026-01-31 23:59:59.5+00");
    CHECK(value(on, "SELECT '1 day 2 hours'::interval") == "P1DT2H");
    CHECK(value(on, "SELECT '\\x0aff'::bytea") == "\\x0aff");
    CHECK(value(on, "SELECT 0.1::float8 + 0.2::float8") == "0.30000000000000004");
    CHECK(value(on, "SHOW client_encoding") == "UTF8");
    CHECK(value(on, "SHOW application_name") == "a test's session");
}

TEST_CASE("statements run READ COMMITTED whatever the database's default is") {
    test_database const database;
    {
        auto on = database.connect();
        run(on, fmt::format("ALTER DATABASE {} SET default_transaction_isolation = serializable",
                            database.name()));
    }
    auto on = database.connect();
    CHECK(value(on, "SHOW transaction_isolation") == "read committed");
    on.begin();
    CHECK(value(on, "SHOW transaction_isolation") == "read committed");
}

TEST_CASE("statements are not compiled, though the server would by default") {
    test_database const database;
    {
        auto on = database.connect();
        run(on, fmt::format("ALTER DATABASE {} SET jit = on", database.name()));
    }
    auto on = database.connect();
    CHECK(value(on, "SHOW jit") == "off");
}

TEST_CASE("a session acts as the role it was given") {
    test_database const database;
    auto const role = make_role(database, "app");
    auto on = database.connect(role);
    CHECK(value(on, "SELECT current_user") == role);
}

TEST_CASE("a login that may not act as a role is refused with the GRANT that helps") {
    test_database const database;
    auto const role = make_role(database, "app");
    auto admin = database.connect();
    auto const login = fmt::format("recount_{}_login", database.name());
    run(admin, fmt::format("CREATE ROLE {} LOGIN PASSWORD 'secret'", login));
    postgres::session_options options;
    options.url = database.url_of(login);
    options.role = role;
    auto const e = caught([&] { postgres::session{options}; });
    CHECK(e.code() == errc::refused);
    auto const sentence = std::string{e.what()};
    auto const grant = sentence.find("GRANT ");
    REQUIRE(grant != std::string::npos);
    CHECK(sentence.substr(grant) == fmt::format("GRANT \"{}\" TO {}", role, login));

    run(admin, sentence.substr(grant));
    postgres::session on{options};
    CHECK(value(on, "SELECT current_user") == role);
}

TEST_CASE("a role that does not exist is refused") {
    test_database const database;
    auto const e = caught([&] { static_cast<void>(database.connect("recount_no_such_role")); });
    CHECK(e.code() == errc::refused);
}

TEST_CASE("a server that does not answer is unreachable, and worth another try") {
    postgres::session_options options;
    options.url = "postgresql://nobody:hunter2@127.0.0.1:1/none";
    auto const e = caught([&] { postgres::session{options}; });
    CHECK(e.code() == errc::database_unreachable);
    CHECK(e.retryable());
    CHECK(std::string{e.what()}.find("127.0.0.1") == std::string::npos);
    CHECK(e.server_text().find("127.0.0.1") != std::string::npos);
    CHECK(e.server_text().find("hunter2") == std::string::npos);
}

TEST_CASE("a malformed URL is refused without repeating the password in it") {
    postgres::session_options options;
    options.url = "postgresql://me:hunter2@[::1/none";
    auto const e = caught([&] { postgres::session{options}; });
    CHECK(e.code() == errc::invalid_argument);
    CHECK(std::string{e.what()}.find("hunter2") == std::string::npos);
    CHECK(e.server_text().find("hunter2") == std::string::npos);
}

// --- transactions -------------------------------------------------------------------------------

TEST_CASE("a transaction is rolled back unless it is committed") {
    test_database const database;
    auto on = database.connect();
    run(on, "CREATE TABLE t (n int)");
    {
        postgres::transaction abandoned{on};
        run(on, "INSERT INTO t VALUES (1)");
        CHECK(on.in_transaction());
    }
    CHECK_FALSE(on.in_transaction());
    CHECK(value(on, "SELECT count(*) FROM t") == "0");
    postgres::transaction kept{on};
    run(on, "INSERT INTO t VALUES (2)");
    kept.commit();
    CHECK(value(on, "SELECT sum(n) FROM t") == "2");
}

TEST_CASE("committing a transaction with a failed statement is an error, never a silent rollback") {
    test_database const database;
    auto on = database.connect();
    run(on, "CREATE TABLE t (n int)");
    postgres::transaction doomed{on};
    run(on, "INSERT INTO t VALUES (1)");
    CHECK_THROWS_AS(on.execute({"divide", "SELECT 1 / 0"}), error);
    auto const e = caught([&] { doomed.commit(); });
    CHECK(e.code() == errc::database_failed);
    CHECK(std::string_view{e.what()} ==
          "the transaction was rolled back: statement 'divide' had failed");
    CHECK_FALSE(on.in_transaction());
    CHECK(value(on, "SELECT count(*) FROM t") == "0");
}

TEST_CASE("a failed statement that was rolled back to a savepoint does not doom the transaction") {
    test_database const database;
    auto on = database.connect();
    run(on, "CREATE TABLE t (n int)");
    postgres::transaction both{on};
    run(on, "INSERT INTO t VALUES (1)");
    run(on, "SAVEPOINT here");
    CHECK_THROWS_AS(run(on, "SELECT 1 / 0"), error);
    run(on, "ROLLBACK TO SAVEPOINT here");
    both.commit();
    CHECK(value(on, "SELECT count(*) FROM t") == "1");
}

TEST_CASE("a COMMIT that fails leaves no transaction open") {
    test_database const database;
    auto on = database.connect();
    run(on, "CREATE TABLE t (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
    postgres::transaction conflicting{on};
    run(on, "INSERT INTO t VALUES (1), (1)");
    auto const e = caught([&] { conflicting.commit(); });
    CHECK(e.code() == errc::database_failed);
    CHECK(e.sqlstate() == "23505");
    CHECK(e.query() == "commit");
    CHECK_FALSE(on.in_transaction());
    CHECK(value(on, "SELECT count(*) FROM t") == "0");
}

// --- lost connections ---------------------------------------------------------------------------

TEST_CASE("a session whose server process ended while idle is broken, and never reconnects") {
    test_database const database;
    auto on = database.connect();
    terminate(database, on.backend_pid());
    // Nothing was sent, so nothing is in doubt.
    auto const e = caught([&] { run(on, "SELECT 1"); });
    CHECK(e.code() == errc::database_unreachable);
    CHECK(e.retryable());
    CHECK(on.broken());
    for (int again = 0; again < 3; ++again) {
        CHECK(caught([&] { run(on, "SELECT 1"); }).code() == errc::database_unreachable);
        CHECK(caught([&] { on.begin(); }).code() == errc::database_unreachable);
    }
}

TEST_CASE("alive() notices a lost connection without a statement") {
    test_database const database;
    auto on = database.connect();
    CHECK(on.alive());
    terminate(database, on.backend_pid());
    CHECK(tests::eventually([&] { return !on.alive(); }));
    CHECK(on.broken());
}

TEST_CASE("a connection lost after an implicit transaction was sent leaves it in doubt") {
    test_database const database;
    auto on = database.connect();
    auto const e = caught([&] {
        on.execute({"suicide", "SELECT pg_terminate_backend(pg_backend_pid())"});
    });
    CHECK(e.code() == errc::in_doubt);
    CHECK(e.query() == "suicide");
    CHECK_FALSE(e.retryable());
    CHECK(on.broken());
}

TEST_CASE("a connection lost inside a transaction is unreachable: nothing was committed") {
    test_database const database;
    auto on = database.connect();
    on.begin();
    auto const e = caught([&] { run(on, "SELECT pg_terminate_backend(pg_backend_pid())"); });
    CHECK(e.code() == errc::database_unreachable);
    CHECK(e.retryable());
    CHECK(on.broken());
    CHECK_FALSE(on.in_transaction());
}

TEST_CASE("a connection lost at COMMIT leaves the transaction in doubt") {
    test_database const database;
    auto on = database.connect();
    run(on,
        "CREATE TABLE t (n int);"
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END$$;"
        "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW EXECUTE FUNCTION die()");
    postgres::transaction last{on};
    run(on, "INSERT INTO t VALUES (1)");
    auto const e = caught([&] { last.commit(); });
    CHECK(e.code() == errc::in_doubt);
    CHECK(e.query() == "commit");
    CHECK(on.broken());
}

// --- prepared statements ------------------------------------------------------------------------

TEST_CASE("a statement is prepared once a session, and only so many are kept") {
    test_database const database;
    auto on = database.connect();
    constexpr std::string_view count = "SELECT count(*) FROM pg_prepared_statements";
    for (int i = 0; i < 3; ++i) on.execute({"same", "SELECT $1::int"}, {"1"});
    CHECK(value(on, count) == "2");  // and this one
    for (int i = 0; i < 300; ++i) {
        auto const text = fmt::format("SELECT {} + $1::int", i);
        CHECK(on.execute({"many", text}, {"1"}).integer(0, 0) == i + 1);
    }
    CHECK(std::stoi(value(on, count)) <= 256);
    CHECK(on.execute({"same", "SELECT $1::int"}, {"7"}).integer(0, 0) == 7);
}

TEST_CASE("a prepared statement goes on working when its table has another shape") {
    test_database const database;
    auto on = database.connect();
    run(on, "CREATE TABLE t (n int); INSERT INTO t VALUES (1)");
    constexpr postgres::query all{"all", "SELECT * FROM t"};
    CHECK(on.execute(all).columns() == 1);
    run(on, "ALTER TABLE t ADD m text");
    CHECK(on.execute(all).columns() == 2);

    run(on, "ALTER TABLE t ADD k text");
    {
        // Within a transaction the whole of it has to be run again.
        postgres::transaction first{on};
        auto const e = caught([&] { on.execute(all); });
        CHECK(e.sqlstate() == "0A000");
        CHECK(e.retryable());
    }
    postgres::transaction second{on};
    CHECK(on.execute(all).columns() == 3);
}

TEST_CASE("a prepared statement that was discarded is prepared anew") {
    test_database const database;
    auto on = database.connect();
    constexpr postgres::query one{"one", "SELECT 1"};
    on.execute(one);
    run(on, "DEALLOCATE ALL");
    CHECK(on.execute(one).integer(0, 0) == 1);
}

// --- notifications ------------------------------------------------------------------------------

TEST_CASE("a notification ends the wait, and without one the wait is over in time") {
    test_database const database;
    auto listening = database.connect();
    listening.listen("recount_main");
    CHECK_FALSE(listening.await_notification(0ms));
    CHECK_FALSE(listening.await_notification(20ms));
    auto other = database.connect();
    auto waiting =
        std::async(std::launch::async, [&] { return listening.await_notification(20s); });
    run(other, "NOTIFY recount_main");
    CHECK(waiting.get());
    CHECK_FALSE(listening.await_notification(0ms));
}

TEST_CASE("a notification that comes in beside a statement is not lost") {
    test_database const database;
    auto listening = database.connect();
    listening.listen("recount_main");
    run(listening, "NOTIFY recount_main");
    CHECK(value(listening, "SELECT 1") == "1");
    CHECK(listening.alive());
    CHECK(listening.await_notification(20s));
}

TEST_CASE("a connection lost while waiting for a notification is reported") {
    test_database const database;
    auto listening = database.connect();
    listening.listen("recount_main");
    auto waiting = std::async(std::launch::async, [&] {
        return caught([&] { static_cast<void>(listening.await_notification(20s)); });
    });
    terminate(database, listening.backend_pid());
    CHECK(waiting.get().code() == errc::database_unreachable);
    CHECK(listening.broken());
}
