// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The connection that batches are sent on: two on their way, answers in order, and what becomes of
// both when the connection or the server is gone.
#include "postgres/append_pipeline.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
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
    // Ends the other connections of this database; false if they do not end.
    [[nodiscard]] bool kill() const {
        auto on = database.connect();
        std::string const others = " FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
                                   "datname = current_database()";
        recount::tests::run(on, "SELECT pg_terminate_backend(pid)" + others);
        return eventually(
            [&] { return recount::tests::value(on, "SELECT count(*)" + others) == "0"; });
    }
    [[nodiscard]] bool is_asleep() const {
        auto on = database.connect();
        return recount::tests::value(on, "SELECT count(*) FROM pg_stat_activity WHERE "
                                         "wait_event = 'PgSleep' AND datname = "
                                         "current_database()") != "0";
    }
};

// Takes connections, and ends them at once.
class port_without_server {
public:
    port_without_server() : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)} {
        sockaddr_in here{};
        here.sin_family = AF_INET;
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof here;
        auto* const address = reinterpret_cast<sockaddr*>(&here);
        REQUIRE(::bind(socket_, address, size) == 0);
        REQUIRE(::listen(socket_, 8) == 0);
        REQUIRE(::getsockname(socket_, address, &size) == 0);
        number_ = std::to_string(ntohs(here.sin_port));
        ending_ = std::jthread{[this](std::stop_token const& stop) {
            while (!stop.stop_requested()) {
                pollfd what{socket_, POLLIN, 0};
                if (::poll(&what, 1, 20) <= 0) continue;
                auto const caller = ::accept(socket_, nullptr, nullptr);
                ++asked_;   // before the caller hears of it
                ::close(caller);
            }
        }};
    }
    ~port_without_server() {
        ending_ = {};
        ::close(socket_);
    }
    port_without_server(port_without_server const&) = delete;
    port_without_server& operator=(port_without_server const&) = delete;
    [[nodiscard]] std::string const& number() const { return number_; }
    // Since the last time.
    [[nodiscard]] bool was_asked() const { return asked_.exchange(0) > 0; }

private:
    int socket_;
    std::string number_;
    mutable std::atomic<int> asked_{0};
    std::jthread ending_;
};

errc failure_of(postgres::append_pipeline& pipeline, bool eagerly = false) {
    try {
        static_cast<void>(pipeline.receive(eagerly));
    } catch (error const& failure) {
        return failure.code();
    }
    return {};
}

}  // namespace

TEST_CASE("answers come in the order in which was sent", "[postgres][append_pipeline]") {
    served there;
    postgres::query const twice{"twice", "SELECT $1::int * 2, NULL, 'x'"};
    postgres::append_pipeline pipeline{there.options, {twice}};
    for (std::uint8_t i = 1; i < 50; ++i) {
        pipeline.send(twice, {integer(i)});
        pipeline.send(twice, {integer(static_cast<std::uint8_t>(i + 100))});
        auto const first = pipeline.receive();
        CHECK(first.integer(0, 0) == 2 * i);
        CHECK(first.null(0, 1));
        CHECK(first.text(0, 2) == "x");
        CHECK(pipeline.receive().integer(0, 0) == 2 * (i + 100));
    }
}

TEST_CASE("statements of several kinds are sent, with values that are null",
          "[postgres][append_pipeline]") {
    served there;
    postgres::query const twice{"twice", "SELECT $1::int * 2"};
    postgres::query const either{"either", "SELECT coalesce($1::text, $2::text), 10 / $3::int"};
    postgres::append_pipeline pipeline{there.options, {twice, either}};
    pipeline.send(either, {std::nullopt, "b", integer(5)});
    pipeline.send(either, {"", std::nullopt, integer(0)});
    auto const b = pipeline.receive();
    CHECK(b.text(0, 0) == "b");
    CHECK(b.integer(0, 1) == 2);
    pipeline.send(twice, {integer(4)});
    try {
        static_cast<void>(pipeline.receive());
        FAIL("10 / 0 is no number");
    } catch (error const& failure) {
        CHECK(failure.query() == "either");
    }
    CHECK(pipeline.receive().integer(0, 0) == 8);
}

TEST_CASE("a statement that fails leaves the one behind it alone", "[postgres][append_pipeline]") {
    served there;
    postgres::query const divide{"divide", "SELECT 12 / $1::int"};
    postgres::append_pipeline pipeline{there.options, {divide}};
    pipeline.send(divide, {integer(0)});
    pipeline.send(divide, {integer(4)});
    try {
        static_cast<void>(pipeline.receive());
        FAIL("12 / 0 is no number");
    } catch (error const& failure) {
        CHECK(failure.sqlstate() == "22012");
        CHECK(failure.query() == "divide");
    }
    CHECK(pipeline.receive().integer(0, 0) == 3);
}

TEST_CASE("what fails when it is committed has failed", "[postgres][append_pipeline]") {
    served there;
    {
        auto on = there.database.connect();
        on.execute_script(
            {"tables", "CREATE TABLE odd (n int); CREATE FUNCTION refuse() RETURNS trigger "
                       "LANGUAGE plpgsql AS $$ BEGIN IF new.n % 2 = 0 THEN RAISE EXCEPTION "
                       "'even' USING ERRCODE = '23514'; END IF; RETURN NULL; END $$; "
                       "CREATE CONSTRAINT TRIGGER later AFTER INSERT ON odd DEFERRABLE INITIALLY "
                       "DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()"});
    }
    postgres::query const write{"write", "INSERT INTO odd VALUES ($1::int) RETURNING n"};
    postgres::append_pipeline pipeline{there.options, {write}};
    pipeline.send(write, {integer(2)});
    pipeline.send(write, {integer(3)});
    CHECK(failure_of(pipeline) == errc::database_failed);
    CHECK(pipeline.receive().integer(0, 0) == 3);
}

TEST_CASE("what was prepared for something else by now is prepared again",
          "[postgres][append_pipeline]") {
    served there;
    auto on = there.database.connect();
    on.execute_script({"view", "CREATE VIEW one AS SELECT 1 AS n"});
    postgres::query const look{"look", "SELECT * FROM one"};
    postgres::append_pipeline pipeline{there.options, {look}};
    pipeline.send(look, {});
    CHECK(pipeline.receive().columns() == 1);
    on.execute_script({"view", "CREATE OR REPLACE VIEW one AS SELECT 1 AS n, 2 AS m"});
    pipeline.send(look, {});
    CHECK(failure_of(pipeline) == errc::database_unreachable);   // it may be done again
    pipeline.send(look, {});
    CHECK(pipeline.receive().columns() == 2);
}

TEST_CASE("what is sent while another thread waits is answered after it",
          "[postgres][append_pipeline]") {
    served there;
    postgres::query const nap{"nap", "SELECT $1::int FROM pg_sleep($1::int / 10.0)"};
    postgres::append_pipeline pipeline{there.options, {nap}};
    // More than a socket takes at once: who sends has to read what has come in meanwhile.
    postgres::query const size{"size", "SELECT length($1::text)"};
    postgres::append_pipeline wide{there.options, {size}};
    pipeline.send(nap, {integer(1)});
    std::jthread other{[&] { pipeline.send(nap, {integer(2)}); }};
    CHECK(pipeline.receive().integer(0, 0) == 1);
    other.join();
    CHECK(eventually([&] { return there.is_asleep(); }));
    CHECK(pipeline.receive().integer(0, 0) == 2);
    std::string const large(8'000'000, 'a');
    wide.send(size, {large});
    std::jthread behind{[&] { wide.send(size, {large + "b"}); }};
    CHECK(wide.receive().integer(0, 0) == 8'000'000);
    behind.join();
    CHECK(wide.receive().integer(0, 0) == 8'000'001);
}

TEST_CASE("a lost connection leaves all in doubt that was on its way, and is made again",
          "[postgres][append_pipeline]") {
    served there;
    postgres::query const nap{"nap", "SELECT $1::int FROM pg_sleep($1::int)"};
    postgres::append_pipeline pipeline{there.options, {nap}};
    SECTION("while the server is at it") {
        pipeline.send(nap, {integer(30)});
        pipeline.send(nap, {integer(0)});
        std::jthread const killer{[&] {
            static_cast<void>(eventually([&] { return there.is_asleep(); }) && there.kill());
        }};
        CHECK(failure_of(pipeline) == errc::in_doubt);
        // Nobody has heard of the other one yet.
        CHECK_THROWS_AS(pipeline.send(nap, {integer(0)}), error);
        CHECK(failure_of(pipeline) == errc::in_doubt);
    }
    SECTION("while nothing is on its way") {
        pipeline.send(nap, {integer(0)});
        CHECK(pipeline.receive().integer(0, 0) == 0);
        REQUIRE(there.kill());
    }
    pipeline.send(nap, {integer(0)});
    CHECK(pipeline.receive().integer(0, 0) == 0);
}

TEST_CASE("where there is no server, it is not asked for with every batch",
          "[postgres][append_pipeline]") {
    port_without_server const nowhere;
    postgres::session_options options;
    options.url = "postgresql://127.0.0.1:" + nowhere.number() + "/none?sslmode=disable";
    postgres::query const one{"one", "SELECT 1"};
    auto const tries = [&](postgres::append_pipeline& pipeline) {
        try {
            pipeline.send(one, {});
            FAIL("nobody listens there");
        } catch (error const& failure) {
            CHECK(failure.code() == errc::database_unreachable);
        }
        return nowhere.was_asked();
    };
    SECTION("but when it was reached another way") {
        postgres::append_pipeline pipeline{options, {one}, std::chrono::milliseconds{0}};
        CHECK(tries(pipeline));
        CHECK_FALSE(tries(pipeline));
        pipeline.try_again();
        CHECK(tries(pipeline));
        CHECK_FALSE(tries(pipeline));
    }
    SECTION("and not a moment after the last time") {
        postgres::append_pipeline pipeline{options, {one}, std::chrono::hours{1}};
        CHECK(tries(pipeline));
        pipeline.try_again();
        CHECK_FALSE(tries(pipeline));
    }
}

TEST_CASE("a server that is silent for too long counts as gone", "[postgres][append_pipeline]") {
    served there;
    there.options.statement_timeout = std::chrono::milliseconds{100};
    there.options.answer_grace = std::chrono::milliseconds{200};
    // The server keeps its own limit; so the statement lifts it for what it does.
    postgres::query const silent{
        "silent",
        "SELECT $1::int FROM set_config('statement_timeout', '0', false), pg_sleep($1::int)"};
    postgres::append_pipeline pipeline{there.options, {silent}};
    pipeline.send(silent, {integer(0)});
    CHECK(pipeline.receive().integer(0, 0) == 0);
    pipeline.send(silent, {integer(30)});
    CHECK(failure_of(pipeline) == errc::in_doubt);
}

TEST_CASE("an answer is looked for after the nap, and slept for when it is late",
          "[postgres][append_pipeline]") {
    served there;
    postgres::query const nap{"nap", "SELECT $1::int FROM pg_sleep($1::int / 10.0)"};
    postgres::eager_wait a_second{2, std::chrono::hours{1}};   // asleep for 0.4 s of it
    a_second.took(std::chrono::seconds{1});
    postgres::append_pipeline pipeline{there.options, {nap}, std::chrono::seconds{1}, a_second};
    auto const answer_to = [&](std::uint8_t tenths, bool eagerly) {
        pipeline.send(nap, {integer(tenths)});
        return pipeline.receive(eagerly).integer(0, 0);
    };
    SECTION("eagerly only") {
        CHECK(answer_to(5, false) == 5);
        CHECK(pipeline.looked() == 0);
        CHECK(answer_to(9, true) == 9);
        CHECK(pipeline.looked() == 1);
        CHECK(answer_to(20, true) == 20);
        CHECK(pipeline.looked() == 2);
    }
    SECTION("while another thread sends behind it") {
        pipeline.send(nap, {integer(9)});
        std::jthread other{[&] {
            static_cast<void>(eventually([&] { return pipeline.looked() == 1; }));
            pipeline.send(nap, {integer(1)});
        }};
        CHECK(pipeline.receive(true).integer(0, 0) == 9);
        other.join();
        CHECK(pipeline.receive(true).integer(0, 0) == 1);
    }
    SECTION("in doubt when the connection is lost meanwhile") {
        pipeline.send(nap, {integer(100)});
        {
            std::jthread const killer{[&] {
                static_cast<void>(eventually([&] { return pipeline.looked() == 1; }) &&
                                  there.kill());
            }};
            CHECK(failure_of(pipeline, true) == errc::in_doubt);
        }
        CHECK(pipeline.looked() == 1);
        CHECK(answer_to(0, true) == 0);
    }
}
