// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "session_report.hpp"

#include <atomic>
#include <chrono>
#include <limits>

#include <fmt/format.h>

#include <recount/core/logging_events.hpp>
#include <recount/core/metrics.hpp>

#include "core/elapsed.hpp"

namespace recount::postgres::detail {

using metrics::metric;
using recount::detail::elapsed_us;

statement_watch::statement_watch(std::string_view query, int backend_pid) noexcept
    : query_{query}, backend_pid_{backend_pid}, timed_{logging::wanted("sql.failed")} {
    if (timed_) began_ = std::chrono::steady_clock::now();
    metrics::add(metric::statements);
}

void statement_watch::answered(std::size_t rows) const noexcept {
    if (!timed_ || !logging::wanted("sql.statement")) return;
    auto const noun = rows == 1 ? "row" : "rows";
    logging::tell("sql.statement", fmt::format("{}: {} {}", query_, rows, noun),
                  {{"query", std::string{query_}},
                   {"rows", std::to_string(rows)},
                   {"elapsed_us", elapsed_us(began_)},
                   {"backend_pid", std::to_string(backend_pid_)}});
}

error statement_watch::failed(error failure) const noexcept {
    metrics::add(metric::statement_errors);
    if (timed_) {
        logging::tell("sql.failed", fmt::format("{} failed", query_),
                      {{"query", std::string{query_}},
                       {"code", std::string{to_string(failure.code())}},
                       {"sqlstate", failure.sqlstate()},
                       {"elapsed_us", elapsed_us(began_)},
                       {"backend_pid", std::to_string(backend_pid_)}});
    }
    return failure;
}

void connect_watch::opened(int backend_pid, std::string const& role,
                           int server_version) const noexcept {
    metrics::add(metric::connections_opened);
    if (!logging::wanted("connection.opened")) return;
    logging::tell("connection.opened", fmt::format("connected to backend {}", backend_pid),
                  {{"backend_pid", std::to_string(backend_pid)},
                   {"role", role},
                   {"server", std::to_string(server_version)},
                   {"elapsed_us", elapsed_us(began_)}});
}

namespace {

// A database that is away is one piece of news, not one for each that asks for it.
bool first_in_a_second() noexcept {
    static std::atomic<std::int64_t> told{std::numeric_limits<std::int64_t>::min()};
    auto const now = std::chrono::duration_cast<std::chrono::seconds>(
                         std::chrono::steady_clock::now().time_since_epoch())
                         .count();
    return told.exchange(now) != now;
}

}  // namespace

void connect_watch::failed(error const& failure) const noexcept {
    if (!logging::wanted("connection.failed") || !first_in_a_second()) return;
    logging::tell("connection.failed", failure.what(),
                  {{"code", std::string{to_string(failure.code())}},
                   {"elapsed_us", elapsed_us(began_)}});
}

void tell_connection_lost(int backend_pid) noexcept {
    metrics::add(metric::connections_lost);
    if (!logging::wanted("connection.lost")) return;
    logging::tell("connection.lost", fmt::format("the connection to backend {} is lost",
                                                 backend_pid),
                  {{"backend_pid", std::to_string(backend_pid)}});
}

void tell_read_again(std::string_view query, error const& failure, int attempt) noexcept {
    metrics::add(metric::statement_retries);
    if (!logging::wanted("sql.retried")) return;
    logging::tell("sql.retried", fmt::format("{} is run again", query),
                  {{"query", std::string{query}},
                   {"code", std::string{to_string(failure.code())}},
                   {"attempt", std::to_string(attempt)}});
}

}  // namespace recount::postgres::detail
