// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What statements, connections and appends on PostgreSQL tell, and what they keep to themselves.
#include <recount/core/metrics.hpp>
#include <recount/postgres/log.hpp>
#include <recount/postgres/migrate.hpp>

#include "support/captured_lines.hpp"
#include "support/caught.hpp"
#include "support/postgres.hpp"

namespace {

namespace postgres = recount::postgres;
namespace metrics = recount::metrics;
using metrics::metric;
using recount::logging::level;
using recount::tests::captured_lines;
using recount::tests::caught;

constexpr auto secret = "secret-of-a-customer";

void check_tells_nothing(captured_lines const& lines) {
    for (auto const& line : lines.all()) {
        INFO(line.event);
        CHECK(line.text.find(secret) == std::string::npos);
        for (auto const& [name, value] : line.fields) {
            INFO(name);
            CHECK(value.find(secret) == std::string::npos);
        }
    }
}

recount::commit commit_to(std::string const& stream) {
    recount::commit one;
    one.events.push_back({recount::stream_name{stream}, "t", 1,
                          recount::json_text::checked(R"({"x":"secret-of-a-customer"})"), {}});
    return one;
}

}  // namespace

TEST_CASE("a statement is told by name, rows and backend, never by its values",
          "[postgres][logging]") {
    recount::tests::test_database const database;
    auto session = database.connect();
    auto const statements = metrics::value(metric::statements);
    auto const errors = metrics::value(metric::statement_errors);
    captured_lines lines{level::trace};
    constexpr postgres::query two{"two_rows", "SELECT $1 FROM generate_series(1, 2)"};
    session.execute(two, {secret});
    auto const statement = lines.only("sql.statement");
    CHECK(statement.fields.at("query") == "two_rows");
    CHECK(statement.fields.at("rows") == "2");
    CHECK(statement.fields.at("backend_pid") == std::to_string(session.backend_pid()));
    constexpr postgres::query wrong{"not_a_number", "SELECT $1::text::int"};
    auto const failure = caught([&] { session.execute(wrong, {secret}); });
    CHECK(failure.server_text().find(secret) != std::string::npos);  // there is something to hide
    auto const failed = lines.only("sql.failed");
    CHECK(failed.fields.at("query") == "not_a_number");
    CHECK(failed.fields.at("sqlstate") == "22P02");
    CHECK(metrics::value(metric::statements) == statements + 2);
    CHECK(metrics::value(metric::statement_errors) == errors + 1);
    check_tells_nothing(lines);
    lines.check_declared();
}

TEST_CASE("connections that open, fail and die are told", "[postgres][logging]") {
    recount::tests::test_database const database;
    captured_lines lines{level::debug};
    auto const lost = metrics::value(metric::connections_lost);
    auto session = database.connect();
    auto const pid = session.backend_pid();
    CHECK(lines.only("connection.opened").fields.at("backend_pid") == std::to_string(pid));
    {
        postgres::session_options nowhere;
        nowhere.url = "postgresql:///none?host=/nowhere/at/all&user=secret-of-a-customer";
        CHECK(caught([&] { postgres::session const none{nowhere}; }).code() ==
              recount::errc::database_unreachable);
        CHECK(lines.only("connection.failed").fields.at("code") == "database_unreachable");
    }
    recount::tests::terminate(database, pid);
    CHECK_FALSE(session.alive());
    CHECK_FALSE(session.alive());
    CHECK(lines.only("connection.lost").fields.at("backend_pid") == std::to_string(pid));
    CHECK(metrics::value(metric::connections_lost) == lost + 1);
    check_tells_nothing(lines);
    lines.check_declared();
}

TEST_CASE("an append behind another process tells that it is planned again",
          "[postgres][logging]") {
    recount::tests::test_database const database;
    captured_lines lines{level::trace};
    postgres::migrate({.url = database.url()});
    CHECK(lines.of("migration.applied").size() == postgres::migrations().size());
    auto const ours = postgres::log::open({.url = database.url()});
    auto const others = postgres::log::open({.url = database.url()});
    auto one = commit_to("a-1");
    one.meta.correlation = recount::new_command_id();
    ours->append(one);
    CHECK(lines.only("append.commit").correlation == to_string(*one.meta.correlation));
    others->append(commit_to("a-1"));
    ours->append(commit_to("a-1"));
    CHECK(lines.only("append.moved").fields.at("known_at") == "1");
    auto const batches = lines.of("append.batch");
    REQUIRE(batches.size() == 3);
    CHECK(batches[2].fields.at("first") == "3");
    auto conflicting = commit_to("a-1");
    conflicting.expectations.push_back(
        {recount::stream_name{"a-1"}, recount::expectation::no_stream()});
    CHECK(caught([&] { ours->append(conflicting); }).code() == recount::errc::conflict);
    auto const conflict = lines.only("append.conflict");
    CHECK(conflict.fields.at("actual_version") == "3");
    CHECK(conflict.fields.at("command_id") == to_string(conflicting.id));
    check_tells_nothing(lines);
    lines.check_declared();
}
