// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// One connection: reads requests, has them answered by a worker, writes the answers, each with a
// deadline. Lives as long as a coroutine of its own runs. Everything on the thread of the sockets.
#pragma once

#include <memory>

#include <boost/asio/ip/tcp.hpp>

#include "http/request_reader.hpp"
#include "http/response_text.hpp"
#include "http/server_core.hpp"

namespace recount::http::detail {

class live_feed;
struct live_page;

class session : public std::enable_shared_from_this<session> {
public:
    session(server_core& core, asio::ip::tcp::socket socket);
    ~session();

    // The whole conversation. Throws nothing a client can cause.
    asio::awaitable<void> serve();
    // Instead of a conversation: the server has too many of them.
    asio::awaitable<void> turn_away();
    // Requests that are being answered are finished, nothing else.
    void stop();
    void cut() noexcept;

private:
    enum class activity : std::uint8_t { reading, answering, leaving };
    enum class read_result : std::uint8_t { complete, refused, gone };

    server_core& core_;
    asio::ip::tcp::socket socket_;
    request_reader reader_;
    activity activity_ = activity::reading;
    std::array<char, 16 * 1'024> received_;

    asio::steady_timer deadline_;
    std::uint64_t deadline_turn_ = 0;
    bool overdue_ = false;

    asio::steady_timer news_;   // of a follower: wakes it before its time
    bool peer_gone_ = false;

    // session.cpp
    asio::awaitable<read_result> next_request();
    asio::awaitable<bool> answer_one();
    asio::awaitable<bool> send(response answer, response_manners manners);
    asio::awaitable<void> refuse(refusal why);
    asio::awaitable<bool> write(std::string_view bytes);
    asio::awaitable<void> take_leave();
    [[nodiscard]] bool stays(request_manners manners) const noexcept;
    [[nodiscard]] std::chrono::milliseconds patience(read_phase phase) const noexcept;
    void arm(std::chrono::milliseconds time);
    void disarm();

    // follower.cpp
    struct page_or_failure;
    asio::awaitable<bool> follow(live_events wanted, response_manners manners);
    asio::awaitable<void> pause_for(std::chrono::milliseconds time);
    asio::awaitable<bool> lag(std::chrono::milliseconds& lagged);
    asio::awaitable<void> follow_on(followed_log& feed, live_feed& from, position told,
                                    page_or_failure page);
    asio::awaitable<page_or_failure> read_page(live_feed& from);
    asio::awaitable<bool> write_items(live_page const& page);
    asio::awaitable<void> wait_for_news(followed_log& feed, std::chrono::milliseconds time);
    asio::awaitable<void> watch_peer();
};

}  // namespace recount::http::detail
