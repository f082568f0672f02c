// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What only the log on PostgreSQL has to face: other processes behind a warm cache, lost
// connections, a server that refuses, and a log that is not the one it was.
#include <recount/postgres/log.hpp>

#include <atomic>
#include <future>
#include <thread>

#include <fmt/format.h>

#include <recount/core/limits.hpp>
#include <recount/core/metrics.hpp>

#include "conformance/log_conformance.hpp"
#include "support/postgres.hpp"

using namespace conformance;
using recount::commit;
using recount::errc;
using recount::expectation;
using recount::tests::eventually;
using recount::tests::run;
using recount::tests::value;
namespace postgres = recount::postgres;

namespace {

struct migrated {
    recount::tests::test_database database;

    migrated() { postgres::migrate({.url = database.url()}); }

    [[nodiscard]] std::unique_ptr<postgres::log> open(std::string program = "test") const {
        return postgres::log::open({.url = database.url(), .program = std::move(program)});
    }
    // Superuser, owner of nothing here.
    [[nodiscard]] postgres::session administrator() const { return database.connect(); }
};

recount::append_result append_one(recount::log& log, commit const& one) {
    return log.append_batch({&one, 1}).front();
}

}  // namespace

TEST_CASE("another process moves a stream that this one knows", "[postgres][log]") {
    migrated store;
    auto const here = store.open();
    auto const there = store.open();
    here->append(commit_to("a-1"));
    there->append(commit_to("a-1", 2));
    SECTION("an append that expects nothing goes behind it") {
        CHECK(here->append(commit_to("a-1")).events[0].version == 4);
    }
    SECTION("an expectation is judged by what is there now") {
        auto const good = expecting(commit_to("a-1"), "a-1", expectation::exactly(3));
        CHECK(here->append(good).first == 4);
        there->append(commit_to("a-1"));
        auto const stale =
            append_one(*here, expecting(commit_to("a-1"), "a-1", expectation::exactly(4)));
        CHECK(std::get<recount::error>(stale).conflict()->actual_version == 5);
    }
    check_whole(*here);
}

TEST_CASE("another process moves a stream that is only checked here", "[postgres][log]") {
    migrated store;
    auto const here = store.open();
    auto const there = store.open();
    here->append(commit_to("limit-1"));
    there->append(commit_to("limit-1"));
    auto const attempt = expecting(commit_to("a-1"), "limit-1", expectation::exactly(1));
    auto const refused = append_one(*here, attempt);
    REQUIRE(code_of(refused) == errc::conflict);
    CHECK(std::get<recount::error>(refused).conflict()->actual_version == 2);
    CHECK(here->read_stream(stream("a-1")).events.empty());
    // And the other way round: what it expects has just come to be.
    there->append(commit_to("limit-1"));
    CHECK(here->append(expecting(commit_to("a-1"), "limit-1", expectation::exactly(3))).first == 4);
}

TEST_CASE("another process makes a stream that did not exist here", "[postgres][log]") {
    migrated store;
    auto const here = store.open();
    auto const there = store.open();
    // Here it is known that a-1 does not exist: it was checked, and only checked.
    here->append(expecting(commit_to("b-1"), "a-1", expectation::no_stream()));
    there->append(commit_to("a-1", 2));
    SECTION("written here") { CHECK(here->append(commit_to("a-1")).events[0].version == 3); }
    SECTION("expected not to exist") {
        auto const refused =
            append_one(*here, expecting(commit_to("b-1"), "a-1", expectation::no_stream()));
        CHECK(std::get<recount::error>(refused).conflict()->actual_version == 2);
    }
    check_whole(*here);
}

TEST_CASE("heads known as of different positions do not keep an append waiting",
          "[postgres][log]") {
    migrated store;
    auto const here = store.open();
    auto const there = store.open();
    here->append(commit_to("old-1"));
    for (int i = 0; i < 3; ++i) {
        there->append(commit_to("new-1"));
        here->append(commit_to("new-1"));
    }
    there->append(commit_to("new-1"));
    // old-1 is known as of 1 and new-1 as of 7: the tail since 1 shows new-1 to have moved.
    CHECK(here->append(commit_of({event("old-1"), event("new-1")})).last == 10);
    check_whole(*here);
}

TEST_CASE("commits of a batch fail alone when another process has moved a stream",
          "[postgres][log]") {
    migrated store;
    auto const here = store.open();
    auto const there = store.open();
    here->append(commit_of({event("a-1"), event("b-1")}));
    there->append(commit_to("a-1"));
    // The first two were good for what was known here; refused is only the one that is wrong now,
    // and the third is not refused for the first, which is not written.
    std::vector<commit> const batch{
        expecting(commit_of({event("a-1"), event("b-1")}), "a-1", expectation::exactly(1)),
        expecting(commit_to("c-1"), "a-1", expectation::any()),
        expecting(commit_to("b-1"), "b-1", expectation::exactly(1))};
    auto const results = here->append_batch(batch);
    CHECK(code_of(results[0]) == errc::conflict);
    CHECK(success(results[1]).first == 4);
    CHECK(success(results[2]).first == 5);
    check_whole(*here);
}

TEST_CASE("sessions that the server ends are replaced", "[postgres][log]") {
    migrated store;
    auto const log = store.open("test-ended");
    log->append(commit_to("a-1"));
    auto on = store.administrator();
    auto const end_all = [&] {
        run(on,
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE application_name = 'test-ended'");
    };
    for (int i = 0; i < 3; ++i) {
        end_all();
        CHECK(log->append(commit_to("a-1")).events[0].version == i + 2);
        end_all();
        CHECK(log->read_stream(stream("a-1")).events.size() == static_cast<std::size_t>(i) + 2);
        end_all();
        CHECK(log->head().position == i + 2);
        end_all();
        std::vector<recount::uuid> const ids{recount::new_command_id()};
        CHECK(log->find_commits(ids).empty());
    }
    check_whole(*log);
}

namespace {

// Holds the position lock, so that appends stand in line behind it.
struct held_lock {
    postgres::session on;
    explicit held_lock(migrated const& store) : on{store.administrator()} {
        run(on, "SET idle_in_transaction_session_timeout = 0");
        on.begin();
        run(on, "SELECT recount.lock_positions()");
    }
    void release() { on.rollback(); }
};

bool in_line(migrated const& store, std::string const& program, int count) {
    auto on = store.administrator();
    auto const text = fmt::format(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = '{}' "
        "AND wait_event_type = 'Lock' AND wait_event = 'advisory'",
        program);
    return eventually([&] { return value(on, text) == std::to_string(count); });
}

void end_sessions(migrated const& store, std::string const& program) {
    auto on = store.administrator();
    run(on, fmt::format("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                        "WHERE application_name = '{}'",
                        program));
}

}  // namespace

TEST_CASE("an append whose connection is lost is run again", "[postgres][log]") {
    migrated store;
    auto const log = store.open("test-lost");
    held_lock lock{store};
    auto const attempt = expecting(commit_to("a-1"), "a-1", expectation::no_stream());
    auto appending = std::async(std::launch::async, [&] { return log->append(attempt); });
    REQUIRE(in_line(store, "test-lost", 1));
    end_sessions(store, "test-lost");
    lock.release();
    auto const done = appending.get();
    CHECK(done.first == 1);
    CHECK_FALSE(done.repeated);
    CHECK(log->head().position == 1);
}

TEST_CASE("an append in doubt that had gone through has its first result", "[postgres][log]") {
    migrated store;
    auto const log = store.open("test-doubt");
    auto const twin = store.open("test-twin");
    held_lock lock{store};
    auto const attempt = expecting(commit_to("a-1", 2), "a-1", expectation::no_stream());
    auto appending = std::async(std::launch::async, [&] { return log->append(attempt); });
    REQUIRE(in_line(store, "test-doubt", 1));
    // The twin stands for the attempt whose answer is lost: it is in line before the second one.
    auto first = std::async(std::launch::async, [&] { return twin->append(attempt); });
    REQUIRE(in_line(store, "test-twin", 1));
    end_sessions(store, "test-doubt");
    lock.release();
    auto const written = first.get();
    auto const done = appending.get();
    CHECK(done.first == written.first);
    CHECK(done.last == 2);
    CHECK(done.recorded_at == written.recorded_at);
    CHECK_FALSE(done.repeated);  // for all that the caller can know, it was its own
    CHECK(log->head().position == 2);
}

TEST_CASE("what the server refuses fails alone", "[postgres][log]") {
    migrated store;
    auto const log = store.open();
    std::vector<commit> batch;
    for (int i = 0; i < 9; ++i) batch.push_back(commit_to("a-1"));
    auto const poison = [](std::string text) {
        auto made = commit_to("a-1");
        made.events[0].payload = recount::json_text::trusted(std::move(text));
        return made;
    };
    batch[2] = poison("{");
    batch[6] = poison("\"\xff\"");
    batch[8] = poison("");
    auto const results = log->append_batch(batch);
    recount::version next = 1;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        CAPTURE(i);
        if (i == 2 || i == 6 || i == 8) {
            CHECK(code_of(results[i]) == errc::database_failed);
            CHECK(std::get<recount::error>(results[i]).sqlstate().substr(0, 2) == "22");
        } else {
            CHECK(success(results[i]).events[0].version == next++);
        }
    }
    CHECK(log->head().position == 6);
    check_whole(*log);
}

TEST_CASE("a type is written with the first event of it that is", "[postgres][log]") {
    migrated store;
    auto const log = store.open();
    auto const of_type = [](std::string type, std::string payload) {
        auto made = commit_to("a-1");
        made.events[0].type = std::move(type);
        made.events[0].payload = recount::json_text::trusted(std::move(payload));
        return made;
    };
    auto on = store.administrator();
    auto const types = [&] {
        return value(on, "SELECT string_agg(type || ' ' || first_position, ', ' "
                         "ORDER BY first_position) FROM recount.types");
    };
    log->append(of_type("thing.begun", "{}"));
    CHECK(code_of(append_one(*log, of_type("thing.ended", "{"))) == errc::database_failed);
    CHECK(types() == "thing.begun 1");
    log->append(of_type("thing.begun", "{}"));  // known by now
    log->append(of_type("thing.ended", "{}"));
    log->append(of_type("thing.ended", "{}"));
    CHECK(types() == "thing.begun 1, thing.ended 3");
    store.open()->append(of_type("thing.ended", "{}"));  // another process looks it up
    CHECK(types() == "thing.begun 1, thing.ended 3");
    check_whole(*log);
}

TEST_CASE("a type that this process has written is not looked up again", "[postgres][log]") {
    migrated store;
    auto const here = store.open();
    here->append(commit_to("a-1"));
    auto on = store.administrator();
    run(on, "ALTER TABLE recount.types DISABLE TRIGGER USER; DELETE FROM recount.types");
    auto const types = [&] { return value(on, "SELECT count(*) FROM recount.types"); };
    here->append(commit_to("a-1"));
    CHECK(types() == "0");
    here->append(commit_of({event("a-1"), event("b-1")}));
    CHECK(types() == "0");
    store.open()->append(commit_to("a-1"));
    CHECK(types() == "1");
}

TEST_CASE("what our checker lets through the server stores", "[postgres][log]") {
    migrated store;
    auto const log = store.open();
    std::string const deep = std::string(64, '[') + std::string(64, ']');
    int stored = 0;
    for (std::string const text :
         {R"("\ud800")", R"("\udc00\ud800")", R"("\u0000")", "1e999999", "-1e-999999", "1E+2",
          R"({"a":1,"a":2})", R"({"":0})", "\"\xef\xbf\xbf\"", "\"\x7f\"", "18446744073709551615",
          "18446744073709551616", "-9223372036854775809", "  null  ", R"("\/")", "[[]]",
          deep.c_str()}) {
        CAPTURE(text);
        recount::json_text payload;
        try {
            payload = recount::json_text::checked(text);
        } catch (recount::error const&) {
            continue;  // refused at the edge: nothing to store
        }
        auto made = commit_to("a-1");
        made.events[0].payload = payload;
        log->append(made);
        ++stored;
        CHECK(log->read_stream(stream("a-1"), {0, recount::direction::backward, 1})
                  .events[0]
                  .payload == text);
    }
    CHECK(stored >= 8);
}

TEST_CASE("slices in the database are those of the library", "[postgres][log]") {
    migrated store;
    auto const log = store.open();
    for (auto const* name : {"a-1", "a-žluť", "account-17", "$saga.transfer-1", "a-😀"}) {
        auto made = commit_to(name);
        made.of_framework = true;
        log->append(made);
    }
    auto on = store.administrator();
    auto const rows = on.execute({"slices",
                                  "SELECT name, slice, category, id, created_position, corrected "
                                  "FROM recount.streams ORDER BY id"});
    REQUIRE(rows.size() == 5);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto const name = stream(std::string{rows.text(i, 0)});
        CHECK(rows.integer(i, 1) == name.slice());
        CHECK(rows.text(i, 2) == name.category());
        CHECK(rows.integer(i, 3) == rows.integer(i, 4));
        CHECK_FALSE(rows.boolean(i, 5));
    }
}

TEST_CASE("a restored log that has lost its end is not built on from memory", "[postgres][log]") {
    migrated store;
    auto const here = store.open();
    here->append(commit_to("a-1", 3));
    here->append(commit_to("a-1", 3));
    auto on = store.administrator();
    // As a standby would come up that had not yet received the last batch.
    run(on,
        "ALTER TABLE recount.log DISABLE TRIGGER USER;"
        "ALTER TABLE recount.links DISABLE TRIGGER USER;"
        "DELETE FROM recount.log WHERE position > 3;"
        "DELETE FROM recount.links WHERE last_position > 3;");
    SECTION("while it is shorter") { CHECK(here->append(commit_to("a-1")).events[0].version == 4); }
    SECTION("when it has grown past what was known") {
        store.open()->append(commit_to("b-1", 5));
        CHECK(here->append(commit_to("a-1")).events[0].version == 4);
    }
    SECTION("when it is as long as before") {
        store.open()->append(commit_to("b-1", 3));
        auto const checked = expecting(commit_to("c-1"), "a-1", expectation::exactly(3));
        CHECK(here->append(checked).first == 7);
    }
    check_whole(*here);
}

TEST_CASE("a type of the part that a restored log has lost is written again", "[postgres][log]") {
    migrated store;
    auto const here = store.open();
    auto other = commit_to("a-1");
    other.events[0].type = "thing.ended";
    here->append(commit_to("a-1", 3));
    here->append(other);
    auto on = store.administrator();
    run(on,
        "ALTER TABLE recount.log DISABLE TRIGGER USER;"
        "ALTER TABLE recount.links DISABLE TRIGGER USER;"
        "ALTER TABLE recount.types DISABLE TRIGGER USER;"
        "DELETE FROM recount.log WHERE position > 3;"
        "DELETE FROM recount.types WHERE first_position > 3;"
        "DELETE FROM recount.links WHERE last_position > 3;");
    std::string wanted = "4";
    SECTION("while it is shorter") {}
    SECTION("when it is as long as before") {
        store.open()->append(commit_to("b-1"));
        wanted = "5";
    }
    other.id = recount::new_command_id();
    here->append(other);
    CHECK(value(on, "SELECT first_position FROM recount.types WHERE type = 'thing.ended'") ==
          wanted);
    check_whole(*here);
}

TEST_CASE("whoever waits behind the end of a restored log does wait", "[postgres][log]") {
    migrated store;
    auto const here = postgres::log::open({.url = store.database.url(),
                                           .program = "test",
                                           .poll_interval = std::chrono::milliseconds{20}});
    here->append(commit_to("a-1", 3));
    here->append(commit_to("a-1", 3));
    CHECK(here->wait(0, std::chrono::seconds{0}) == 6);
    auto on = store.administrator();
    run(on,
        "ALTER TABLE recount.log DISABLE TRIGGER USER;"
        "ALTER TABLE recount.links DISABLE TRIGGER USER;"
        "DELETE FROM recount.log WHERE position > 3;"
        "DELETE FROM recount.links WHERE last_position > 3;");
    CHECK(eventually([&] { return here->wait(3, std::chrono::milliseconds{1}) == 3; }));
    here->append(commit_to("a-1"));
    CHECK(here->wait(3, std::chrono::seconds{20}) == 4);
}

TEST_CASE("a head of the part that a restored log has lost is not built on", "[postgres][log]") {
    migrated store;
    auto const here = store.open();
    auto const there = store.open();
    here->append(commit_to("a-1", 2));   // known as of 2
    there->append(commit_to("x-1"));     // so that what is known here is not one run
    here->append(commit_to("b-1", 3));   // known as of 6
    auto on = store.administrator();
    run(on,
        "ALTER TABLE recount.log DISABLE TRIGGER USER;"
        "ALTER TABLE recount.links DISABLE TRIGGER USER;"
        "ALTER TABLE recount.streams DISABLE TRIGGER USER;"
        "DELETE FROM recount.log WHERE position > 3;"
        "DELETE FROM recount.streams WHERE id > 3;"
        "DELETE FROM recount.links WHERE last_position > 3;");
    store.open()->append(commit_to("b-1"));
    // The oldest of the heads stands as it was; the other is of what was lost.
    auto const done = here->append(commit_of({event("a-1"), event("b-1")}));
    CHECK(done.events[0].version == 3);
    CHECK(done.events[1].version == 2);
    check_whole(*here);
}

TEST_CASE("a tail of any length is no hindrance", "[postgres][log]") {
    migrated store;
    auto const here = store.open();
    auto const there = store.open();
    here->append(commit_of({event("a-1"), event("b-1")}));
    there->append(commit_to("c-1", 300));
    here->append(expecting(commit_to("a-1"), "a-1", expectation::exactly(1)));
    there->append(commit_to("c-1", 300));
    there->append(commit_to("b-1"));
    CHECK(here->append(commit_to("b-1")).events[0].version == 3);
    check_whole(*here);
}

TEST_CASE("many writers of one process share batches, and each has his own result",
          "[postgres][log]") {
    migrated store;
    auto const log = store.open();
    auto const there = store.open();
    constexpr int writers = 16;
    constexpr int rounds = 40;
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int w = 0; w < writers; ++w) {
        threads.emplace_back([&, w] {
            auto& mine = w % 8 == 7 ? *there : *log;  // another process, as it were
            auto const own = fmt::format("own-{}", w);
            for (int i = 0; i < rounds; ++i) {
                auto one = commit_of({event(own), event("shared-1")});
                one = expecting(std::move(one), own, expectation::exactly(i));
                if (i % 10 == 3) {  // the server refuses this one, and no other
                    auto poison = one;
                    poison.id = recount::new_command_id();
                    poison.events[1].payload = recount::json_text::trusted("{");
                    if (code_of(append_one(mine, poison)) != errc::database_failed) ++wrong;
                }
                auto const done = append_one(mine, one);
                auto const* const good = std::get_if<recount::appended>(&done);
                if (good == nullptr || good->events[0].version != i + 1) ++wrong;
                if (i % 10 == 5) {
                    auto const again = append_one(mine, one);
                    auto const* const same = std::get_if<recount::appended>(&again);
                    if (same == nullptr || !same->repeated || same->first != good->first) ++wrong;
                    auto stale = expecting(commit_to(own), own, expectation::exactly(i));
                    if (code_of(append_one(mine, stale)) != errc::conflict) ++wrong;
                }
            }
        });
    }
    for (auto& one : threads) one.join();
    CHECK(wrong == 0);
    CHECK(log->head().position == 2 * writers * rounds);
    check_whole(*log);
}

TEST_CASE("a call that is larger than a batch is written in several, in order",
          "[postgres][log]") {
    migrated store;
    auto const log = store.open();
    auto const before = recount::metrics::value(recount::metrics::metric::append_batches);
    std::vector<commit> batch;
    for (std::size_t i = 0; i < recount::limits::append_batch_events + 900; ++i) {
        auto one = commit_to("a-1");
        if (i > 0) {
            one.follows = batch.back().id;
            one = expecting(std::move(one), "a-1",
                            expectation::exactly(static_cast<recount::version>(i)));
        }
        batch.push_back(std::move(one));
    }
    auto const results = log->append_batch(batch);
    bool right = true;
    for (std::size_t i = 0; i < results.size(); ++i) {
        auto const* const good = std::get_if<recount::appended>(&results[i]);
        right = right && good != nullptr &&
                good->events[0].version == static_cast<recount::version>(i) + 1;
    }
    CHECK(right);
    CHECK(recount::metrics::value(recount::metrics::metric::append_batches) - before == 2);
    check_whole(*log);
}

// Most of them wait for a batch after the next: they are woken with others and sleep on.
TEST_CASE("callers who together wait for more than a batch takes are all answered",
          "[postgres][log]") {
    migrated store;
    auto const log = store.open();
    constexpr int callers = 12, rounds = 3, commits = 1'100;
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int w = 0; w < callers; ++w) {
        threads.emplace_back([&, stream = fmt::format("a-{}", w)] {
            for (int round = 0; round < rounds; ++round) {
                std::vector<commit> batch;
                for (int i = 0; i < commits; ++i) batch.push_back(commit_to(stream));
                for (auto const& one : log->append_batch(batch)) {
                    if (!std::holds_alternative<recount::appended>(one)) ++wrong;
                }
            }
        });
    }
    for (auto& one : threads) one.join();
    CHECK(wrong == 0);
    CHECK(log->head().position == callers * rounds * commits);
    check_whole(*log);
}

TEST_CASE("a store of another format is refused by both names", "[postgres][log]") {
    migrated store;
    auto on = store.administrator();
    run(on,
        "ALTER TABLE recount.store DISABLE TRIGGER USER; UPDATE recount.store SET format = 2");
    auto const thrown = error_of([&] { return store.open(); });
    REQUIRE(thrown.has_value());
    CHECK(thrown->code() == errc::refused);
    CHECK(std::string{thrown->what()} == "store 'main' has format 2, this program knows format 1");
}

TEST_CASE("a store that was never migrated is refused with what to do", "[postgres][log]") {
    recount::tests::test_database const database;
    auto const open = [&](std::string store) {
        return error_of(
            [&] { return postgres::log::open({.url = database.url(), .store = store}); });
    };
    auto const thrown = open("main");
    REQUIRE(thrown.has_value());
    CHECK(thrown->code() == errc::refused);
    CHECK(std::string{thrown->what()} == "there is no store 'main' in this database: run migrate");
    postgres::migrate({.url = database.url()});
    CHECK(open("other").has_value());
    CHECK_FALSE(open("main").has_value());
}

TEST_CASE("two stores of one database know nothing of each other", "[postgres][log]") {
    migrated store;
    postgres::migrate({.url = store.database.url(), .store = "other"});
    auto const main = store.open();
    auto const other = postgres::log::open({.url = store.database.url(), .store = "other"});
    main->append(commit_to("a-1", 2));
    CHECK(other->head().position == 0);
    CHECK(other->append(commit_to("a-1")).first == 1);
    CHECK(other->store_id() != main->store_id());
    CHECK(other->store_name() == "other");
}
