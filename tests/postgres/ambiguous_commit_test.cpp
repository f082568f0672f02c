// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Appends whose connection is cut, or goes silent, before and after the server has done them: each
// has exactly one result, the first, and is in the log exactly once.
#include <recount/postgres/log.hpp>

#include <array>
#include <map>
#include <thread>

#include <fmt/format.h>

#include <recount/app/application.hpp>
#include <recount/projection/memory_row_store.hpp>

#include "conformance/log_conformance.hpp"
#include "support/postgres.hpp"
#include "support/postgres_proxy.hpp"
#include "support/sample_domain.hpp"

using namespace conformance;
using recount::commit;
using recount::errc;
using recount::expectation;
using recount::tests::mishap;
namespace postgres = recount::postgres;

namespace {

// Words in the texts of statements.
std::string const the_append = ".append";  // and that of one event
std::string const any_of_the_store = "\"recount\".";

constexpr std::array mishaps{mishap::cut_before,     mishap::cut_within,
                             mishap::cut_after,      mishap::cut_within_answer,
                             mishap::silence_before, mishap::silence_after};

struct disturbed_store {
    recount::tests::test_database database;
    recount::tests::postgres_proxy proxy;

    disturbed_store() : proxy{migrated(database)} {}

    static recount::tests::test_database const& migrated(
        recount::tests::test_database const& database) {
        postgres::migrate({.url = database.url()});
        return database;
    }
    // Through the proxy, and soon tired of a server that says nothing.
    [[nodiscard]] std::unique_ptr<postgres::log> open() const {
        postgres::log_options options;
        options.url = proxy.url() + "&options=-c%20statement_timeout%3D1000";
        options.answer_grace = std::chrono::milliseconds{500};
        return postgres::log::open(options);
    }
    [[nodiscard]] std::unique_ptr<postgres::log> open_directly() const {
        return postgres::log::open({.url = database.url()});
    }
};

void check_same(recount::appended const& again, recount::appended const& first) {
    CHECK(again.first == first.first);
    CHECK(again.last == first.last);
    CHECK(again.recorded_at == first.recorded_at);
    REQUIRE(again.events.size() == first.events.size());
    for (std::size_t i = 0; i < first.events.size(); ++i) {
        CHECK(again.events[i].version == first.events[i].version);
        CHECK(again.events[i].id == first.events[i].id);
    }
}

}  // namespace

TEST_CASE("an append whose connection fails has one result, and the same again",
          "[postgres][doubt]") {
    disturbed_store store;
    auto const log = store.open();
    log->append(commit_to("a-1"));
    auto const events = GENERATE(1, 2);
    recount::version expected = 1;
    for (auto const what : mishaps) {
        for (int const times : {1, 2}) {
            CAPTURE(events, static_cast<int>(what), times);
            auto const attempt =
                expecting(commit_to("a-1", events), "a-1", expectation::exactly(expected));
            auto const before = store.proxy.happened();
            store.proxy.meet(what, the_append, times);
            auto const done = log->append(attempt);
            // Once it is done the next attempt finds it, and appends no more.
            bool const arrives = what == mishap::cut_after || what == mishap::cut_within_answer ||
                                 what == mishap::silence_after;
            CHECK(store.proxy.happened() == before + (arrives ? 1 : times));
            store.proxy.calm();
            CHECK(done.events[0].version == expected + 1);
            CHECK_FALSE(done.repeated);  // for all that the caller can know, it was its own
            expected += events;
            CHECK(log->head().position == expected);
            auto const again = log->append(attempt);
            CHECK(again.repeated);
            check_same(again, done);
            CHECK(log->head().position == expected);
        }
    }
    check_whole(*log);
}

TEST_CASE("a connection that fails in the first append of a stream leaves one stream",
          "[postgres][doubt]") {
    disturbed_store store;
    auto const log = store.open();
    recount::position head = 0;
    for (auto const what : mishaps) {
        CAPTURE(static_cast<int>(what));
        auto const name = fmt::format("a-{}", static_cast<int>(what));
        store.proxy.meet(what, the_append);
        auto const done = log->append(expecting(commit_to(name), name, expectation::no_stream()));
        CHECK(done.first == ++head);
        CHECK(log->read_stream(stream(name)).events.size() == 1);
    }
    CHECK(store.proxy.happened() == static_cast<int>(mishaps.size()));
    check_whole(*log);
}

TEST_CASE("a batch whose connection fails has a result for each of its commits",
          "[postgres][doubt]") {
    disturbed_store store;
    auto const log = store.open();
    log->append(commit_to("a-0"));
    for (auto const what : mishaps) {
        CAPTURE(static_cast<int>(what));
        auto const base = log->head().position;
        std::vector<commit> batch;
        for (int i = 0; i < 20; ++i) {
            batch.push_back(commit_to(fmt::format("a-{}", i % 7), 1 + i % 3));
        }
        batch[5] = expecting(commit_to("a-0"), "a-0", expectation::exactly(100'000));
        store.proxy.meet(what, the_append);
        auto const results = log->append_batch(batch);
        store.proxy.calm();
        // Those that share a stream stand in their order; together they leave no gap.
        std::map<recount::position, recount::position> written;
        std::map<std::string, recount::position> last_of;
        for (std::size_t i = 0; i < batch.size(); ++i) {
            CAPTURE(i);
            if (i == 5) {
                CHECK(code_of(results[i]) == errc::conflict);
                continue;
            }
            auto const& done = success(results[i]);
            CHECK_FALSE(done.repeated);
            auto& last = last_of[done.events.front().stream];
            CHECK(done.first > last);
            last = done.last;
            written.emplace(done.first, done.last);
        }
        CHECK(written.size() == batch.size() - 1);
        auto end = base;
        for (auto const& [first, last] : written) {
            CHECK(first == end + 1);
            end = last;
        }
        CHECK(log->head().position == end);
    }
    check_whole(*log);
}

TEST_CASE("an append that stays in doubt says so, and is settled by the same append",
          "[postgres][doubt]") {
    disturbed_store store;
    auto const attempt = expecting(commit_to("a-1", 3), "a-1", expectation::no_stream());
    {
        auto const log = store.open();
        log->append(commit_to("b-1"));
        static_cast<void>(error_of([&] {
            return log->append(expecting(commit_to("b-1"), "a-1", expectation::exactly(9)));
        }));
        // The head of a-1 is known, so the append is sent at once. It is done and its answer lost;
        // then no other comes through either.
        store.proxy.meet(mishap::cut_after, any_of_the_store, 1'000'000);
        auto const lost = error_of([&] { return log->append(attempt); });
        REQUIRE(lost.has_value());
        CHECK(lost->code() == errc::in_doubt);
        CHECK(lost->retryable());
        CHECK(store.proxy.happened() <= recount::limits::statement_attempts_max);
        store.proxy.calm();
    }
    SECTION("in a program that was started again") {
        auto const log = store.open();
        auto const done = log->append(attempt);
        CHECK(done.first == 2);
        CHECK(done.last == 4);
        CHECK(done.repeated);
        CHECK(log->head().position == 4);
        check_whole(*log);
    }
    SECTION("after others have moved the stream") {
        auto const other = store.open_directly();
        other->append(commit_to("a-1", 5));
        auto const done = store.open()->append(attempt);
        CHECK(done.last == 4);
        CHECK(done.events[2].version == 3);
        CHECK(other->head().position == 9);
        check_whole(*other);
    }
}

TEST_CASE("an append that never reached the server is written when it is run again",
          "[postgres][doubt]") {
    disturbed_store store;
    auto const log = store.open();
    log->append(commit_to("a-1"));
    auto const attempt = expecting(commit_to("a-1"), "a-1", expectation::exactly(1));
    store.proxy.meet(mishap::cut_before, the_append, 1'000'000);
    auto const lost = error_of([&] { return log->append(attempt); });
    REQUIRE(lost.has_value());
    CHECK(lost->retryable());
    store.proxy.calm();
    CHECK(log->head().position == 1);
    auto const done = log->append(attempt);
    CHECK(done.first == 2);
    CHECK_FALSE(done.repeated);
    check_whole(*log);
}

TEST_CASE("a command in doubt is decided once, across a restart", "[postgres][doubt]") {
    using namespace sample;
    disturbed_store store;
    account_id const id{"1"};
    auto const send = [&](auto const& command, std::string key) {
        recount::application_parts parts;
        parts.add<account>();
        recount::application app{parts, store.open(),
                                 std::make_shared<recount::memory_row_store>()};
        recount::command_options options;
        options.key = std::move(key);
        return app.dispatch(command, options);
    };
    REQUIRE(send(open_account{id}, "open").value().version == 1);
    recount::version next = 2;
    for (auto const what : mishaps) {
        CAPTURE(static_cast<int>(what));
        auto const key = fmt::format("deposit {}", static_cast<int>(what));
        store.proxy.meet(what, the_append);
        auto const first = send(deposit{id, eur(100)}, key).value();
        CHECK(first.version == next);
        auto const again = send(deposit{id, eur(100)}, key).value();
        CHECK(again.repeated);
        CHECK(again.version == next);
        CHECK(again.position == first.position);
        CHECK(again.events == first.events);
        ++next;
        if (what == mishap::silence_before || what == mishap::silence_after) continue;  // they last
        // Where no answer comes the caller has an error, and no other way than to ask again.
        auto const lost_key = key + " lost";
        store.proxy.meet(what, the_append, 1'000'000);
        auto const lost = error_of([&] { return send(deposit{id, eur(10)}, lost_key).value(); });
        if (what == mishap::cut_before || what == mishap::cut_within) {
            REQUIRE(lost.has_value());
            CHECK(lost->retryable());
        }
        store.proxy.calm();
        CHECK(send(deposit{id, eur(10)}, lost_key).value().version == next);
        CHECK(send(deposit{id, eur(10)}, lost_key).value().version == next);
        ++next;
        auto const other = error_of([&] { return send(deposit{id, eur(11)}, lost_key); });
        REQUIRE(other.has_value());
        CHECK(other->code() == errc::command_id_taken);
    }
    CHECK(store.open_directly()->head().position == next - 1);
}

TEST_CASE("one command from many threads and logs is one commit, whatever connections do",
          "[postgres][doubt]") {
    constexpr int rounds = 12;
    constexpr int threads = 12;
    disturbed_store store;
    std::vector<std::unique_ptr<postgres::log>> logs;
    for (int i = 0; i < 3; ++i) logs.push_back(store.open());
    for (int round = 0; round < rounds; ++round) {
        CAPTURE(round);
        auto const name = fmt::format("a-{}", round % 3);
        auto const attempt = commit_to(name, 2);
        auto const before = logs[0]->head().position;
        // Cuts only: each silence would cost all of them its time.
        store.proxy.meet(mishaps[static_cast<std::size_t>(round % 4)], the_append, 2, round % 3);
        std::vector<recount::append_result> results(threads, recount::error{errc::stopped, ""});
        std::vector<std::thread> running;
        for (std::size_t t = 0; t < threads; ++t) {
            running.emplace_back([&, t] {
                results[t] = logs[t % logs.size()]->append_batch({&attempt, 1}).front();
            });
        }
        for (auto& one : running) one.join();
        store.proxy.calm();
        for (auto const& result : results) check_same(success(result), success(results[0]));
        CHECK(logs[0]->head().position == before + 2);
    }
    CHECK(store.proxy.happened() > 0);
    check_whole(*logs[0]);
}

TEST_CASE("a silent server holds up reads no longer than its time", "[postgres][doubt]") {
    disturbed_store store;
    auto const log = store.open();
    log->append(commit_to("a-1"));
    // A way that forgot all its connections, as a firewall does to idle ones.
    store.proxy.silence_all();
    CHECK(log->read_stream(stream("a-1")).events.size() == 1);
    CHECK(log->append(commit_to("a-1")).first == 2);
    // All is silent, old connections and new.
    store.proxy.meet(mishap::silence_before, "SELECT", 1'000'000);
    auto const lost = error_of([&] { return log->head(); });
    REQUIRE(lost.has_value());
    CHECK(lost->code() == errc::database_unreachable);
    CHECK(lost->retryable());
    store.proxy.calm();
    // The pool's next attempt is due within its longest pause; until then it fails at once.
    CHECK(recount::tests::eventually([&] {
        return !error_of([&] { return log->head(); }).has_value();
    }));
    CHECK(log->head().position == 2);
}

TEST_CASE("a program that cannot reach its database goes on when it can", "[postgres][doubt]") {
    disturbed_store store;
    auto const log = store.open();
    auto const attempt = commit_to("a-1");
    store.proxy.meet(mishap::cut_before, "SELECT", 1'000'000);
    store.proxy.turn_away(true);
    auto const lost = error_of([&] { return log->append(attempt); });
    REQUIRE(lost.has_value());
    CHECK(lost->code() == errc::database_unreachable);
    CHECK(lost->retryable());
    store.proxy.calm();
    store.proxy.turn_away(false);
    // The pool's next attempt is due within its longest pause.
    CHECK(recount::tests::eventually([&] {
        return !error_of([&] { return log->append(attempt); }).has_value();
    }));
    CHECK(log->head().position == 1);
}
