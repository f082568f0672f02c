// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the runner of a saga tells: lines and counts, by the saga's name and its store.
//
//     saga_report report{saga, log.store_name()};
//     report.read(page);                                    // what was looked at
//     report.wrote(from, through, runner.changes(), runner.told());
//
// Thread safety: one thread; const functions from any. Lifetimes: refers to the saga and to the
// name of the store.
#pragma once

#include <chrono>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include <recount/saga/run.hpp>

namespace recount::detail {

struct sent_result;

class saga_report {
public:
    saga_report(saga_descriptor const& saga, std::string_view store) : saga_{saga}, store_{store} {}

    void read(feed_page const& page);
    void timers_due(std::span<saga_timer const> due, timestamp now) const;
    // Commands that were appended with the steps that they come from.
    void accepted(std::size_t commands) const;
    void sent(std::span<outbox_message const> messages,
              std::span<sent_result const> results) const;
    // A step is in the tables; `told` are the sums of the run so far.
    void wrote(position from, position through, saga_changes const& changes, saga_run const& told);
    void overtaken(position at) const;
    void paused(error const& failure, std::chrono::milliseconds pause);
    void failed(error const& failure, position at) const;

private:
    saga_descriptor const& saga_;
    std::string_view store_;
    std::chrono::steady_clock::time_point read_at_{};
    saga_run before_{};                        // as of the last step
    int failures_ = 0;                         // in a row
    std::set<std::string> in_trouble_;         // instances that were told of

    void tell_trouble(std::span<saga_instance const> instances);
};

}  // namespace recount::detail
