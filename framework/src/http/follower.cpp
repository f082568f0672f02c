// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A session that follows the feed. What was read is remembered as `through`, not as the last event
// that passed the filter, so no position is looked at twice or left out. A log that fails
// meanwhile is asked again; a follower is told nothing but comments until it is back.
#include "http/session.hpp"

#include <boost/asio/redirect_error.hpp>

#include <recount/core/error.hpp>
#include <recount/core/logging_events.hpp>
#include <recount/http/problem.hpp>

#include "http/event_stream.hpp"
#include "http/live_feed.hpp"

namespace recount::http::detail {

using boost::system::error_code;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t page_positions = 256;
constexpr std::size_t write_bytes_min = 64U << 10U;  // written at once, if there is as much
constexpr int retry_ms = 1'000;                      // of a client whose stream ended
constexpr auto pause_min = 250ms;
constexpr auto pause_max = 5'000ms;
constexpr auto leave_deadline = 1'000ms;
constexpr auto lag_pause = 50ms;                     // until rows are looked at again
constexpr std::size_t peer_bytes_max = 1U << 20U;    // it has nothing more to say

// Worth asking again: the database may come back.
bool may_pass(error const& failure) noexcept {
    switch (failure.code()) {
        case errc::database_unreachable:
        case errc::database_failed:
        case errc::timed_out:
        case errc::in_doubt: return true;
        default: return failure.retryable();
    }
}

class entry {
public:
    entry(std::set<asio::steady_timer*>& list, asio::steady_timer& timer)
        : list_{list}, timer_{&timer} {
        list_.insert(timer_);
    }
    ~entry() { list_.erase(timer_); }
    entry(entry const&) = delete;
    entry& operator=(entry const&) = delete;

private:
    std::set<asio::steady_timer*>& list_;
    asio::steady_timer* timer_;
};

// A follower in the books of the server. The watcher of a feed sleeps while it has none.
class followed {
public:
    followed(server_core& core, followed_log& feed) : core_{core}, feed_{feed} {
        ++core_.followers;
        ++feed_.followers;
        core_.followers_changed();
    }
    ~followed() {
        --core_.followers;
        --feed_.followers;
        core_.followers_changed();
    }
    followed(followed const&) = delete;
    followed& operator=(followed const&) = delete;

private:
    server_core& core_;
    followed_log& feed_;
};

}  // namespace

struct session::page_or_failure {
    live_page page;
    std::optional<error> failure;
};

asio::awaitable<session::page_or_failure> session::read_page(live_feed& from) {
    std::function<page_or_failure()> const work = [&from] {
        page_or_failure read;
        try {
            read.page = from.next(page_positions);
        } catch (error const& failure) {
            read.failure = failure;
        }
        return read;
    };
    co_return co_await on_worker<page_or_failure>(core_, work);
}

asio::awaitable<bool> session::write_items(live_page const& page) {
    std::string text;
    if (page.mark) add_mark(text, *page.mark);
    for (auto const& item : page.items) {
        add_item(text, item);
        if (text.size() < write_bytes_min) continue;
        if (!co_await write(text)) co_return false;
        text.clear();
    }
    co_return co_await write(text);
}

asio::awaitable<void> session::wait_for_news(followed_log& feed,
                                             std::chrono::milliseconds time) {
    news_.expires_after(time);
    entry const listed{feed.waiting_for_news, news_};
    error_code ended;
    co_await news_.async_wait(asio::redirect_error(asio::use_awaitable, ended));
}

asio::awaitable<void> session::pause_for(std::chrono::milliseconds time) {
    news_.expires_after(time);
    error_code ended;
    co_await news_.async_wait(asio::redirect_error(asio::use_awaitable, ended));
}

// The log has gone on, and what is told of it has not yet.
asio::awaitable<bool> session::lag(std::chrono::milliseconds& lagged) {
    co_await pause_for(lag_pause);
    lagged += lag_pause;
    if (lagged < core_.options.live_heartbeat) co_return true;
    lagged = 0ms;
    std::string comment;
    add_comment(comment, "still here");
    co_return co_await write(comment);
}

// A client has nothing to say any more, so whatever ends its side ends the stream.
asio::awaitable<void> session::watch_peer() {
    error_code ec;
    for (std::size_t taken = 0; !ec && taken < peer_bytes_max;) {
        taken += co_await socket_.async_read_some(
            asio::buffer(received_), asio::redirect_error(asio::use_awaitable, ec));
    }
    peer_gone_ = true;
    news_.cancel();
}

// True if the conversation goes on: the stream was not begun.
asio::awaitable<bool> session::follow(live_events wanted, response_manners manners) {
    // The first page is read before the head is sent, so that a failure has a status of its own.
    auto& feed = core_.feed_of(wanted);
    live_feed from{feed.log, wanted};
    auto first = co_await read_page(from);
    std::optional<response> instead;
    if (first.failure) {
        instead = problem(*first.failure);
    } else if (core_.followers >= core_.options.live_max || core_.stopping) {
        instead = problem({.status = 503, .code = "too_many_followers",
                           .detail = "the server has as many followers as it can take",
                           .headers = {{"Retry-After", "5"}}});
    } else if (manners.head_only) {
        instead = response{.content_type = "text/event-stream"};
    }
    manners.keep_alive = manners.keep_alive && !core_.stopping;
    if (instead) {
        bool const written = co_await send(*std::move(instead), manners);
        if (written && !manners.keep_alive) co_await take_leave();
        co_return written && manners.keep_alive;
    }
    followed const counted_in{core_, feed};
    response const head{.content_type = "text/event-stream",
                        .headers = {{"X-Accel-Buffering", "no"}}};
    manners.keep_alive = false;
    manners.open_ended = true;
    if (!co_await send(head, manners)) co_return false;
    asio::co_spawn(core_.sockets, watch_peer(),
                   [self = shared_from_this()](std::exception_ptr) noexcept {});
    co_await follow_on(feed, from, wanted.after, std::move(first));
    co_return false;
}

// `told`: the place that the client knows.
asio::awaitable<void> session::follow_on(followed_log& feed, live_feed& from, position told,
                                         page_or_failure read) {
    std::string hello;
    add_retry(hello, retry_ms);
    bool good = co_await write(hello);
    auto pause = pause_min;
    std::chrono::milliseconds lagged{0};
    while (good && !peer_gone_) {
        std::string comment;
        auto rest = core_.options.live_heartbeat;
        if (read.failure) {
            logging::tell("http.feed_failed", read.failure->what());
            if (!may_pass(*read.failure)) break;
            add_comment(comment, "waiting for the log");
            good = co_await write(comment);
            rest = pause;
            pause = std::min<decltype(pause)>(pause * 2, pause_max);
        } else {
            pause = pause_min;
            good = co_await write_items(read.page);
            told = std::max(told, read.page.told);
        }
        if (!good || peer_gone_ || core_.stopping) break;
        bool const behind = !read.failure && (!read.page.caught_up || feed.head > from.after());
        if (behind && read.page.lagging) {
            good = co_await lag(lagged);
        } else {
            lagged = 0ms;
        }
        while (!behind && good && !peer_gone_ && !core_.stopping) {
            co_await wait_for_news(feed, rest);
            if (read.failure || feed.head > from.after() || peer_gone_ || core_.stopping) break;
            comment.clear();
            if (from.after() > told) from.add_place(comment, told = from.after());
            add_comment(comment, "still here");
            good = co_await write(comment);
        }
        if (good && !peer_gone_ && !core_.stopping) read = co_await read_page(from);
    }
    if (!good || peer_gone_) co_return;
    std::string farewell;
    add_comment(farewell, "the end: come back with Last-Event-ID");
    if (!co_await write(farewell)) co_return;
    error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    if (!peer_gone_) co_await wait_for_news(feed, leave_deadline);
}

}  // namespace recount::http::detail
