// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "effects/report.hpp"

#include <string>

#include <fmt/format.h>

#include <recount/core/logging_events.hpp>
#include <recount/core/metrics.hpp>
#include <recount/core/text.hpp>

namespace recount::detail {

using metrics::metric;

namespace {

std::string_view word_of(effect_result::kind result) {
    switch (result) {
        case effect_result::kind::sent: return "sent";
        case effect_result::kind::again: return "again";
        case effect_result::kind::give_up: return "dead";
    }
    return "unknown";
}

}  // namespace

void tell_attempt(outbox_message const& m, effect_runner::outcome const& what,
                  std::chrono::steady_clock::duration elapsed) {
    metrics::labels const of{m.type, word_of(what.what)};
    metrics::add(metric::effect_attempts, of);
    metrics::add(metric::effect_attempt_seconds, of, std::chrono::nanoseconds{elapsed});
    metrics::observe(metric::effect_seconds, std::chrono::nanoseconds{elapsed});
    auto const scope = logging::correlate(to_string(m.correlation.value_or(m.key)));
    auto const us = std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count();
    auto const key = to_string(m.key);
    auto const attempt = std::to_string(m.attempts + 1);
    auto const took = std::to_string(us);
    switch (what.what) {
        case effect_result::kind::sent:
            logging::tell("effect.sent", fmt::format("{} was sent", m.type),
                          {{"type", m.type}, {"key", key}, {"saga", m.saga}, {"attempt", attempt},
                           {"elapsed_us", took}});
            return;
        case effect_result::kind::again:
            logging::tell("effect.failed", fmt::format("{}: {}", m.type, excerpt(what.why, 200)),
                          {{"type", m.type}, {"key", key}, {"saga", m.saga}, {"attempt", attempt},
                           {"elapsed_us", took},
                           {"again_in_ms", std::to_string(what.again_in.count())}});
            return;
        case effect_result::kind::give_up:
            logging::tell("effect.dead", fmt::format("{}: {}", m.type, excerpt(what.why, 200)),
                          {{"type", m.type}, {"key", key}, {"saga", m.saga}, {"attempt", attempt},
                           {"elapsed_us", took}});
            return;
    }
}

void tell_outbox_failed(std::string_view why) { logging::tell("effect.paused", why); }

}  // namespace recount::detail
