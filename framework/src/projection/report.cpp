// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "projection/report.hpp"

#include <string>

#include <fmt/format.h>

#include <recount/core/logging_events.hpp>
#include <recount/core/metrics.hpp>

namespace recount::detail {

using metrics::metric;

namespace {

std::string name_of(projection_descriptor const& p) { return std::string{p.name}; }

}  // namespace

void tell_page(projection_descriptor const& p, std::string_view store, position from,
               feed_page const& page, page_told const& told,
               std::chrono::steady_clock::time_point began) {
    metrics::labels const of{p.name, store};
    auto const count = [&](metric m, auto n) {
        metrics::add(m, of, static_cast<std::int64_t>(n));
    };
    count(metric::projection_events, told.events);
    count(metric::projection_restructures, told.restructures);
    count(metric::events_read_for_refold, told.read_for_refold);
    metrics::set(metric::projection_position, of, page.through);
    metrics::set(metric::projection_lag, of, page.head - page.through);
    if (!logging::wanted("projection.page")) return;
    auto const passed = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - began);
    logging::tell("projection.page",
                  fmt::format("{} holds everything up to position {}", p.name, page.through),
                  {{"projection", name_of(p)},
                   {"from", std::to_string(from)},
                   {"through", std::to_string(page.through)},
                   {"events", std::to_string(told.events)},
                   {"restructures", std::to_string(told.restructures)},
                   {"events_read_for_refold", std::to_string(told.read_for_refold)},
                   {"elapsed_us", std::to_string(passed.count())}});
}

void tell_overtaken(projection_descriptor const& p, position at) {
    if (!logging::wanted("projection.overtaken")) return;
    logging::tell("projection.overtaken",
                  fmt::format("{} was moved on from position {} by another worker", p.name, at),
                  {{"projection", name_of(p)}, {"position", std::to_string(at)}});
}

void tell_paused(projection_descriptor const& p, std::string_view store, error const& failure,
                 int failures, std::chrono::milliseconds pause) {
    metrics::add(metric::projection_failures, metrics::labels{p.name, store});
    if (!logging::wanted("projection.paused")) return;
    logging::tell("projection.paused", failure.what(),
                  {{"projection", name_of(p)},
                   {"code", std::string{to_string(failure.code())}},
                   {"failures", std::to_string(failures)},
                   {"pause_ms", std::to_string(pause.count())}});
}

void tell_stopped(projection_descriptor const& p, std::string_view store, error const& failure,
                  position at) {
    metrics::add(metric::projection_failures, metrics::labels{p.name, store});
    if (!logging::wanted("projection.failed")) return;
    logging::tell("projection.failed", failure.what(),
                  {{"projection", name_of(p)},
                   {"code", std::string{to_string(failure.code())}},
                   {"position", std::to_string(at)}});
}

}  // namespace recount::detail
