// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The connection that batches are sent on: two on their way, answers in order, and what becomes of
// both when the connection or the server is gone.
#include "postgres/append_line.hpp"

#include <thread>

#include "support/catch.hpp"
#include "support/postgres.hpp"

using recount::errc;
using recount::error;
namespace postgres = recount::postgres;
using recount::tests::eventually;

namespace {

std::string integer(std::uint8_t value) { return {'\0', '\0', '\0', static_cast<char>(value)}; }

struct served {
    recount::tests::test_database database;
    postgres::session_options options;

    served() { options.url = database.url(); }
    // Ends the other connections of this database.
    void kill() const {
        auto on = database.connect();
        std::string const others = " FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
                                   "datname = current_database()";
        recount::tests::run(on, "SELECT pg_terminate_backend(pid)" + others);
        CHECK(eventually(
            [&] { return recount::tests::value(on, "SELECT count(*)" + others) == "0"; }));
    }
    [[nodiscard]] bool is_asleep() const {
        auto on = database.connect();
        return recount::tests::value(on, "SELECT count(*) FROM pg_stat_activity WHERE "
                                         "wait_event = 'PgSleep' AND datname = "
                                         "current_database()") != "0";
    }
};

errc failure_of(postgres::append_line& line) {
    try {
        static_cast<void>(line.receive());
    } catch (error const& failure) {
        return failure.code();
    }
    return {};
}

}  // namespace

TEST_CASE("answers come in the order in which was sent", "[postgres][append_line]") {
    served there;
    postgres::append_line line{there.options, {"twice", "SELECT $1::int * 2, NULL, 'x'"}};
    for (std::uint8_t i = 1; i < 50; ++i) {
        line.send({integer(i)});
        line.send({integer(static_cast<std::uint8_t>(i + 100))});
        auto const first = line.receive();
        CHECK(first.integer(0, 0) == 2 * i);
        CHECK(first.null(0, 1));
        CHECK(first.text(0, 2) == "x");
        CHECK(line.receive().integer(0, 0) == 2 * (i + 100));
    }
}

TEST_CASE("a statement that fails leaves the one behind it alone", "[postgres][append_line]") {
    served there;
    postgres::append_line line{there.options, {"divide", "SELECT 12 / $1::int"}};
    line.send({integer(0)});
    line.send({integer(4)});
    try {
        static_cast<void>(line.receive());
        FAIL("12 / 0 is no number");
    } catch (error const& failure) {
        CHECK(failure.sqlstate() == "22012");
        CHECK(failure.query() == "divide");
    }
    CHECK(line.receive().integer(0, 0) == 3);
}

TEST_CASE("what is sent while another thread waits is answered after it",
          "[postgres][append_line]") {
    served there;
    postgres::append_line line{there.options,
                               {"nap", "SELECT $1::int FROM pg_sleep($1::int / 10.0)"}};
    // More than a socket takes at once: who sends has to read what has come in meanwhile.
    postgres::append_line wide{there.options, {"size", "SELECT length($1::text)"}};
    line.send({integer(1)});
    std::jthread const other{[&] { line.send({integer(2)}); }};
    CHECK(line.receive().integer(0, 0) == 1);
    CHECK(eventually([&] { return there.is_asleep(); }));
    CHECK(line.receive().integer(0, 0) == 2);
    std::string const large(8'000'000, 'a');
    wide.send({large});
    std::jthread const behind{[&] { wide.send({large + "b"}); }};
    CHECK(wide.receive().integer(0, 0) == 8'000'000);
    CHECK(wide.receive().integer(0, 0) == 8'000'001);
}

TEST_CASE("a lost connection leaves all in doubt that was on its way, and is made again",
          "[postgres][append_line]") {
    served there;
    postgres::append_line line{there.options,
                               {"nap", "SELECT $1::int FROM pg_sleep($1::int)"}};
    SECTION("while the server is at it") {
        line.send({integer(30)});
        line.send({integer(0)});
        std::jthread const killer{[&] {
            if (eventually([&] { return there.is_asleep(); })) there.kill();
        }};
        CHECK(failure_of(line) == errc::in_doubt);
        CHECK_THROWS_AS(line.send({integer(0)}), error);   // nobody has heard of the other one yet
        CHECK(failure_of(line) == errc::in_doubt);
    }
    SECTION("while nothing is on its way") {
        line.send({integer(0)});
        CHECK(line.receive().integer(0, 0) == 0);
        there.kill();
    }
    line.send({integer(0)});
    CHECK(line.receive().integer(0, 0) == 0);
}

TEST_CASE("where there is no server, it is not asked for with every batch",
          "[postgres][append_line]") {
    postgres::session_options nowhere;
    nowhere.url = "postgresql://127.0.0.1:1/none";
    postgres::append_line line{nowhere, {"one", "SELECT 1"}};
    for (int i = 0; i < 3; ++i) {
        try {
            line.send({});
            FAIL("nobody listens there");
        } catch (error const& failure) {
            CHECK(failure.code() == errc::database_unreachable);
        }
    }
}

TEST_CASE("a server that is silent for too long counts as gone", "[postgres][append_line]") {
    served there;
    there.options.statement_timeout = std::chrono::milliseconds{100};
    there.options.answer_grace = std::chrono::milliseconds{200};
    // The server keeps its own limit; so the statement lifts it for what it does.
    postgres::append_line line{
        there.options,
        {"silent", "SELECT $1::int FROM set_config('statement_timeout', '0', false), "
                   "pg_sleep($1::int)"}};
    line.send({integer(0)});
    CHECK(line.receive().integer(0, 0) == 0);
    line.send({integer(30)});
    CHECK(failure_of(line) == errc::in_doubt);
}
