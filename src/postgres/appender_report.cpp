// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/appender_report.hpp"

#include <string>

#include <fmt/format.h>

#include <recount/core/logging_events.hpp>
#include <recount/core/metrics.hpp>

namespace recount::postgres {

using metrics::metric;

void tell_group(std::size_t callers, std::size_t commits) {
    if (callers < 2 || !logging::wanted("append.group")) return;
    logging::tell("append.group", fmt::format("{} callers are written together", callers),
                  {{"callers", std::to_string(callers)}, {"commits", std::to_string(commits)}});
}

void tell_moved(position known_at, std::size_t streams, int attempt) {
    metrics::add(metric::append_retries);
    if (!logging::wanted("append.moved")) return;
    logging::tell("append.moved",
                  fmt::format("{} stream{} moved behind position {}", streams,
                              streams == 1 ? "" : "s", known_at),
                  {{"known_at", std::to_string(known_at)},
                   {"streams", std::to_string(streams)},
                   {"attempt", std::to_string(attempt)}});
}

void tell_retried(error const& failure, std::size_t commits, int attempt) {
    metrics::add(metric::append_retries);
    if (!logging::wanted("append.retried")) return;
    logging::tell("append.retried", failure.what(),
                  {{"code", std::string{to_string(failure.code())}},
                   {"sqlstate", failure.sqlstate()},
                   {"attempt", std::to_string(attempt)},
                   {"commits", std::to_string(commits)}});
}

void tell_halved(error const& failure, std::size_t commits) {
    if (!logging::wanted("append.halved")) return;
    logging::tell("append.halved", failure.what(),
                  {{"sqlstate", failure.sqlstate()}, {"commits", std::to_string(commits)}});
}

void tell_given_up(error const& failure, std::size_t commits) {
    if (!logging::wanted("append.failed")) return;
    logging::tell("append.failed", failure.what(),
                  {{"code", std::string{to_string(failure.code())}},
                   {"sqlstate", failure.sqlstate()},
                   {"commits", std::to_string(commits)}});
}

}  // namespace recount::postgres
