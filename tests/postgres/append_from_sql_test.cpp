// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// append_event: a program in SQL appends within its own transaction.
#include <functional>
#include <future>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include <recount/log/hash.hpp>
#include <recount/postgres/log.hpp>

#include "conformance/log_conformance.hpp"
#include "support/caught.hpp"
#include "support/postgres.hpp"
#include "support/verified.hpp"

using namespace conformance;
using recount::tests::caught;
using recount::tests::eventually;
using recount::tests::run;
using recount::tests::test_database;
using recount::tests::value;
namespace postgres = recount::postgres;

namespace {

// A store, and a login of an old program that may do no more than append_event.
struct legacy {
    test_database database;
    std::string login;
    std::unique_ptr<postgres::log> log;

    legacy() {
        postgres::migrate({.url = database.url()});
        log = postgres::log::open({.url = database.url()});
        login = fmt::format("recount_{}_legacy", database.name());
        auto on = database.connect();
        run(on, fmt::format("CREATE ROLE {0};"
                            "GRANT USAGE ON SCHEMA recount TO {0};"
                            "GRANT EXECUTE ON FUNCTION recount.append_event TO {0};"
                            "CREATE TABLE public.orders (id int PRIMARY KEY, state text);"
                            "GRANT ALL ON orders TO {0}",
                            login));
    }
    [[nodiscard]] postgres::session connect() const { return database.connect(login); }
};

std::string state_of(postgres::session& on, std::string const& sql) {
    return caught([&] { run(on, sql); }).sqlstate();
}

std::string append(std::string const& arguments) {
    return "SELECT log_position FROM recount.append_event(" + arguments + ")";
}

}  // namespace

TEST_CASE("SQL appends and its own rows are committed together", "[postgres][sql]") {
    legacy const old;
    auto on = old.connect();
    run(on, "BEGIN; INSERT INTO orders VALUES (1, 'placed');" +
                append("'order-1', 0, 'order.placed', '{\"id\":1}', '{\"actor\":\"ann\"}'") +
                "; COMMIT");
    run(on, "BEGIN; INSERT INTO orders VALUES (2, 'placed');" +
                append("'order-2', 0, 'order.placed', '{\"id\":2}'") + "; ROLLBACK");
    CHECK(value(on, "SELECT count(*) FROM orders") == "1");
    CHECK(old.log->head().position == 1);
    // The library goes on behind it, and reads what it wrote.
    auto const stored = old.log->read_stream(stream("order-1")).events;
    REQUIRE(stored.size() == 1);
    CHECK(stored[0].payload == "{\"id\":1}");
    CHECK(recount::metadata_from_json(stored[0].meta).actor == "ann");
    CHECK(old.log->append(commit_to("order-1")).events[0].version == 2);
    CHECK(value(on, append("'order-1', 2, 'order.paid', '{ \"amount\": 1e2 }'")) == "3");
    CHECK(old.log->append(commit_to("order-1")).events[0].version == 4);
    recount::tests::check_verified(old.database);
}

TEST_CASE("SQL that expects another version is refused by name", "[postgres][sql]") {
    legacy const old;
    auto on = old.connect();
    old.log->append(commit_to("order-1", 2));
    auto const refused = [&](std::string const& expected) {
        auto const found = caught(
            [&] { run(on, append("'order-1', " + expected + ", 'order.paid', '{}'")); });
        CHECK(found.sqlstate() == "RC002");
        return found.server_text();
    };
    CHECK(refused("1").find("unable to append to order-1: expected version 1, stream is at 2") !=
          std::string::npos);
    CHECK(refused("0").find("expected no stream, stream is at 2") != std::string::npos);
    CHECK(state_of(on, append("'order-9', -1, 'order.paid', '{}'")) == "RC002");
    CHECK(value(on, append("'order-1', -1, 'order.paid', '{}'")) == "3");
    CHECK(value(on, append("'order-1', NULL, 'order.paid', '{}'")) == "4");
    CHECK(value(on, append("'order-9', NULL, 'order.paid', '{}'")) == "5");
    // In a block of its own a conflict can be caught, and the transaction goes on.
    run(on, "DO $$BEGIN BEGIN PERFORM recount.append_event('order-1', 1, 'x', '{}');"
            "EXCEPTION WHEN SQLSTATE 'RC002' THEN INSERT INTO orders VALUES (7, 'late'); END; "
            "PERFORM recount.append_event('order-1', 4, 'x', '{}'); END$$");
    CHECK(value(on, "SELECT state FROM orders WHERE id = 7") == "late");
    CHECK(old.log->head().position == 6);
    recount::tests::check_verified(old.database);
}

TEST_CASE("a key makes an append from SQL idempotent, as in the library", "[postgres][sql]") {
    legacy const old;
    auto on = old.connect();
    auto const paid = [](std::string const& payload, std::string const& more) {
        return "'order-1', NULL, 'order.paid', '" + payload + "', " + more;
    };
    auto const first = paid("{\"n\":1}", "'{\"actor\":\"ann\"}', 'pay 1'");
    CHECK(value(on, append(first)) == "1");
    run(on, append("'order-1', NULL, 'order.sent', '{}'"));
    CHECK(value(on, append(first)) == "1");
    CHECK(value(on, "SELECT repeated FROM recount.append_event(" + first + ")") == "t");
    CHECK(state_of(on, append(paid("{\"n\":2}", "'{\"actor\":\"ann\"}', 'pay 1'"))) == "RC003");
    CHECK(value(on, append(paid("{\"n\":1}", "'{\"actor\":\"bob\"}', 'pay 1'"))) == "3");
    CHECK(old.log->head().position == 3);
    // The same id as the library makes of the same key, so that either finds the other's.
    auto const id = recount::command_id_from_key("pay 1", "ann");
    CHECK(old.log->find_commits(std::vector{id}).contains(id));
    auto again = commit_of({event("order-1", "{\"n\":1}", "order.paid")});
    again.id = id;
    again.meta.actor = "ann";
    CHECK(old.log->append(again).repeated);
    // An id of the library's own is a key, too.
    auto const known = commit_of({event("order-2", "{\"n\":1}", "order.paid")});
    old.log->append(known);
    CHECK(value(on, append("'order-2', NULL, 'order.paid', '{\"n\":1}', key => '" +
                           to_string(known.id) + "'")) == "4");
    // Ids that are made for a call are in order of time, with room for ordinals.
    auto const made = value(on, "SELECT event_id FROM recount.append_event('o-1', 0, 'x', '{}')");
    CHECK(made.substr(14, 1) == "7");
    CHECK(made.substr(32) == "0000");
    auto const later = recount::new_command_id();
    CHECK(made.substr(0, 8) == to_string(later).substr(0, 8));
    recount::tests::check_verified(old.database);
}

TEST_CASE("what could not be read again is not appended from SQL", "[postgres][sql]") {
    legacy const old;
    auto on = old.connect();
    auto const state = [&](std::string const& arguments) {
        return state_of(on, append(arguments));
    };
    for (auto const* name : {"'Order-1'", "'order'", "'order-'", "'-1'", "NULL", "'order-\x01'",
                             "'$saga.x-1'", "'order-' || repeat('x', 201)"}) {
        CAPTURE(name);
        CHECK(state(std::string{name} + ", NULL, 'x', '{}'") == "22023");
    }
    for (auto const* type : {"''", "NULL", "'$x'", "repeat('x', 201)", "'a\tb'"}) {
        CAPTURE(type);
        CHECK(state("'order-1', NULL, " + std::string{type} + ", '{}'") == "22023");
    }
    for (auto const* payload :
         {"NULL", "'{\"a\":1,\"a\":2}'", "'[18446744073709551616]'",
          "'[{\"a\":{\"b\":1,\"b\":1}}]'", "(repeat('[', 65) || repeat(']', 65))::json"}) {
        CAPTURE(payload);
        CHECK(state("'order-1', NULL, 'x', " + std::string{payload}) == "22023");
    }
    CHECK(state("'order-1', NULL, 'x', '{\"a\":\"\\u0000\"}'") == "22P05");
    CHECK(state("'order-1', NULL, 'x', '{'") == "22P02");
    CHECK(state("'order-1', NULL, 'x', to_json(repeat('x', 1048576))") == "54000");
    for (auto const* meta : {"'{\"who\":\"x\"}'", "'{\"x\":{\"a\":1}}'", "'[]'",
                             "'{\"basis\":\"1\"}'", "'{\"actor\":null}'"}) {
        CAPTURE(meta);
        CHECK(state("'order-1', NULL, 'x', '{}', " + std::string{meta}) == "22023");
    }
    CHECK(state("'order-1', -2, 'x', '{}'") == "22023");
    CHECK(state("'order-1', NULL, 'x', '{}', schema_version => 0") == "22023");
    CHECK(state("'order-1', NULL, 'x', '{}', effective_at => 'infinity'") == "22023");
    CHECK(state("'order-1', NULL, 'x', '{}', effective_at => '10000-01-01'") == "22023");
    run(on, "BEGIN ISOLATION LEVEL SERIALIZABLE");
    CHECK(state("'order-1', NULL, 'x', '{}'") == "25000");
    run(on, "ROLLBACK");
    CHECK(old.log->head().position == 0);
    run(on, append("'order-ž 1', 0, 'x', (repeat('[', 64) || repeat(']', 64))::json, "
                   "'{\"x\":{\"b\":\"2\",\"a\":\"ž\"},\"basis\":7,"
                   "\"correlation\":\"018F4E2B-0000-7000-8000-000000000000\"}', "
                   "effective_at => '0001-01-01 00:00:00.000001+00'"));
    auto const stored = everything(*old.log);
    REQUIRE(stored.size() == 1);
    auto const meta = recount::metadata_from_json(stored[0].meta);
    CHECK(to_json(meta).str() == stored[0].meta);  // as the library would have written it
    recount::tests::check_verified(old.database);
}

TEST_CASE("an old program has no other way into the log", "[postgres][sql][rights]") {
    legacy const old;
    auto on = old.connect();
    CHECK(state_of(on, "SELECT * FROM recount.log") == "42501");
    CHECK(state_of(on, "INSERT INTO recount.links SELECT * FROM recount.links") == "42501");
    CHECK(state_of(on, "SELECT recount.append_commit(NULL, NULL, NULL, NULL, NULL, NULL, NULL, "
                       "NULL, NULL, NULL, NULL)") == "42501");
    for (auto const& role : {old.log->names().reader, old.log->names().projector}) {
        auto other = old.database.connect(role);
        CHECK(state_of(other, append("'order-1', 0, 'x', '{}'")) == "42501");
    }
}

TEST_CASE("an append from SQL is told once it is committed, and only then", "[postgres][sql]") {
    legacy const old;
    auto on = old.database.connect();
    on.listen("recount_log");
    // What a session tells itself has come in when its statement is answered.
    auto const told = [&](std::string const& sql) {
        run(on, sql);
        return on.await_notification(std::chrono::milliseconds{0});
    };
    auto const first = append("'order-1', 0, 'order.placed', '{}', key => 'place 1'");
    CHECK(told(first));
    CHECK_FALSE(told(first));  // its first result
    CHECK_FALSE(told("DO $$BEGIN PERFORM recount.append_event('order-1', 0, 'x', '{}');"
                     "EXCEPTION WHEN SQLSTATE 'RC002' THEN NULL; END$$"));
    CHECK_FALSE(told("BEGIN;" + append("'order-1', 1, 'order.paid', '{}'") + "; ROLLBACK"));
    CHECK(told("BEGIN;" + append("'order-1', 1, 'order.paid', '{}'") + ";" +
               append("'order-1', 2, 'order.sent', '{}'") + "; COMMIT"));
    CHECK_FALSE(on.await_notification(std::chrono::milliseconds{0}));  // one for both
    auto const id = to_string(recount::new_command_id());
    CHECK(told("SELECT recount.append_commit('" + id +
               "', NULL, '{}', '{order-2}', '{x}', '{1}', '{NULL}', '{\"{}\"}', '{}', '{}', '{}')"));
    CHECK(old.log->head().position == 4);
}

TEST_CASE("an append from SQL tells those who follow its own store", "[postgres][sql]") {
    legacy const old;
    postgres::migrate({.url = old.database.url(), .store = "second"});
    auto on = old.database.connect();
    on.listen("recount_second_log");
    run(on, append("'order-1', 0, 'x', '{}'"));
    CHECK_FALSE(on.await_notification(std::chrono::milliseconds{0}));
    run(on, "SELECT recount_second.append_event('order-1', 0, 'x', '{}')");
    CHECK(on.await_notification(std::chrono::milliseconds{0}));
}

TEST_CASE("who waits for the log is woken by an append of another program", "[postgres][sql]") {
    legacy const old;
    // It would sleep for longer than this test may take.
    auto const waiter = postgres::log::open({.url = old.database.url(),
                                             .program = "waiter",
                                             .poll_interval = std::chrono::minutes{60}});
    auto watcher = old.database.connect();
    recount::position seen = 0;
    auto const woken_by = [&](std::function<void()> const& append_one) {
        auto waiting = std::async(std::launch::async, [&] {
            return waiter->wait(seen, std::chrono::minutes{2});
        });
        // Both have looked: it before it went to sleep, and its listener after LISTEN.
        CHECK(eventually([&] {
            return value(watcher,
                         "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'waiter' "
                         "AND datname = current_database() AND state = 'idle' AND query LIKE "
                         "'SELECT position, hash FROM %'") == "2";
        }));
        append_one();
        auto const before = std::exchange(seen, waiting.get());
        return seen > before;
    };
    SECTION("from SQL") {
        auto on = old.connect();
        CHECK(woken_by([&] { run(on, append("'order-1', 0, 'order.placed', '{}'")); }));
    }
    SECTION("from C++ with own tables") {
        CHECK(woken_by([&] { old.log->append_with(commit_to("a-1"), {}); }));
    }
    SECTION("from C++") {
        CHECK(woken_by([&] { old.log->append(commit_to("a-1")); }));
    }
}

TEST_CASE("who holds the position lock is seen, and how long one waits for it",
          "[postgres][sql]") {
    legacy const old;
    auto on = old.connect();
    run(on, "SET application_name = 'slow program'");
    run(on, "SET idle_in_transaction_session_timeout = 0");
    on.begin();
    run(on, append("'order-1', 0, 'order.placed', '{}'"));
    auto waiting =
        std::async(std::launch::async, [&] { return old.log->append(commit_to("b-1")); });
    auto watcher = old.database.connect();
    CHECK(eventually([&] {
        return value(watcher, "SELECT count(*) FROM recount.position_lock WHERE what = 'waits' AND "
                              "since > interval '0'") == "1";
    }));
    CHECK(value(watcher, "SELECT application_name FROM recount.position_lock WHERE what = "
                         "'holds'") == "slow program");
    // The query of docs/reference/metrics.md.
    auto const graphed = [&] {
        return watcher.execute(
            {"graph",
             "SELECT coalesce(extract(epoch FROM max(since) FILTER (WHERE what = 'holds')), 0) > 0,"
             " count(*) FILTER (WHERE what = 'waits'),"
             " coalesce(extract(epoch FROM max(since) FILTER (WHERE what = 'waits')), 0) > 0"
             " FROM recount.position_lock"});
    };
    auto const held = graphed();
    CHECK(held.boolean(0, 0));
    CHECK(held.integer(0, 1) == 1);
    CHECK(held.boolean(0, 2));
    on.commit();
    CHECK(waiting.get().first == 2);
    CHECK_FALSE(graphed().boolean(0, 0));
    CHECK(value(watcher, "SELECT count(*) FROM recount.position_lock") == "0");
}
