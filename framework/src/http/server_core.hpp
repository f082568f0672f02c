// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the parts of a running server share. All of it belongs to the thread of the sockets, but for
// the workers' pool, the handler and the log, which any thread may use.
#pragma once

#include <deque>
#include <functional>
#include <set>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <recount/core/error.hpp>
#include <recount/http/server.hpp>

namespace recount::http::detail {

namespace asio = boost::asio;

class session;

// A log, and who waits for its news.
struct followed_log {
    recount::log& log;
    position head = 0;                // as last heard
    std::set<asio::steady_timer*> waiting_for_news{};
    std::size_t followers = 0;

    void wake() {
        for (auto* const timer : waiting_for_news) timer->cancel();
    }
};

struct server_core {
    server_options const options;
    handler const answer;
    std::deque<followed_log> feeds{};

    asio::io_context sockets{1};
    asio::thread_pool workers;  // joined before the sockets go

    bool stopping = false;
    std::size_t connections = 0;      // that were taken; `sessions` holds those turned away, too
    std::set<session*> sessions{};
    std::size_t followers = 0;        // of all feeds
    std::function<void()> followers_changed{};

    server_core(server_options given, handler answers, std::vector<recount::log*> const& logs)
        : options{std::move(given)}, answer{std::move(answers)},
          workers{std::max<std::size_t>(options.workers, 1)} {
        assert_that(!logs.empty(), "a server has a log that can be followed");
        for (auto* const one : logs) feeds.push_back({*one});
    }

    followed_log& feed_of(live_events const& wanted) {
        if (wanted.feed == nullptr) return feeds.front();
        for (auto& one : feeds) {
            if (&one.log == wanted.feed) return one;
        }
        throw error{errc::refused, "this log is not followed here"};
    }
};

// Counts itself in as long as it lives.
class counted {
public:
    explicit counted(std::size_t& count) noexcept : count_{count} { ++count_; }
    ~counted() { --count_; }
    counted(counted const&) = delete;
    counted& operator=(counted const&) = delete;

private:
    std::size_t& count_;
};

template <typename Result>
asio::awaitable<Result> run_now(std::function<Result()> work) {
    co_return work();
}

// Blocking work on one of the workers; the coroutine goes on on its own thread afterwards. What
// `work` refers to must live in the awaiting coroutine. Result needs a default.
template <typename Result>
asio::awaitable<Result> on_worker(server_core& core, std::function<Result()> work) {
    co_return co_await asio::co_spawn(core.workers, run_now<Result>(std::move(work)),
                                      asio::use_awaitable);
}

}  // namespace recount::http::detail
