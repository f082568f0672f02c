// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/async/dispatch.hpp>

#include <future>
#include <optional>
#include <stdexcept>
#include <thread>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <recount/projection/memory_row_store.hpp>

#include "support/caught.hpp"
#include "support/gate.hpp"
#include "support/sample_domain.hpp"
#include "support/wrapped_log.hpp"

namespace explosive {

// Throws what no command should: an exception of its own.
struct lit {
    recount::strong_id<struct fuse_tag> fuse;
};
RECOUNT_EVENT(lit, "fuse.lit", 1, fuse)
struct light {
    recount::strong_id<struct fuse_tag> fuse;
    bool wet = false;
};
RECOUNT_COMMAND(light, "fuse.light", fuse, wet)
struct fuse {
    using id = recount::strong_id<fuse_tag>;
    using events = recount::types<lit>;
    using commands = recount::types<light>;
    using decision = recount::decision<events>;
    bool burns = false;
    static void evolve(fuse& f, lit const&) { f.burns = true; }
    static decision decide(fuse const&, light const& c) {
        if (c.wet) throw std::logic_error{"wet"};
        return lit{c.fuse};
    }
};
RECOUNT_AGGREGATE(fuse, "fuse", 1, burns)

}  // namespace explosive

namespace {

namespace asio = boost::asio;
using namespace sample;
using explosive::fuse;
using explosive::light;
using recount::async_dispatch;
using recount::async_read;
using recount::dispatch_queue;
using recount::errc;
using recount::outcome;
using recount::tests::caught;
using recount::tests::gate;
using recount::tests::wrapped_log;

struct world {
    std::shared_ptr<wrapped_log> log = std::make_shared<wrapped_log>();
    std::shared_ptr<recount::memory_row_store> rows =
        std::make_shared<recount::memory_row_store>();
    recount::application app = open();

    [[nodiscard]] recount::application open() const {
        recount::application_parts parts;
        parts.add<account>();
        parts.add<fuse>();
        parts.add<balances>();
        return {std::move(parts), log, rows};
    }
};

template <class Command>
std::future<outcome> send(dispatch_queue& to, Command command,
                          recount::command_options options = {}) {
    return async_dispatch(to, std::move(command), std::move(options), asio::use_future);
}

}  // namespace

TEST_CASE("an awaited command is decided off its executor and told on it", "[async][dispatch]") {
    world w;
    asio::io_context io;
    dispatch_queue queue{w.app};
    std::optional<recount::accepted> yes;
    std::string refused;
    std::thread::id appended_by;
    bool same_thread = false;
    w.log->before_append = [&] { appended_by = std::this_thread::get_id(); };
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            open_account const open{{"a"}};
            auto const first = co_await async_dispatch(queue, open, asio::use_awaitable);
            yes = first.value();
            withdraw_all const withdraw{{"a"}};
            auto const second = co_await async_dispatch(queue, withdraw, asio::use_awaitable);
            refused = second.rejected().code;
            same_thread = io.get_executor().running_in_this_thread();
        },
        asio::detached);
    io.run();
    REQUIRE(yes.has_value());
    CHECK(yes->stream == "account-a");
    CHECK(yes->position == 1);
    CHECK(refused == "empty");
    CHECK(same_thread);
    CHECK(appended_by != std::this_thread::get_id());
}

TEST_CASE("commands that wait are loaded and appended together", "[async][dispatch]") {
    world w;
    dispatch_queue queue{w.app, {.workers = 1}};
    gate held;
    w.log->before_append = [&] { held.pass(); };
    std::vector<std::future<outcome>> answers;
    answers.push_back(send(queue, open_account{{"first"}}));
    held.until_somebody_waits();
    for (int i = 0; i < 100; ++i) {
        answers.push_back(send(queue, open_account{{"a" + std::to_string(i)}}));
    }
    held.open();
    for (auto& one : answers) CHECK(one.get().value().version == 1);
    CHECK(w.log->appends == 2);
    CHECK(w.log->stream_reads == 2);
}

TEST_CASE("a stream's commands are decided in the order they came, on a state that is kept",
          "[async][dispatch]") {
    world w;
    dispatch_queue queue{w.app, {.workers = 4}};
    std::vector<std::future<outcome>> answers;
    answers.push_back(send(queue, open_account{{"a"}}));
    for (recount::version v = 1; v <= 50; ++v) {
        answers.push_back(send(queue, deposit{{"a"}, eur(v)}, {.expected = v}));
    }
    for (auto& one : answers) one.get().value();
    CHECK(w.app.state<account>({"a"}).balance == eur(1'275));
    int const reads = w.log->stream_reads;
    send(queue, deposit{{"a"}, eur(1)}).get().value();
    CHECK(w.log->stream_reads == reads);
}

TEST_CASE("another writer makes no refusal of a kept state stand", "[async][dispatch]") {
    world w;
    dispatch_queue queue{w.app};
    auto others = w.open();
    CHECK(send(queue, deposit{{"a"}, eur(5)}).get().rejected().code == "not_open");
    others.dispatch(open_account{{"a"}}).value();
    CHECK(send(queue, deposit{{"a"}, eur(5)}).get().value().version == 2);
    // The kept state says open; the log knows better.
    others.dispatch(withdraw_all{{"a"}}).value();
    others.dispatch(close_account{{"a"}}).value();
    CHECK(send(queue, deposit{{"a"}, eur(5)}).get().rejected().code == "not_open");
    // It says that there is nothing to do, and that the version is another.
    others.dispatch(open_account{{"a"}}).value();
    CHECK(send(queue, open_account{{"a"}}, {.expected = 5}).get().value().events.empty());
    others.dispatch(close_account{{"a"}}).value();
    CHECK(send(queue, open_account{{"a"}}).get().value().version == 7);
}

TEST_CASE("one failing command fails alone, with what it threw", "[async][dispatch]") {
    world w;
    dispatch_queue queue{w.app, {.workers = 1}};
    gate held;
    w.log->before_append = [&] { held.pass(); };
    auto first = send(queue, open_account{{"a"}});
    held.until_somebody_waits();
    auto lit = send(queue, light{{"f-1"}});
    auto wet = send(queue, light{{"f-2"}, true});
    auto conflict = send(queue, open_account{{"b"}}, {.expected = 3});
    auto malformed = send(queue, open_account{{"line\nbreak"}});
    auto last = send(queue, open_account{{"c"}});
    held.open();
    CHECK(first.get().value().version == 1);
    CHECK(lit.get().value().version == 1);
    CHECK_THROWS_AS(static_cast<void>(wet.get()), std::logic_error);
    CHECK(caught([&] { static_cast<void>(conflict.get()); }).code() == errc::conflict);
    CHECK(caught([&] { static_cast<void>(malformed.get()); }).code() == errc::invalid_argument);
    CHECK(last.get().value().version == 1);
    CHECK_THROWS_AS(static_cast<void>(send(queue, light{{"f-1"}, true}).get()), std::logic_error);
    CHECK(send(queue, light{{"f-1"}}).get().value().version == 2);
}

TEST_CASE("a command of no aggregate of the application is told so", "[async][dispatch]") {
    auto const log = std::make_shared<wrapped_log>();
    recount::application nothing{{}, log, std::make_shared<recount::memory_row_store>()};
    dispatch_queue queue{nothing};
    auto answer = send(queue, open_account{{"a"}});
    CHECK(caught([&] { static_cast<void>(answer.get()); }).code() == errc::not_found);
}

TEST_CASE("a command that was not taken yet is withdrawn", "[async][dispatch]") {
    world w;
    asio::io_context io;
    dispatch_queue queue{w.app, {.workers = 1}};
    gate held;
    w.log->before_append = [&] { held.pass(); };
    auto first = send(queue, open_account{{"a"}});
    held.until_somebody_waits();
    asio::cancellation_signal stop;
    std::exception_ptr failure;
    async_dispatch(queue, open_account{{"b"}},
                   asio::bind_cancellation_slot(
                       stop.slot(), asio::bind_executor(io, [&](std::exception_ptr why, outcome) {
                           failure = why;
                       })));
    stop.emit(asio::cancellation_type::terminal);
    io.run();
    CHECK(caught([&] { std::rethrow_exception(failure); }).code() == errc::stopped);
    held.open();
    first.get().value();
    CHECK(w.log->head().position == 1);
}

TEST_CASE("a read runs on a thread of the queue and its value is awaited", "[async][dispatch]") {
    world w;
    asio::io_context io;
    dispatch_queue queue{w.app};
    w.app.dispatch(open_account{{"a"}}).value();
    w.app.dispatch(deposit{{"a"}, eur(7)}).value();
    std::thread::id read_by;
    recount::money found;
    std::optional<balance_row> row;
    std::string failure;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            auto const balance = [&](recount::application& bank) {
                read_by = std::this_thread::get_id();
                return bank.state<account>({"a"}).balance;
            };
            found = co_await async_read(queue, balance, asio::use_awaitable);
            auto const catch_up = [](recount::application& bank) { bank.catch_up(); };
            co_await async_read(queue, catch_up, asio::use_awaitable);
            auto const load = [](recount::application& bank) { return bank.row<balances>({"a"}); };
            row = co_await async_read(queue, load, asio::use_awaitable);
            try {
                auto const wrong = [](recount::application& bank) {
                    return bank.command("account.rob").command.version;
                };
                co_await async_read(queue, wrong, asio::use_awaitable);
            } catch (recount::error const& e) {
                failure = to_string(e.code());
            }
        },
        asio::detached);
    io.run();
    CHECK(found == eur(7));
    CHECK(read_by != std::thread::id{});
    CHECK(read_by != std::this_thread::get_id());
    REQUIRE(row.has_value());
    CHECK(row->balance == eur(7));
    CHECK(failure == "not_found");
}

TEST_CASE("a queue that ends finishes what waits for its workers", "[async][dispatch]") {
    world w;
    std::vector<std::future<outcome>> answers;
    {
        dispatch_queue queue{w.app, {.commands_per_batch_max = 7}};
        for (int i = 0; i < 50; ++i) {
            answers.push_back(send(queue, open_account{{"a" + std::to_string(i)}}));
        }
    }
    for (auto& one : answers) one.get().value();
    CHECK(w.log->head().position == 50);
    CHECK_THROWS_AS(dispatch_queue(w.app, {.workers = 0}), recount::error);
}
