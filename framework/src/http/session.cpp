// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/session.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>

#include <recount/core/error.hpp>
#include <recount/core/logging_events.hpp>
#include <recount/core/metrics.hpp>
#include <recount/http/problem.hpp>

#include "http/failure_log.hpp"

namespace recount::http::detail {

using boost::system::error_code;
using namespace std::chrono_literals;

namespace {

// For a client to read the last answer, while what it still sends is thrown away: a socket that is
// closed with bytes unread resets the connection, and the answer is lost.
constexpr auto leave_deadline = 1'000ms;
constexpr std::size_t leave_bytes_max = 64U << 20U;
// Written under one deadline: a large answer may take longer in all.
constexpr std::size_t slice_bytes_max = 64U << 10U;

reply reply_of(handler const& answer, request const& asked) {
    try {
        return answer(asked);
    } catch (error const& failure) {
        auto told = problem(failure);
        if (told.status >= 500) tell_failure(asked, failure);
        return told;
    } catch (std::exception const& failure) {
        tell_failure(asked, failure.what());
    } catch (...) {
        tell_failure(asked, "unknown failure");
    }
    return problem({.status = 500, .code = "internal"});
}

reply answer_of(handler const& answer, request const& asked) {
    auto const* const conversation = asked.header("correlation-id");
    auto const scope = logging::correlate(conversation == nullptr ? std::string{} : *conversation);
    auto const began = std::chrono::steady_clock::now();
    auto made = reply_of(answer, asked);
    auto const took = std::chrono::steady_clock::now() - began;
    auto const* const done = std::get_if<response>(&made);
    auto const status = done == nullptr ? 200 : done->status;
    metrics::http_request(status, took);
    if (logging::wanted("http.answered")) {
        auto const took_us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
        logging::tell("http.answered", asked.method + " " + path_text(asked),
                      {{"method", asked.method},
                       {"target", path_text(asked)},
                       {"status", std::to_string(status)},
                       {"elapsed_us", std::to_string(took_us)}});
    }
    return made;
}

read_limits limits_of(server_options const& options) {
    return {.header_bytes_max = options.header_bytes_max,
            .head = {.body_bytes_max = options.body_bytes_max}};
}

}  // namespace

session::session(server_core& core, asio::ip::tcp::socket socket)
    : core_{core}, socket_{std::move(socket)}, reader_{limits_of(core.options)},
      deadline_{core.sockets}, news_{core.sockets} {
    core_.sessions.insert(this);
}

session::~session() { core_.sessions.erase(this); }

// The socket's pending operations end when the time is over; `overdue_` says why. A timer that
// fires when its operation has just ended belongs to an earlier turn and does nothing.
void session::arm(std::chrono::milliseconds time) {
    overdue_ = false;
    deadline_.expires_after(time);
    deadline_.async_wait([self = shared_from_this(), turn = ++deadline_turn_](error_code ec) {
        if (ec || turn != self->deadline_turn_) return;
        self->overdue_ = true;
        error_code ignored;
        self->socket_.cancel(ignored);
    });
}

void session::disarm() {
    ++deadline_turn_;
    deadline_.cancel();
}

void session::stop() {
    if (activity_ == activity::reading) {
        error_code ignored;
        socket_.cancel(ignored);
    }
    news_.cancel();
}

void session::cut() noexcept {
    error_code ignored;
    socket_.close(ignored);
    news_.cancel();
}

std::chrono::milliseconds session::patience(read_phase phase) const noexcept {
    if (phase == read_phase::idle) return core_.options.idle_deadline;
    return phase == read_phase::head ? core_.options.header_deadline : core_.options.body_deadline;
}

bool session::stays(request_manners manners) const noexcept {
    return manners.keep_alive && !core_.stopping;
}

asio::awaitable<session::read_result> session::next_request() {
    activity_ = activity::reading;
    overdue_ = false;
    auto timed = read_phase::complete;  // none yet
    for (;;) {
        auto const phase = reader_.phase();
        if (phase == read_phase::complete) break;
        if (phase == read_phase::refused) co_return read_result::refused;
        if (core_.stopping) co_return read_result::gone;
        if (reader_.take_expectation()) {
            if (!co_await write("HTTP/1.1 100 Continue\r\n\r\n")) co_return read_result::gone;
            continue;
        }
        if (timed != phase) arm(patience(phase));
        timed = phase;
        error_code ec;
        auto const size = co_await socket_.async_read_some(
            asio::buffer(received_), asio::redirect_error(asio::use_awaitable, ec));
        if (overdue_) {
            if (phase != read_phase::idle) {
                co_await refuse({408, "request_timeout", "the request took too long to come in"});
            }
            co_return read_result::gone;
        }
        if (ec) co_return read_result::gone;
        reader_.feed({received_.data(), size});
    }
    disarm();
    co_return read_result::complete;
}

// In slices, so that a client that reads, if slowly, is not taken for one that does not.
asio::awaitable<bool> session::write(std::string_view bytes) {
    while (!bytes.empty()) {
        arm(core_.options.write_deadline);
        auto const slice = asio::buffer(bytes.data(), std::min(bytes.size(), slice_bytes_max));
        error_code ec;
        auto const size = co_await socket_.async_write_some(
            slice, asio::redirect_error(asio::use_awaitable, ec));
        if (ec || overdue_) co_return false;
        disarm();
        bytes.remove_prefix(size);
    }
    co_return true;
}

asio::awaitable<bool> session::send(response answer, response_manners manners) {
    auto text = response_text(answer, manners);
    if (!text) {
        logging::tell("http.answer_unfit",
                      "an answer has a status or a header that cannot be sent");
        text = response_text(problem({.status = 500, .code = "internal"}), manners);
    }
    answer.body.clear();
    co_return co_await write(*text);
}

asio::awaitable<void> session::refuse(refusal why) {
    activity_ = activity::leaving;
    metrics::http_request(why.status, {});
    if (logging::wanted("http.refused")) {
        logging::tell("http.refused", why.detail,
                      {{"status", std::to_string(why.status)}, {"code", std::string{why.code}}});
    }
    auto const answer = problem({.status = why.status, .code = std::string{why.code},
                                 .detail = std::string{why.detail}});
    response_manners const manners{.minor_version = reader_.manners().minor_version};
    if (co_await send(answer, manners)) co_await take_leave();
}

// True if the conversation goes on.
asio::awaitable<bool> session::answer_one() {
    activity_ = activity::answering;
    auto const read = reader_.manners();
    auto asked = reader_.take();
    bool const head_only = asked.method == "HEAD";
    if (head_only) asked.method = "GET";
    std::function<reply()> const work = [this, &asked] { return answer_of(core_.answer, asked); };
    auto answer = co_await on_worker<reply>(core_, work);
    response_manners manners{.keep_alive = stays(read), .minor_version = read.minor_version,
                             .head_only = head_only};
    if (auto* const live = std::get_if<live_events>(&answer)) {
        co_return co_await follow(std::move(*live), manners);
    }
    bool const written = co_await send(std::get<response>(std::move(answer)), manners);
    if (written && !manners.keep_alive) co_await take_leave();
    co_return written && manners.keep_alive;
}

asio::awaitable<void> session::take_leave() {
    activity_ = activity::leaving;
    error_code ec;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ec);
    arm(leave_deadline);
    for (std::size_t taken = 0; !ec && !overdue_ && taken < leave_bytes_max;) {
        taken += co_await socket_.async_read_some(
            asio::buffer(received_), asio::redirect_error(asio::use_awaitable, ec));
    }
    disarm();
}

asio::awaitable<void> session::serve() {
    counted const in{core_.connections};
    for (bool open = true; open;) {
        switch (co_await next_request()) {
            case read_result::complete: open = co_await answer_one(); break;
            case read_result::refused: co_await refuse(reader_.why()); open = false; break;
            case read_result::gone: open = false; break;
        }
    }
    disarm();
    cut();
}

asio::awaitable<void> session::turn_away() {
    activity_ = activity::leaving;
    auto const answer = problem({.status = 503, .code = "too_many_connections",
                                 .detail = "the server has as many connections as it can take",
                                 .headers = {{"Retry-After", "1"}}});
    if (co_await send(answer, {})) co_await take_leave();
    disarm();
    cut();
}

}  // namespace recount::http::detail
