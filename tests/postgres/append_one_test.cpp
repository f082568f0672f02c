// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The function for a single event (migrations/0016): who uses it, that what it writes is what
// append() writes, and that it leaves to that one what it cannot do.
#include <recount/postgres/log.hpp>

#include <fmt/format.h>

#include "conformance/log_conformance.hpp"
#include "support/postgres.hpp"
#include "support/verified.hpp"

using namespace conformance;
using recount::commit;
using recount::errc;
using recount::expectation;
using recount::tests::eventually;
using recount::tests::run;
using recount::tests::value;
namespace postgres = recount::postgres;

namespace {

struct counted_store {
    recount::tests::test_database database;

    counted_store() { postgres::migrate({.url = database.url()}); }

    // The server counts calls of functions on its connections.
    [[nodiscard]] std::unique_ptr<postgres::log> open() const {
        return postgres::log::open(
            {.url = database.url() + "&options=-c%20track_functions%3Dall", .program = "test"});
    }
    // Of a process of the server that has ended or paused, so that all has been counted.
    [[nodiscard]] bool was_called(std::string const& function, int times) const {
        auto on = database.connect();
        return eventually([&] {
            return value(on, fmt::format("SELECT coalesce(sum(calls), 0) FROM "
                                         "pg_stat_user_functions WHERE funcname = '{}'",
                                         function)) == std::to_string(times);
        });
    }
};

}  // namespace

TEST_CASE("who appends alone has the function for one event called", "[postgres][append_one]") {
    counted_store const store;
    auto log = store.open();
    log->append(commit_to("a-1"));      // the stream and the type are new
    log->append(commit_to("b-1"));      // the stream is
    log->append(commit_to("a-1", 2));   // two events
    log->append(expecting(commit_to("a-1"), "b-1", expectation::exactly(1)));  // two streams
    for (int i = 0; i < 10; ++i) log->append(commit_to(i % 2 == 0 ? "a-1" : "b-1"));
    log->append(expecting(commit_to("a-1"), "a-1", expectation::exactly(9)));
    CHECK(log->read_stream(stream("a-1")).events.size() == 10);
    check_whole(*log);
    log.reset();
    CHECK(store.was_called("append_one", 11));
    CHECK(store.was_called("append", 4));
}

TEST_CASE("while others append, too, the function for all is called at once",
          "[postgres][append_one]") {
    counted_store const store;
    auto here = store.open();
    here->append(commit_to("a-1"));
    {
        auto const there = store.open();
        there->append(commit_to("b-1"));
        here->append(commit_to("a-1"));  // by the one for one, which has the one for all do it
        for (int i = 0; i < 5; ++i) {
            there->append(commit_to("b-1", 2));
            CHECK(here->append(commit_to("a-1")).events[0].version == i + 3);
        }
    }
    here->append(commit_to("a-1"));  // finds nobody else's
    here->append(commit_to("a-1"));
    check_whole(*here);
    here.reset();
    CHECK(store.was_called("append_one", 2));
    CHECK(store.was_called("append", 1 + 1 + 1 + 5 + 5 + 1));
}

TEST_CASE("what one thread appends stands there as what many append together",
          "[postgres][append_one]") {
    counted_store const store;
    auto log = store.open();
    log->append(commit_to("a-1"));
    auto const made = [](bool with_command) {
        auto one = commit_to("a-1");
        one.events[0].payload =
            recount::json_text::checked(R"({"n":-1.50,"text":"\u00e9 ü 'x' \\","l":[]})");
        one.events[0].effective_at = recount::timestamp{std::chrono::microseconds{-1}};
        if (with_command) {
            one.command = recount::json_text::checked(
                R"({"name":"do","version":1,"payload":{"a":"ü"}})");
        }
        return one;
    };
    log->append(made(true));
    log->append(made(false));
    std::vector<commit> const together{made(true), made(false)};
    for (auto const& each : log->append_batch(together)) CHECK_FALSE(code_of(each));
    auto on = store.database.connect();
    auto const row = [&](int position) {
        return value(on, fmt::format("SELECT (ordinal, type, schema_version, "
                                     "position - commit_last, effective_at, command, "
                                     "payload)::text FROM recount.log WHERE position = {}",
                                     position));
    };
    CHECK(row(2).find("1969-12-31 23:59:59.999999+00") != std::string::npos);
    CHECK(row(2) == row(4));
    CHECK(row(3) == row(5));
    CHECK(row(2) != row(3));
    check_whole(*log);
    recount::tests::check_verified(store.database);
    log.reset();
    CHECK(store.was_called("append_one", 2));
    CHECK(store.was_called("append", 2));
}

TEST_CASE("a sealed period is closed to a single event, too", "[postgres][append_one]") {
    counted_store const store;
    auto log = store.open();
    log->append(commit_to("a-1"));
    log->append(commit_to("a-1"));
    log->seal({.category = "a",
               .until = recount::timestamp{std::chrono::hours{24}},
               .actor = "ada",
               .because = "closed"});
    auto late = commit_to("a-1");
    late.events[0].effective_at = recount::timestamp{std::chrono::hours{23}};
    auto const refused = error_of([&] { return log->append(late); });
    REQUIRE(refused.has_value());
    CHECK(refused->code() == errc::refused);
    CHECK(refused->sqlstate() == "RC004");
    CHECK(refused->server_text().empty());
    CHECK(log->append(commit_to("a-1")).events[0].version == 3);
    check_whole(*log);
    log.reset();
    CHECK(store.was_called("append_one", 2));  // what is refused is not counted
}

TEST_CASE("an entry of a restructure marks its stream, whoever appends it",
          "[postgres][append_one]") {
    counted_store const store;
    auto const log = store.open();
    log->append(commit_to("a-1"));
    auto on = store.database.connect(log->names().app);
    run(on, R"(SELECT FROM recount.append_one(1, (SELECT link FROM recount.links WHERE
               last_position = 1), 1, 2, gen_random_uuid(), '$restructured', 1, NULL, NULL,
               '{"ops":[{"content":{"type":"thing.meant","schema_version":3}}]}', '{}',
               '\x00'))");
    CHECK(value(on, "SELECT corrected FROM recount.streams") == "t");
    CHECK(value(on, "SELECT schema_version FROM recount.types WHERE type = 'thing.meant'") == "3");
}
