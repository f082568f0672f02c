// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Counts of what the library does in this process, in the text format of Prometheus.
//
//     recount::metrics::add(recount::metrics::metric::statement_retries);
//     recount::metrics::add(recount::metrics::metric::commands, "accepted");
//     recount::metrics::observe(recount::metrics::metric::append_seconds, elapsed);
//     answer(recount::metrics::prometheus());      // text/plain; version=0.0.4
//
// Every metric is declared in `descriptions`; docs/reference/metrics.md is checked against it.
// The value of a label is a constant of the program (a projection's name, a status), never what
// somebody sent; past `labels_max` values a metric counts the rest as "other".
// Thread safety: every function from any thread. Errors: none. Cost: one relaxed atomic addition,
// with a label a search among its few values; nothing is allocated.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace recount::metrics {

enum class kind : std::uint8_t { counter, gauge, histogram };
[[nodiscard]] std::string_view to_string(kind k) noexcept;

enum class metric : std::uint8_t {
    commits,
    events,
    append_batches,
    append_batch_events,
    append_seconds,
    append_wait_seconds,
    append_lock_seconds,
    append_waiting,
    append_conflicts,
    append_retries,
    position_lock_seconds,
    commands,
    command_retries,
    states,
    state_reads,
    snapshots,
    statements,
    statement_errors,
    statement_retries,
    connections_opened,
    connections_lost,
    projection_position,
    projection_lag,
    projection_events,
    projection_failures,
    projection_restructures,
    events_read_for_refold,
    saga_position,
    saga_lag,
    saga_inputs,
    saga_commands_sent,
    saga_commands_refused,
    saga_failures,
    saga_instances_running,
    saga_instances_parked,
    saga_instances_diverged,
    saga_instances_ended,
    timers_fired,
    timer_lateness_seconds,
    timers_waiting,
    timers_overdue_seconds,
    outbox_waiting,
    outbox_dead,
    outbox_oldest_seconds,
    effect_attempts,
    effect_attempt_seconds,
    effect_seconds,
    http_requests,
    http_request_seconds,
};

struct description {
    metrics::metric metric;
    std::string_view name;
    metrics::kind kind;
    std::string_view unit;       // of the value
    std::string_view label;      // its name; empty: none
    std::string_view help;
    std::string_view second_label{};
};

// In the order of the enumeration.
inline constexpr std::array descriptions{
    description{metric::commits, "recount_commits_total", kind::counter, "commits", "",
                "Commits that were appended to the log"},
    description{metric::events, "recount_events_total", kind::counter, "events", "",
                "Events that were appended to the log"},
    description{metric::append_batches, "recount_append_batches_total", kind::counter, "batches",
                "", "Batches of commits that were written, each one transaction"},
    description{metric::append_batch_events, "recount_append_batch_events", kind::histogram,
                "events", "", "Events of a batch"},
    description{metric::append_seconds, "recount_append_seconds", kind::histogram, "seconds", "",
                "Time that writing a batch took, from its plan to the answer"},
    description{metric::append_wait_seconds, "recount_append_wait_seconds", kind::histogram,
                "seconds", "", "Time that an append waited until its batch was sent"},
    description{metric::append_lock_seconds, "recount_append_lock_seconds", kind::histogram,
                "seconds", "", "Time that a batch held the position lock before its COMMIT"},
    description{metric::append_waiting, "recount_append_waiting_commits", kind::gauge, "commits",
                "", "Commits that wait for their batch to be sent"},
    description{metric::append_conflicts, "recount_append_conflicts_total", kind::counter,
                "commits", "", "Commits refused because a stream was not as expected"},
    description{metric::append_retries, "recount_append_retries_total", kind::counter, "attempts",
                "", "Further attempts at a batch, after a failure or behind a moved stream"},
    description{metric::position_lock_seconds, "recount_position_lock_seconds", kind::histogram,
                "seconds", "", "Time that an append with participants held the position lock"},
    description{metric::commands, "recount_commands_total", kind::counter, "commands", "outcome",
                "Commands by outcome: accepted, unchanged, repeated, rejected, failed"},
    description{metric::command_retries, "recount_command_retries_total", kind::counter,
                "attempts", "", "Commands decided again after a conflict"},
    description{metric::states, "recount_states_total", kind::counter, "states", "from",
                "States of aggregates that were needed, by where they came from: warm (memory), "
                "tail (memory and later events), snapshot (and later events), log"},
    description{metric::state_reads, "recount_state_reads_total", kind::counter, "reads", "",
                "Reads of streams for states; one serves all that wait for it"},
    description{metric::snapshots, "recount_snapshots_total", kind::counter, "snapshots",
                "event",
                "Snapshots of states: written, unfit (found, but not of use), failed (neither "
                "read nor written)"},
    description{metric::statements, "recount_statements_total", kind::counter, "statements", "",
                "SQL statements that were sent"},
    description{metric::statement_errors, "recount_statement_errors_total", kind::counter,
                "statements", "", "SQL statements that failed"},
    description{metric::statement_retries, "recount_statement_retries_total", kind::counter,
                "statements", "", "Reads that were made again after a failure"},
    description{metric::connections_opened, "recount_connections_opened_total", kind::counter,
                "connections", "", "Connections to the database that were made"},
    description{metric::connections_lost, "recount_connections_lost_total", kind::counter,
                "connections", "", "Connections to the database that were lost"},
    description{metric::projection_position, "recount_projection_position", kind::gauge,
                "position", "projection", "The rows hold everything up to here", "store"},
    description{metric::projection_lag, "recount_projection_lag_events", kind::gauge, "events",
                "projection", "Positions between the rows and the head of the log, as last seen",
                "store"},
    description{metric::projection_events, "recount_projection_events_total", kind::counter,
                "events", "projection", "Events that were told to a projection", "store"},
    description{metric::projection_failures, "recount_projection_failures_total", kind::counter,
                "failures", "projection", "Failures that a projection met", "store"},
    description{metric::projection_restructures, "recount_projection_restructures_total",
                kind::counter, "restructures", "projection",
                "Restructures that were told to a projection", "store"},
    description{metric::events_read_for_refold,
                "recount_projection_events_read_for_refold_total", kind::counter, "events",
                "projection",
                "Rows of streams that were read because restructures touched them, or the groups "
                "that their events are in",
                "store"},
    description{metric::saga_position, "recount_saga_position", kind::gauge, "position", "saga",
                "The saga or reactor has read everything up to here", "store"},
    description{metric::saga_lag, "recount_saga_lag_events", kind::gauge, "events", "saga",
                "Positions between that and the head of the log, as last seen", "store"},
    description{metric::saga_inputs, "recount_saga_inputs_total", kind::counter, "events", "saga",
                "Events, restructures and acts of operators that a saga took up", "store"},
    description{metric::saga_commands_sent, "recount_saga_commands_sent_total", kind::counter,
                "commands", "saga", "Commands that a saga sent, further attempts included",
                "store"},
    description{metric::saga_commands_refused, "recount_saga_commands_refused_total",
                kind::counter, "commands", "saga",
                "Commands of a saga that were refused, or could not be delivered", "store"},
    description{metric::saga_failures, "recount_saga_failures_total", kind::counter, "failures",
                "saga", "Failures that a saga as a whole met", "store"},
    description{metric::saga_instances_running, "recount_saga_instances_running", kind::gauge,
                "instances", "saga", "Instances that have begun and not ended", "store"},
    description{metric::saga_instances_parked, "recount_saga_instances_parked", kind::gauge,
                "instances", "saga", "Instances that wait for somebody to look at them", "store"},
    description{metric::saga_instances_diverged, "recount_saga_instances_diverged", kind::gauge,
                "instances", "saga",
                "Instances whose deeds corrected history wants otherwise", "store"},
    description{metric::saga_instances_ended, "recount_saga_instances_ended", kind::gauge,
                "instances", "saga", "Instances that have ended", "store"},
    description{metric::timers_fired, "recount_timers_fired_total", kind::counter, "timers",
                "saga", "Timers that were due and were told to their saga", "store"},
    description{metric::timer_lateness_seconds, "recount_timer_lateness_seconds", kind::histogram,
                "seconds", "", "Time from when a timer was due until it was found so"},
    description{metric::timers_waiting, "recount_timers_waiting", kind::gauge, "timers", "saga",
                "Timers that are set", "store"},
    description{metric::timers_overdue_seconds, "recount_timers_overdue_seconds", kind::gauge,
                "seconds", "saga",
                "Time since the first of those that are set was due; 0: none is", "store"},
    description{metric::outbox_waiting, "recount_outbox_waiting", kind::gauge, "messages", "kind",
                "Messages of the outbox that wait, by kind: command, effect", "store"},
    description{metric::outbox_dead, "recount_outbox_dead", kind::gauge, "messages", "kind",
                "Messages that were given up", "store"},
    description{metric::outbox_oldest_seconds, "recount_outbox_oldest_seconds", kind::gauge,
                "seconds", "kind",
                "Time since the cause of the oldest message that is due or has failed; 0: there "
                "is none",
                "store"},
    description{metric::effect_attempts, "recount_effect_attempts_total", kind::counter,
                "attempts", "type", "Attempts at an effect, by result: sent, again, dead",
                "result"},
    description{metric::effect_attempt_seconds, "recount_effect_attempt_seconds_total",
                kind::counter, "seconds", "type", "Time that their handlers took", "result"},
    description{metric::effect_seconds, "recount_effect_seconds", kind::histogram, "seconds", "",
                "Time that a handler of effects took"},
    description{metric::http_requests, "recount_http_requests_total", kind::counter, "requests",
                "status", "HTTP requests that were answered, by status"},
    description{metric::http_request_seconds, "recount_http_request_seconds", kind::histogram,
                "seconds", "", "Time from a request's last byte to its answer"},
};

inline constexpr std::size_t labels_max = 64;            // values of one label
inline constexpr std::size_t label_bytes_max = 63;       // longer ones are cut

// Counters only grow.
void add(metric m, std::int64_t amount = 1) noexcept;
void add(metric m, std::string_view label, std::int64_t amount = 1) noexcept;
void set(metric m, std::string_view label, std::int64_t value) noexcept;
// Of a metric with two labels.
struct labels {
    std::string_view first;
    std::string_view second;
};
void add(metric m, labels const& of, std::int64_t amount = 1) noexcept;
void set(metric m, labels const& of, std::int64_t value) noexcept;
// Where the unit is seconds; without a histogram.
void add(metric m, labels const& of, std::chrono::nanoseconds elapsed) noexcept;
void set(metric m, labels const& of, std::chrono::nanoseconds elapsed) noexcept;
void observe(metric m, std::int64_t value) noexcept;
void observe(metric m, std::chrono::nanoseconds elapsed) noexcept;   // where the unit is seconds
// http_requests and http_request_seconds together.
void http_request(int status, std::chrono::nanoseconds elapsed) noexcept;

// All of them, in the order above. A metric with a label begins with its first value.
[[nodiscard]] std::string prometheus();

// What one metric counts now: a histogram its observations, one with two labels the sum of all that
// have this first one. In nanoseconds where the unit is seconds.
[[nodiscard]] std::int64_t value(metric m, std::string_view label = {}) noexcept;

}  // namespace recount::metrics
