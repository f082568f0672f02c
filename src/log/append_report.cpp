// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "log/append_report.hpp"

#include <optional>
#include <string>

#include <fmt/format.h>

#include <recount/core/logging_events.hpp>
#include <recount/core/metrics.hpp>

#include "core/elapsed.hpp"

namespace recount::detail {

using metrics::metric;

namespace {

// A batch may hold commits of many: each line is of the correlation that its commit has.
void enter(std::optional<logging::correlation_scope>& scope, commit const& one) {
    if (one.meta.correlation) scope.emplace(to_string(*one.meta.correlation));
}

void tell_commits(std::span<commit const* const> commits, planned_batch const& batch,
                  position base) {
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
        auto const& row = batch.rows[i];
        if (row.event != 0) continue;
        auto const& one = *commits[row.commit];
        auto const first = base + static_cast<position>(i) + 1;
        auto const last = base + row.commit_last;
        std::optional<logging::correlation_scope> scope;
        enter(scope, one);
        logging::tell("append.commit", fmt::format("positions {} to {}", first, last),
                      {{"command_id", to_string(one.id)},
                       {"events", std::to_string(one.events.size())},
                       {"first", std::to_string(first)},
                       {"last", std::to_string(last)}});
    }
}

}  // namespace

void tell_batch(std::span<commit const* const> commits, planned_batch const& batch, position base,
                std::chrono::steady_clock::time_point began) {
    auto const events = batch.rows.size();
    std::size_t written = 0;
    for (auto const& row : batch.rows) written += row.event == 0 ? 1 : 0;
    metrics::add(metric::append_batches);
    metrics::add(metric::commits, static_cast<std::int64_t>(written));
    metrics::add(metric::events, static_cast<std::int64_t>(events));
    metrics::observe(metric::append_batch_events, static_cast<std::int64_t>(events));
    metrics::observe(metric::append_seconds, std::chrono::steady_clock::now() - began);
    if (logging::wanted("append.commit")) tell_commits(commits, batch, base);
    if (!logging::wanted("append.batch")) return;
    std::size_t bytes = 0;
    for (auto const& row : batch.rows) {
        if (row.event == 0) bytes += bytes_of(*commits[row.commit]);
    }
    logging::tell("append.batch",
                  fmt::format("wrote {} event{} in {} commit{}", events, events == 1 ? "" : "s",
                              written, written == 1 ? "" : "s"),
                  {{"commits", std::to_string(written)},
                   {"events", std::to_string(events)},
                   {"bytes", std::to_string(bytes)},
                   {"first", std::to_string(base + 1)},
                   {"last", std::to_string(base + static_cast<position>(events))},
                   {"elapsed_us", elapsed_us(began)}});
}

void tell_conflict(commit const& one, error const& conflict) {
    metrics::add(metric::append_conflicts);
    if (!logging::wanted("append.conflict") || !conflict.conflict()) return;
    auto const& found = *conflict.conflict();
    std::optional<logging::correlation_scope> scope;
    enter(scope, one);
    logging::tell("append.conflict", conflict.what(),
                  {{"stream", found.stream},
                   {"expected", found.expected},
                   {"actual_version", std::to_string(found.actual_version)},
                   {"command_id", to_string(one.id)}});
}

}  // namespace recount::detail
