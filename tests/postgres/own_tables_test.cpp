// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Your own tables in the same commit: a function in the transaction of an append.
#include <recount/postgres/own_tables.hpp>

#include <atomic>
#include <map>
#include <thread>

#include <fmt/format.h>

#include <recount/core/metrics.hpp>
#include <recount/log/hash.hpp>
#include <recount/postgres/log.hpp>
#include <recount/restructure/standstill.hpp>

#include "conformance/log_conformance.hpp"
#include "support/postgres.hpp"
#include "support/postgres_proxy.hpp"
#include "support/verified.hpp"

using namespace conformance;
using recount::errc;
using recount::error;
using recount::expectation;
using recount::tests::mishap;
using recount::tests::run;
using recount::tests::value;
namespace postgres = recount::postgres;

namespace {

//[statements
constexpr postgres::query take_one{
    "take_one", "UPDATE stock SET left_over = left_over - 1 WHERE item = $1 AND left_over > 0"};
constexpr postgres::query book{"book", "INSERT INTO bookings VALUES ($1::bigint, $2)"};
//]

struct sold_out : std::exception {};

struct shop {
    recount::tests::test_database database;
    recount::tests::postgres_proxy proxy;

    shop() : proxy{with_tables(database)} {}

    static recount::tests::test_database const& with_tables(
        recount::tests::test_database const& database) {
        postgres::migrate({.url = database.url()});
        auto on = database.connect();
        run(on, fmt::format(
                    "CREATE TABLE public.stock (item text PRIMARY KEY, left_over int NOT NULL);"
                    "CREATE TABLE public.bookings "
                    "    (position bigint PRIMARY KEY, item text NOT NULL);"
                    "INSERT INTO stock VALUES ('chair', 100), ('table', 1);"
                    "GRANT SELECT, UPDATE ON stock TO recount_{0}_app;"
                    "GRANT SELECT, INSERT ON bookings TO recount_{0}_app",
                    database.name()));
        return database;
    }
    [[nodiscard]] std::unique_ptr<postgres::log> open() const {
        return postgres::log::open({.url = proxy.url()});
    }
    [[nodiscard]] int count(std::string const& sql) const {
        auto on = database.connect();
        return std::stoi(value(on, sql));
    }
    [[nodiscard]] int stock(std::string const& item) const {
        return count(fmt::format("SELECT left_over FROM stock WHERE item = '{}'", item));
    }
    [[nodiscard]] int bookings() const { return count("SELECT count(*) FROM bookings"); }
};

//[participants
postgres::participants sale(std::string item) {
    postgres::participants with;
    with.before = [item](postgres::own_tables& tables) {
        if (tables.execute(take_one, {item}).affected() != 1) throw sold_out{};
    };
    with.after = [item](postgres::own_tables& tables, recount::appended const& done) {
        tables.execute(book, {std::to_string(done.last), item});
    };
    return with;
}
//]

}  // namespace

TEST_CASE("own tables and the log are committed together", "[postgres][own_tables]") {
    shop const shop;
    auto const log = shop.open();
    log->append(commit_to("b-1"));
    auto const before = recount::metrics::value(recount::metrics::metric::position_lock_seconds);
    auto sold = expecting(commit_of({event("a-1"), event("b-1"), event("a-1")}), "a-1",
                          expectation::no_stream());
    sold.command = recount::json_text::checked(R"({"name":"sell","version":1,"payload":{}})");
    sold.meta.actor = "ann";
    sold.events[2].effective_at = recount::timestamp_from_string("1993-01-09T00:00:00.000001Z");
    //[append
    auto const done = log->append_with(sold, sale("chair"));
    //]
    CHECK(done.first == 2);
    CHECK(done.last == 4);
    CHECK_FALSE(done.repeated);
    CHECK(done.events[1].version == 2);
    CHECK(done.events[2].version == 2);
    CHECK(shop.stock("chair") == 99);
    CHECK(shop.count("SELECT position FROM bookings") == 4);
    CHECK(recount::metrics::value(recount::metrics::metric::position_lock_seconds) == before + 1);
    // The log finds what it wrote, and goes on behind it.
    CHECK(log->append(sold).repeated);
    auto const stored = log->find_commits(std::vector{sold.id}).at(sold.id);
    CHECK(recount::same_commit(sold, stored.rows));
    CHECK(log->append(commit_to("a-1")).events[0].version == 3);
    recount::tests::check_verified(shop.database);
}

TEST_CASE("a participant that throws takes everything back", "[postgres][own_tables]") {
    shop const shop;
    auto const log = shop.open();
    log->append_with(commit_to("a-1"), sale("table"));
    CHECK_THROWS_AS(log->append_with(commit_to("a-1"), sale("table")), sold_out);
    auto late = sale("chair");
    late.after = [](postgres::own_tables& tables, recount::appended const& done) {
        tables.execute(book, {std::to_string(done.last), "chair"});
        throw sold_out{};
    };
    CHECK_THROWS_AS(log->append_with(commit_to("a-1"), late), sold_out);
    late.after = [](postgres::own_tables& tables, recount::appended const&) {
        try {
            tables.execute({"wrong", "INSERT INTO bookings VALUES (NULL, NULL)"});
        } catch (error const&) {
            // Kept from us: it must not become a commit of half.
        }
    };
    CHECK(error_of([&] { return log->append_with(commit_to("a-1"), late); }).has_value());
    CHECK(log->head().position == 1);
    CHECK(shop.stock("table") == 0);
    CHECK(shop.stock("chair") == 100);
    CHECK(shop.bookings() == 1);
    CHECK(log->append(commit_to("a-1")).first == 2);
    recount::tests::check_verified(shop.database);
}

TEST_CASE("an expectation that does not hold takes own tables back, too",
          "[postgres][own_tables]") {
    shop const shop;
    auto const log = shop.open();
    log->append(commit_to("a-1", 3));
    auto const conflict = [&](recount::commit const& one) {
        auto const thrown = error_of([&] { return log->append_with(one, sale("chair")); });
        REQUIRE(thrown.has_value());
        REQUIRE(thrown->conflict().has_value());
        return *thrown->conflict();
    };
    auto found = conflict(expecting(commit_to("a-1"), "a-1", expectation::exactly(2)));
    CHECK(found.stream == "a-1");
    CHECK(found.expected == "version 2");
    CHECK(found.actual_version == 3);
    CHECK(conflict(expecting(commit_to("b-1"), "a-1", expectation::no_stream())).expected ==
          "no stream");
    CHECK(conflict(expecting(commit_to("b-1"), "c-1", expectation::stream_exists())).stream ==
          "c-1");
    CHECK(shop.stock("chair") == 100);
    CHECK(log->head().position == 3);
    auto checked = expecting(commit_to("b-1"), "a-1", expectation::exactly(3));
    checked = expecting(checked, "c-1", expectation::no_stream());
    checked = expecting(checked, "b-1", expectation::any());
    CHECK(log->append_with(checked, sale("chair")).first == 4);
    CHECK(log->list_streams("c").empty());
}

TEST_CASE("a commit with own tables is done once, whatever connections do",
          "[postgres][own_tables]") {
    shop shop;
    auto const log = shop.open();
    int sold = 0;
    for (auto const what :
         {mishap::cut_before, mishap::cut_within, mishap::cut_after, mishap::cut_within_answer}) {
        for (auto const* words : {"^COMMIT", ".append_commit_untold(", "UPDATE stock", "^BEGIN"}) {
            CAPTURE(static_cast<int>(what), words);
            auto const attempt = commit_to("a-1", 2);
            auto const before = shop.proxy.happened();
            shop.proxy.meet(what, words);
            auto const done = log->append_with(attempt, sale("chair"));
            CHECK(shop.proxy.happened() == before + 1);
            shop.proxy.calm();
            ++sold;
            CHECK(done.last == 2 * sold);
            CHECK_FALSE(done.repeated);
            auto const again = log->append_with(attempt, sale("chair"));
            CHECK(again.repeated);
            CHECK(again.first == done.first);
            CHECK(again.recorded_at == done.recorded_at);
            CHECK(shop.stock("chair") == 100 - sold);
            CHECK(shop.bookings() == sold);
        }
    }
    auto taken = commit_to("a-1", 2);
    log->append(taken);
    taken.meta.actor = "somebody else";
    auto const refused = error_of([&] { return log->append_with(taken, sale("chair")); });
    REQUIRE(refused.has_value());
    CHECK(refused->code() == errc::command_id_taken);
    CHECK(shop.stock("chair") == 100 - sold);
    recount::tests::check_verified(shop.database);
}

TEST_CASE("one that never comes to an end says that it is in doubt", "[postgres][own_tables]") {
    shop shop;
    auto const log = shop.open();
    auto const attempt = commit_to("a-1");
    shop.proxy.meet(mishap::cut_before, "^COMMIT", 1'000'000);
    auto const lost = error_of([&] { return log->append_with(attempt, sale("chair")); });
    REQUIRE(lost.has_value());
    CHECK(lost->code() == errc::in_doubt);
    shop.proxy.calm();
    CHECK(log->append_with(attempt, sale("chair")).first == 1);
    CHECK(shop.stock("chair") == 99);
}

TEST_CASE("participants may not end the transaction or change its role",
          "[postgres][own_tables]") {
    shop const shop;
    auto const log = shop.open();
    for (auto const* text :
         {"COMMIT", " rollback", "-- a word\nEnd", "/* x */ BEGIN", "SET ROLE postgres",
          "RESET ROLE", "; abort", "PREPARE TRANSACTION 'x'", "START TRANSACTION"}) {
        CAPTURE(text);
        postgres::participants with;
        with.before = [&](postgres::own_tables& tables) { tables.execute({"own", text}); };
        auto const thrown = error_of([&] { return log->append_with(commit_to("a-1"), with); });
        REQUIRE(thrown.has_value());
        CHECK(thrown->code() == errc::invalid_argument);
    }
    postgres::participants foreign;
    foreign.before = [](postgres::own_tables& tables) {
        tables.execute({"own", "DELETE FROM stock"});
    };
    auto const denied = error_of([&] { return log->append_with(commit_to("a-1"), foreign); });
    REQUIRE(denied.has_value());
    CHECK(denied->sqlstate() == "42501");
    CHECK(log->head().position == 0);
}

TEST_CASE("own tables and plain appends side by side lose and repeat nothing",
          "[postgres][own_tables]") {
    constexpr int writers = 8;
    constexpr int each = 15;
    shop const shop;
    auto const log = shop.open();
    std::atomic<int> failed{0};
    std::vector<std::thread> running;
    for (int w = 0; w < writers; ++w) {
        running.emplace_back([&, w] {
            for (int i = 0; i < each; ++i) {
                auto const one = commit_to(fmt::format("a-{}", i % 4), 2);
                try {
                    if (w % 2 == 0) {
                        log->append(one);
                    } else {
                        log->append_with(one, sale("chair"));
                    }
                } catch (...) {
                    ++failed;
                }
            }
        });
    }
    for (auto& one : running) one.join();
    CHECK(failed == 0);
    CHECK(log->head().position == writers * each * 2);
    CHECK(shop.stock("chair") == 100 - writers / 2 * each);
    CHECK(shop.bookings() == writers / 2 * each);
    recount::tests::check_verified(shop.database);
}

TEST_CASE("an append with own tables outlasts a restructure that keeps all writers waiting",
          "[postgres][own_tables]") {
    shop const shop;
    auto const log = shop.open();
    auto const other = shop.open();
    auto const retries = [] {
        return recount::metrics::value(recount::metrics::metric::append_retries);
    };
    std::thread buyer;
    std::atomic<bool> over{false};
    std::atomic<bool> sold{false};
    auto correcting = commit_of({event("$note-x")});
    correcting.of_framework = true;
    bool first = true;
    auto const corrected = log->append_restructure([&] {
        if (std::exchange(first, false)) throw recount::wants_standstill{};
        auto const before = retries();
        buyer = std::thread{[&] {
            try {
                sold = other->append_with(commit_to("a-1"), sale("chair")).first == 2;
            } catch (...) {
            }
            over = true;
        }};
        // It gets no lock in its time, and asks again.
        static_cast<void>(recount::tests::eventually(
            [&] { return over || retries() > before; }, std::chrono::seconds{8}));
        return correcting;
    });
    buyer.join();
    CHECK(corrected.first == 1);
    CHECK(sold);
    CHECK(shop.stock("chair") == 99);
    CHECK(shop.bookings() == 1);
}

TEST_CASE("what an append with participants cannot be is refused", "[postgres][own_tables]") {
    shop const shop;
    auto const log = shop.open();
    auto const code = [&](recount::commit const& one) {
        auto const thrown = error_of([&] { return log->append_with(one, {}); });
        REQUIRE(thrown.has_value());
        return thrown->code();
    };
    CHECK(code(commit_of({})) == errc::invalid_argument);
    CHECK(code(commit_to("a-1", 1'001)) == errc::limit_exceeded);
    auto following = commit_to("a-1");
    following.follows = recount::new_command_id();
    CHECK(code(following) == errc::invalid_argument);
    CHECK(log->append_with(commit_to("a-1", 1'000), {}).last == 1'000);
    recount::tests::check_verified(shop.database);
}
