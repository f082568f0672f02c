// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Awaited appends and commands on PostgreSQL: many at once on one thread that stays responsive.
#include <recount/async/append.hpp>
#include <recount/async/dispatch.hpp>

#include <algorithm>
#include <chrono>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <recount/postgres/log.hpp>
#include <recount/postgres/migrate.hpp>
#include <recount/projection/memory_row_store.hpp>

#include "support/postgres.hpp"
#include "support/sample_domain.hpp"

namespace {

namespace asio = boost::asio;
namespace postgres = recount::postgres;
using namespace sample;
using std::chrono::milliseconds;

constexpr int coroutines = 1'000;  // all of them waiting at once
constexpr int turns = 2;  // of each

std::shared_ptr<recount::log> open_log(recount::tests::test_database const& database) {
    postgres::migrate({.url = database.url()});
    return postgres::log::open({.url = database.url()});
}

// A timer of 10 ms on the same thread, which must not be kept from it.
class heartbeat {
public:
    explicit heartbeat(asio::io_context& io) : timer_{io} {}

    asio::awaitable<void> run() {
        constexpr milliseconds period{10};
        auto due = std::chrono::steady_clock::now();
        while (!over_) {
            due = std::max(due + period, std::chrono::steady_clock::now());
            timer_.expires_at(due);
            co_await timer_.async_wait(asio::use_awaitable);
            worst_ = std::max(worst_, std::chrono::steady_clock::now() - due);
            ++beats_;
        }
    }
    void end() { over_ = true; }
    [[nodiscard]] double worst_ms() const {
        return std::chrono::duration<double, std::milli>(worst_).count();
    }
    [[nodiscard]] int beats() const { return beats_; }

private:
    asio::steady_timer timer_;
    std::chrono::steady_clock::duration worst_{0};
    int beats_ = 0;
    bool over_ = false;
};

template <class Turn>
asio::awaitable<void> all_turns(Turn& turn, int coroutine) {
    for (int t = 0; t < turns; ++t) co_await turn(coroutine, t);
}

// Runs `turn(coroutine, turn)` so often, all on one thread, beside the heartbeat.
template <class Turn>
void run_beside_heartbeat(asio::io_context& io, char const* what, Turn turn) {
    heartbeat heart{io};
    int running = coroutines;
    std::string failure;
    auto const began = std::chrono::steady_clock::now();
    asio::co_spawn(io, heart.run(), asio::detached);
    for (int c = 0; c < coroutines; ++c) {
        asio::co_spawn(io, all_turns(turn, c), [&](std::exception_ptr thrown) {
            try {
                if (thrown) std::rethrow_exception(thrown);
            } catch (std::exception const& e) {
                failure = e.what();
            }
            if (--running == 0) heart.end();
        });
    }
    io.run();
    CHECK(failure.empty());
    auto const took = std::chrono::duration<double, std::milli>(
        std::chrono::steady_clock::now() - began);
    WARN(fmt::format("{} awaited {} in {:.0f} ms; {} beats of 10 ms, the worst {:.1f} ms late",
                     coroutines * turns, what, took.count(), heart.beats(), heart.worst_ms()));
    CHECK(heart.beats() > 1);
    CHECK(heart.worst_ms() <= 50);
}

void check_dense(std::set<recount::position> const& positions) {
    CHECK(positions.size() == coroutines * turns);
    CHECK(*positions.begin() == 1);
    CHECK(*positions.rbegin() == coroutines * turns);
}

}  // namespace

TEST_CASE("1,000 coroutines that append do not hold up the thread that awaits them",
          "[postgres][async]") {
    recount::tests::test_database const database;
    auto const log = open_log(database);
    asio::io_context io;
    recount::append_queue queue{*log};
    std::set<recount::position> positions;
    auto const append = [&](int c, int t) -> asio::awaitable<void> {
        recount::commit one;
        recount::stream_name const stream{fmt::format("a-{}", c)};
        one.events.push_back({stream, "t", 1, {}, {}});
        one.expectations.push_back({stream, recount::expectation::exactly(t)});
        auto const done =
            co_await recount::async_append(queue, std::move(one), asio::use_awaitable);
        positions.insert(done.first);
    };
    run_beside_heartbeat(io, "appends", append);
    check_dense(positions);
    CHECK(log->head().position == coroutines * turns);
}

TEST_CASE("1,000 coroutines that send commands do not hold up the thread that awaits them",
          "[postgres][async]") {
    recount::tests::test_database const database;
    auto const log = open_log(database);
    recount::application_parts parts;
    parts.add<account>();
    recount::application bank{parts, log, std::make_shared<recount::memory_row_store>()};
    asio::io_context io;
    recount::dispatch_queue queue{bank};
    std::set<recount::position> positions;
    auto const dispatch = [&](int c, int t) -> asio::awaitable<void> {
        account_id const id{std::to_string(c)};
        recount::outcome result = recount::accepted{};
        if (t == 0) {
            open_account const command{id};
            result = co_await recount::async_dispatch(queue, command, asio::use_awaitable);
        } else {
            deposit const command{id, eur(t)};
            result = co_await recount::async_dispatch(queue, command, asio::use_awaitable);
        }
        CHECK(result.value().version == t + 1);
        positions.insert(result.value().position);
    };
    run_beside_heartbeat(io, "commands", dispatch);
    check_dense(positions);
    CHECK(bank.state<account>({"7"}).balance == eur(turns * (turns - 1) / 2));
}

TEST_CASE("a conflict on PostgreSQL is thrown where it is awaited", "[postgres][async]") {
    recount::tests::test_database const database;
    auto const log = open_log(database);
    asio::io_context io;
    recount::append_queue queue{*log};
    std::optional<recount::error> thrown;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            recount::commit one;
            one.events.push_back({recount::stream_name{"a-1"}, "t", 1, {}, {}});
            one.expectations.push_back(
                {recount::stream_name{"a-1"}, recount::expectation::exactly(4)});
            try {
                co_await recount::async_append(queue, std::move(one), asio::use_awaitable);
            } catch (recount::error const& e) {
                thrown = e;
            }
        },
        asio::detached);
    io.run();
    REQUIRE(thrown.has_value());
    CHECK(thrown->code() == recount::errc::conflict);
    REQUIRE(thrown->conflict().has_value());
    CHECK(thrown->conflict()->expected == "version 4");
    CHECK(thrown->conflict()->actual_version == 0);
}
