// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Counts what sagas have to do, for the metrics of this process: instances by status, timers, the
// outbox and its oldest message. Other metrics count themselves; these stand in the database.
//
//     recount::saga_counter counter{app};
//     …
//     counter.refresh();                            // GET /metrics does it for each store
//     answer(recount::metrics::prometheus());
//
// Thread safety: every function from any thread. Lifetimes: the application outlives it. Errors:
// none; while the database does not answer the gauges stay as they are. Cost: saga_store::counts
// says; left out if it was done lately, so that it is never more than a twentieth of the time.
#pragma once

#include <chrono>
#include <mutex>

#include <recount/app/application.hpp>

namespace recount {

class saga_counter {
public:
    explicit saga_counter(application& app) : app_{app} {}

    void refresh() noexcept;

private:
    application& app_;
    std::mutex mutex_;
    std::chrono::steady_clock::time_point not_before_{};

    void count() const;
};

}  // namespace recount
