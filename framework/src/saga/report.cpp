// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "saga/report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <recount/core/logging_events.hpp>
#include <recount/core/metrics.hpp>

#include "saga/runner.hpp"

namespace recount::detail {

using metrics::metric;

namespace {

// More instances than this are not remembered as told of: they may be told of again.
constexpr std::size_t in_trouble_max = 10'000;

}  // namespace

void saga_report::read(feed_page const& page) {
    read_at_ = std::chrono::steady_clock::now();
    metrics::labels const of{saga_.name, store_};
    metrics::set(metric::saga_position, of, page.through);
    metrics::set(metric::saga_lag, of, std::max<position>(page.head - page.through, 0));
}

void saga_report::timers_due(std::span<saga_timer const> due, timestamp now) const {
    if (due.empty()) return;
    duration latest{0};
    for (auto const& timer : due) {
        auto const late = std::max(now - timer.due_at, duration{0});
        latest = std::max(latest, late);
        metrics::observe(metric::timer_lateness_seconds, late);
    }
    if (!logging::wanted("saga.timers_fired")) return;
    logging::tell("saga.timers_fired", fmt::format("{} timers of {} are due", due.size(),
                                                   saga_.name),
                  {{"saga", std::string{saga_.name}},
                   {"timers", std::to_string(due.size())},
                   {"lateness_us_max", std::to_string(latest.count())}});
}

void saga_report::accepted(std::size_t commands) const {
    if (commands == 0) return;
    metrics::add(metric::saga_commands_sent, {saga_.name, store_},
                 static_cast<std::int64_t>(commands));
}

void saga_report::sent(std::span<outbox_message const> messages,
                       std::span<sent_result const> results) const {
    using result_kind = sent_result::kind;
    metrics::labels const of{saga_.name, store_};
    metrics::add(metric::saga_commands_sent, of, static_cast<std::int64_t>(results.size()));
    for (std::size_t i = 0; i < results.size(); ++i) {
        auto const& result = results[i];
        bool const rejected = result.what == result_kind::rejected;
        if (!rejected && result.what != result_kind::undeliverable) continue;
        metrics::add(metric::saga_commands_refused, of);
        if (!logging::wanted("saga.command_refused")) continue;
        auto const& m = messages[i];
        logging::tell("saga.command_refused",
                      rejected ? fmt::format("{} refused {}", m.type, result.no.code)
                               : result.because,
                      {{"saga", std::string{saga_.name}},
                       {"instance", m.instance},
                       {"command", m.type},
                       {"code", rejected ? result.no.code : "undeliverable"},
                       {"command_id", to_string(m.key)}});
    }
}

// Once for an instance that comes into trouble, however much comes in for it until it is well.
void saga_report::tell_trouble(std::span<saga_instance const> instances) {
    for (auto const& one : instances) {
        bool const parked = one.status == saga_status::parked;
        if (!parked && one.status != saga_status::diverged) {
            in_trouble_.erase(one.instance);
            continue;
        }
        if (in_trouble_.size() >= in_trouble_max) in_trouble_.clear();
        if (!in_trouble_.insert(one.instance).second) continue;
        std::string const saga{saga_.name};
        if (parked) {
            logging::tell("saga.parked", one.because,
                          {{"saga", saga}, {"instance", one.instance}});
        } else {
            logging::tell("saga.diverged", one.because,
                          {{"saga", saga}, {"instance", one.instance}});
        }
    }
}

void saga_report::wrote(position from, position through, saga_changes const& changes,
                        saga_run const& told) {
    failures_ = 0;
    metrics::labels const of{saga_.name, store_};
    auto const inputs = told.inputs - before_.inputs;
    auto const timers = told.timers - before_.timers;
    auto const commands = told.commands - before_.commands;
    before_ = told;
    metrics::add(metric::saga_inputs, of, static_cast<std::int64_t>(inputs));
    metrics::add(metric::timers_fired, of, static_cast<std::int64_t>(timers));
    tell_trouble(changes.instances);
    if (!logging::wanted("saga.page")) return;
    auto const passed = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - read_at_);
    logging::tell("saga.page", fmt::format("{} has taken up {} inputs", saga_.name, inputs),
                  {{"saga", std::string{saga_.name}},
                   {"from", std::to_string(from)},
                   {"through", std::to_string(through)},
                   {"inputs", std::to_string(inputs)},
                   {"timers", std::to_string(timers)},
                   {"commands", std::to_string(commands)},
                   {"elapsed_us", std::to_string(passed.count())}});
}

void saga_report::overtaken(position at) const {
    if (!logging::wanted("saga.overtaken")) return;
    logging::tell("saga.overtaken",
                  fmt::format("{} was moved on from position {} by another worker", saga_.name, at),
                  {{"saga", std::string{saga_.name}}, {"position", std::to_string(at)}});
}

void saga_report::paused(error const& failure, std::chrono::milliseconds pause) {
    ++failures_;
    metrics::add(metric::saga_failures, metrics::labels{saga_.name, store_});
    if (!logging::wanted("saga.paused")) return;
    logging::tell("saga.paused", failure.what(),
                  {{"saga", std::string{saga_.name}},
                   {"code", std::string{to_string(failure.code())}},
                   {"failures", std::to_string(failures_)},
                   {"pause_ms", std::to_string(pause.count())}});
}

void saga_report::failed(error const& failure, position at) const {
    metrics::add(metric::saga_failures, metrics::labels{saga_.name, store_});
    if (!logging::wanted("saga.failed")) return;
    logging::tell("saga.failed", failure.what(),
                  {{"saga", std::string{saga_.name}},
                   {"code", std::string{to_string(failure.code())}},
                   {"position", std::to_string(at)}});
}

}  // namespace recount::detail
