// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/http/server.hpp>

#include <atomic>
#include <deque>

#include <boost/asio/redirect_error.hpp>
#include <fmt/format.h>

#include <recount/core/error.hpp>
#include <recount/core/logging_events.hpp>

#include "http/feed_watcher.hpp"
#include "http/server_core.hpp"
#include "http/session.hpp"

namespace recount::http {

using boost::asio::ip::tcp;
using boost::system::error_code;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

constexpr auto look_interval = 50ms;             // at stop, and at what is left after it
constexpr auto accept_pause = 100ms;             // when the process has no sockets left
constexpr std::size_t turned_away_max = 64;      // at once; beyond that a connection is just closed

// What leaves a coroutine of a connection is nobody's but ours.
void report_failure(std::exception_ptr failure) noexcept {
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (std::exception const& known) {
        logging::tell("http.connection_failed", known.what());
    } catch (...) {
        logging::tell("http.connection_failed", "unknown failure");
    }
}

tcp::acceptor bound(asio::io_context& sockets, server_options const& options) {
    auto const refuse = [&](error_code const& why) {
        throw error{errc::refused, fmt::format("cannot listen on {} port {}: {}", options.address,
                                               options.port, why.message())};
    };
    error_code ec;
    auto const address = asio::ip::make_address(options.address, ec);
    if (ec) refuse(ec);
    tcp::endpoint const where{address, options.port};
    tcp::acceptor acceptor{sockets};
    acceptor.open(where.protocol(), ec);
    if (!ec) acceptor.set_option(tcp::acceptor::reuse_address{true}, ec);
    if (!ec) acceptor.bind(where, ec);
    if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
    if (ec) refuse(ec);
    return acceptor;
}

// News of a log, from its watcher to the thread of the sockets. At most one notice is on its way,
// however quickly the log grows.
struct news {
    detail::server_core& core;
    detail::followed_log& feed;
    std::atomic<position> head{0};       // that the watcher saw last
    std::atomic<bool> on_its_way{false};
    detail::feed_watcher watcher;

    news(detail::server_core& all, detail::followed_log& of)
        : core{all}, feed{of}, watcher{of.log, [this](position seen) { tell(seen); }} {}

    void tell(position seen) {
        head = seen;
        if (on_its_way.exchange(true)) return;
        try {
            asio::post(core.sockets, [this] {
                on_its_way = false;
                feed.head = std::max<position>(feed.head, head);
                feed.wake();
            });
        } catch (...) {  // the watcher looks again
            on_its_way = false;
            throw;
        }
    }
};

}  // namespace

struct server::implementation {
    detail::server_core core;
    tcp::acceptor acceptor;
    std::uint16_t port = 0;
    std::atomic<bool> stop_asked{false};
    std::deque<news> all_news;           // a feed each

    implementation(server_options options, handler answer, std::vector<recount::log*> const& feeds)
        : core{std::move(options), std::move(answer), feeds},
          acceptor{bound(core.sockets, core.options)}, port{acceptor.local_endpoint().port()} {
        for (auto& feed : core.feeds) all_news.emplace_back(core, feed);
        core.followers_changed = [this] {
            for (auto& one : all_news) one.watcher.followers(one.feed.followers);
        };
    }

    void take(tcp::socket socket);
    asio::awaitable<void> accept_all();
    asio::awaitable<void> attend(std::function<bool()> stop_wanted);
    asio::awaitable<void> finish();
    [[nodiscard]] bool wants_stop(std::function<bool()> const& stop_wanted) noexcept;
};

void server::implementation::take(tcp::socket socket) {
    if (core.sessions.size() >= core.options.connections_max + turned_away_max) return;
    error_code ignored;
    socket.set_option(tcp::no_delay{true}, ignored);
    auto const one = std::make_shared<detail::session>(core, std::move(socket));
    bool const room = core.connections < core.options.connections_max;
    asio::co_spawn(core.sockets, room ? one->serve() : one->turn_away(),
                   [one](std::exception_ptr failure) {
                       if (failure) one->cut();
                       report_failure(failure);
                   });
}

asio::awaitable<void> server::implementation::accept_all() {
    asio::steady_timer pause{core.sockets};
    while (acceptor.is_open()) {
        error_code ec;
        auto socket =
            co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, ec));
        if (!acceptor.is_open()) break;
        if (!ec) {
            try {
                take(std::move(socket));
            } catch (...) {
                report_failure(std::current_exception());
            }
            continue;
        }
        logging::tell("http.accept_failed", ec.message());
        pause.expires_after(accept_pause);
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    }
}

bool server::implementation::wants_stop(std::function<bool()> const& stop_wanted) noexcept {
    try {
        return stop_asked || (stop_wanted && stop_wanted());
    } catch (...) {
        report_failure(std::current_exception());
        return true;
    }
}

asio::awaitable<void> server::implementation::attend(std::function<bool()> stop_wanted) {
    asio::steady_timer next_look{core.sockets};
    while (!wants_stop(stop_wanted)) {
        error_code ignored;
        next_look.expires_after(look_interval);
        co_await next_look.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    co_await finish();
}

asio::awaitable<void> server::implementation::finish() {
    core.stopping = true;
    error_code ignored;
    acceptor.close(ignored);
    for (auto& one : all_news) one.watcher.ask_to_stop();
    for (auto* const one : core.sessions) one->stop();
    asio::steady_timer next_look{core.sockets};
    auto const end = std::chrono::steady_clock::now() + core.options.stop_grace;
    while (!core.sessions.empty() && std::chrono::steady_clock::now() < end) {
        next_look.expires_after(look_interval);
        co_await next_look.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    for (auto* const one : core.sessions) one->cut();
}

server::server(server_options options, handler answer, recount::log& feed)
    : server{std::move(options), std::move(answer), std::vector<recount::log*>{&feed}} {}
server::server(server_options options, handler answer, std::vector<recount::log*> const& feeds)
    : self_{std::make_unique<implementation>(std::move(options), std::move(answer), feeds)} {}
server::~server() = default;

std::uint16_t server::port() const noexcept { return self_->port; }

void server::run(std::function<bool()> const& stop_wanted) {
    for (auto& one : self_->all_news) one.watcher.start();
    asio::co_spawn(self_->core.sockets, self_->accept_all(), report_failure);
    asio::co_spawn(self_->core.sockets, self_->attend(stop_wanted), report_failure);
    for (bool over = false; !over;) {
        try {
            self_->core.sockets.run();
            over = true;
        } catch (...) {
            report_failure(std::current_exception());
        }
    }
    for (auto& one : self_->all_news) one.watcher.stop();
    self_->core.workers.join();
}

void server::stop() noexcept { self_->stop_asked = true; }

}  // namespace recount::http
