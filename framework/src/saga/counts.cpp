// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/saga/counts.hpp>

#include <algorithm>

#include <recount/core/metrics.hpp>

namespace recount {

using metrics::metric;

namespace {

constexpr int share_of_time = 20;

void tell_instances(saga_counts const& counts, std::string_view saga, std::string_view store) {
    auto const of = [&](saga_status status) {
        for (auto const& one : counts.instances) {
            if (one.saga == saga && one.status == status) return one.count;
        }
        return std::int64_t{0};
    };
    metrics::labels const labels{saga, store};
    metrics::set(metric::saga_instances_running, labels, of(saga_status::running));
    metrics::set(metric::saga_instances_parked, labels, of(saga_status::parked));
    metrics::set(metric::saga_instances_diverged, labels, of(saga_status::diverged));
    metrics::set(metric::saga_instances_ended, labels, of(saga_status::ended));
}

void tell_timers(saga_counts const& counts, std::string_view saga, std::string_view store) {
    saga_counts::timer_count found;
    for (auto const& one : counts.timers) {
        if (one.saga == saga) found = one;
    }
    metrics::labels const labels{saga, store};
    metrics::set(metric::timers_waiting, labels, found.waiting);
    metrics::set(metric::timers_overdue_seconds, labels,
                 std::chrono::nanoseconds{found.overdue});
}

// By the clock of the database, which the log is written by too.
duration age_of(application const& app, position cause) {
    if (cause == 0) return duration{0};
    auto const page = app.log().read_feed(cause - 1, {}, 1);
    if (page.events.empty()) return duration{0};
    return std::max(app.saga_tables().now() - page.events.front().recorded_at, duration{0});
}

}  // namespace

void saga_counter::count() const {
    auto const counts = app_.saga_tables().counts();
    auto const& store = app_.log().store_name();
    for (auto const* saga : app_.parts().sagas) {
        if (saga->reactor) continue;
        tell_instances(counts, saga->name, store);
        tell_timers(counts, saga->name, store);
    }
    for (auto const& one : counts.messages) {
        metrics::labels const labels{to_string(one.kind), store};
        metrics::set(metric::outbox_waiting, labels, one.waiting);
        metrics::set(metric::outbox_dead, labels, one.dead);
        metrics::set(metric::outbox_oldest_seconds, labels,
                     std::chrono::nanoseconds{age_of(app_, one.oldest)});
    }
}

void saga_counter::refresh() noexcept {
    if (app_.parts().sagas.empty()) return;
    std::unique_lock const hold{mutex_, std::try_to_lock};
    auto const begun = std::chrono::steady_clock::now();
    if (!hold || begun < not_before_) return;
    try {
        count();
    } catch (std::exception const&) {
        // What cannot be counted is what was counted last; /ready says why.
    }
    auto const ended = std::chrono::steady_clock::now();
    not_before_ = ended + share_of_time * (ended - begun);
}

}  // namespace recount
