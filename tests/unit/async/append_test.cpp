// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/async/append.hpp>

#include <future>
#include <optional>
#include <thread>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include "support/caught.hpp"
#include "support/gate.hpp"
#include "support/wrapped_log.hpp"

namespace asio = boost::asio;
using recount::appended;
using recount::append_queue;
using recount::async_append;
using recount::commit;
using recount::errc;
using recount::tests::caught;
using recount::tests::gate;
using recount::tests::wrapped_log;

namespace {

commit commit_to(std::string const& stream) {
    commit one;
    one.events.push_back({recount::stream_name{stream}, "t", 1, {}, {}});
    return one;
}

commit first_of(std::string const& stream) {
    auto one = commit_to(stream);
    one.expectations.push_back({recount::stream_name{stream}, recount::expectation::no_stream()});
    return one;
}

struct told {
    std::exception_ptr failure;
    appended result;
    std::thread::id by;
};

// Keeps what a handler is told.
auto keep(std::optional<told>& to) {
    return [&to](std::exception_ptr failure, appended result) {
        to = told{failure, std::move(result), std::this_thread::get_id()};
    };
}

errc code_of(std::exception_ptr const& failure) {
    return caught([&] { std::rethrow_exception(failure); }).code();
}

}  // namespace

TEST_CASE("an awaited append completes on the executor that awaits it", "[async]") {
    wrapped_log log;
    asio::io_context io;
    append_queue queue{log};
    std::thread::id thread_of_log;
    log.before_append = [&] { thread_of_log = std::this_thread::get_id(); };
    std::optional<appended> done;
    bool same_thread = false;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            auto one = commit_to("a-1");
            done = co_await async_append(queue, std::move(one), asio::use_awaitable);
            same_thread = io.get_executor().running_in_this_thread();
        },
        asio::detached);
    io.run();   // kept at work by what it waits for
    REQUIRE(done.has_value());
    CHECK(done->first == 1);
    CHECK(done->events.at(0).stream == "a-1");
    CHECK(same_thread);
    CHECK(thread_of_log != std::this_thread::get_id());
}

TEST_CASE("a handler runs where it is bound, and a future needs no executor", "[async]") {
    wrapped_log log;
    asio::io_context io;
    append_queue queue{log};
    std::optional<told> answer;
    async_append(queue, commit_to("a-1"), asio::bind_executor(io, keep(answer)));
    io.run();
    REQUIRE(answer.has_value());
    CHECK(answer->failure == nullptr);
    CHECK(answer->by == std::this_thread::get_id());
    CHECK(async_append(queue, commit_to("a-1"), asio::use_future).get().first == 2);
}

TEST_CASE("a failed append is thrown where it is awaited", "[async]") {
    wrapped_log log;
    asio::io_context io;
    append_queue queue{log};
    std::vector<recount::error> failures;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            for (int i = 0; i < 2; ++i) {
                try {
                    auto one = first_of("a-1");
                    co_await async_append(queue, std::move(one), asio::use_awaitable);
                } catch (recount::error const& e) {
                    failures.push_back(e);
                }
            }
        },
        asio::detached);
    io.run();
    REQUIRE(failures.size() == 1);
    CHECK(failures[0].code() == errc::conflict);
    REQUIRE(failures[0].conflict().has_value());
    CHECK(failures[0].conflict()->actual_version == 1);
}

TEST_CASE("a log that throws fails all that it was asked for, and the queue goes on", "[async]") {
    wrapped_log log;
    append_queue queue{log};
    log.before_append = [&] {
        log.before_append = nullptr;
        throw recount::error{errc::database_unreachable, "gone"};
    };
    auto failed = async_append(queue, commit_to("a-1"), asio::use_future);
    CHECK(caught([&] { failed.get(); }).code() == errc::database_unreachable);
    CHECK(async_append(queue, commit_to("a-1"), asio::use_future).get().first == 1);
}

TEST_CASE("appends that come in during a batch are the next batch", "[async]") {
    wrapped_log log;
    append_queue queue{log};
    gate held;
    log.before_append = [&] { held.pass(); };
    std::vector<std::future<appended>> answers;
    answers.push_back(async_append(queue, commit_to("a-0"), asio::use_future));
    held.until_somebody_waits();
    for (int i = 1; i <= 50; ++i) {
        auto one = commit_to("a-" + std::to_string(i));
        answers.push_back(async_append(queue, std::move(one), asio::use_future));
    }
    CHECK(queue.waiting() == 50);
    held.open();
    recount::position next = 0;
    for (auto& one : answers) CHECK(one.get().first == ++next);
    CHECK(log.appends == 2);
}

TEST_CASE("when too many wait the next is told to come again", "[async]") {
    wrapped_log log;
    append_queue queue{log, {.waiting_max = 1}};
    gate held;
    log.before_append = [&] { held.pass(); };
    auto first = async_append(queue, commit_to("a-1"), asio::use_future);
    held.until_somebody_waits();
    auto second = async_append(queue, commit_to("a-1"), asio::use_future);
    auto third = async_append(queue, commit_to("a-1"), asio::use_future);
    auto const e = caught([&] { third.get(); });
    CHECK(e.code() == errc::limit_exceeded);
    CHECK(e.retryable());
    held.open();
    CHECK(first.get().first == 1);
    CHECK(second.get().first == 2);
}

TEST_CASE("an append is withdrawn until its turn comes", "[async]") {
    wrapped_log log;
    asio::io_context io;
    append_queue queue{log};
    gate held;
    log.before_append = [&] { held.pass(); };
    asio::cancellation_signal stop_first, stop_second;
    std::optional<told> first, second;
    auto const slot = [&](asio::cancellation_signal& of, std::optional<told>& to) {
        return asio::bind_cancellation_slot(of.slot(), asio::bind_executor(io, keep(to)));
    };
    async_append(queue, commit_to("a-1"), slot(stop_first, first));
    held.until_somebody_waits();
    async_append(queue, commit_to("a-1"), slot(stop_second, second));
    stop_first.emit(asio::cancellation_type::total);
    stop_second.emit(asio::cancellation_type::total);
    io.run_one();
    REQUIRE(second.has_value());
    CHECK(code_of(second->failure) == errc::stopped);
    CHECK_FALSE(first.has_value());
    held.open();
    io.run();
    REQUIRE(first.has_value());
    CHECK(first->failure == nullptr);
    CHECK(log.head().position == 1);
    stop_first.emit(asio::cancellation_type::total);  // after the end: nothing
}

TEST_CASE("a queue that ends appends what waits", "[async]") {
    wrapped_log log;
    asio::io_context io;
    std::vector<std::optional<told>> answers(20);
    {
        append_queue queue{log, {.commits_per_batch_max = 3}};
        for (auto& one : answers) {
            async_append(queue, commit_to("a-1"), asio::bind_executor(io, keep(one)));
        }
    }
    CHECK(log.head().position == 20);
    io.run();
    for (auto const& one : answers) {
        REQUIRE(one.has_value());
        CHECK(one->failure == nullptr);
    }
}

TEST_CASE("an io_context may end before what it waited for is told", "[async]") {
    wrapped_log log;
    asio::io_context io;
    bool resumed = false;
    {
        append_queue queue{log};
        asio::co_spawn(
            io,
            [&]() -> asio::awaitable<void> {
                auto one = commit_to("a-1");
                co_await async_append(queue, std::move(one), asio::use_awaitable);
                resumed = true;
            },
            asio::detached);
        io.poll_one();
    }
    CHECK(log.head().position == 1);
    CHECK_FALSE(resumed);   // the coroutine is destroyed with the io_context
}
