// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Many writers that append without a break, each to streams of its own, each append bound to the
// version that it knows.
//
//     writers appending{*log, work, options};
//     // Warms up, then measures.
//     auto turn = appending.run(writers::kind::threads, seconds{0.3}, seconds{3});
//     turn.events_per_s;
//
// Thread safety: one thread. Errors: the first failure of an append ends a run.
#pragma once

#include <functional>
#include <vector>

#include "measure.hpp"
#include "workload.hpp"

namespace recount::bench {

struct turn {
    double appends_per_s = 0;
    double events_per_s = 0;
    latencies each{};
    position from = 0, through = 0;  // of the log, what was written meanwhile
};

class writers {
public:
    enum class kind : unsigned char { threads, coroutines };  // the latter on one thread
    [[nodiscard]] static kind wanted(options const& how) {
        return how.awaited ? kind::coroutines : kind::threads;
    }

    // Creates the streams that do not exist, with one event each.
    writers(recount::log& to, workload const& work, options const& how);

    [[nodiscard]] turn run(kind each, seconds warm_up, seconds length);
    // Appends one event a commit, many commits at a time, until the log has so many events.
    void fill(position until, std::function<void(position)> const& so_far = {});
    [[nodiscard]] std::vector<version> const& versions() const noexcept { return versions_; }

private:
    recount::log& log_;
    workload const& work_;
    options const& how_;
    std::vector<version> versions_;

    [[nodiscard]] std::vector<latencies> by_threads(window const& w);
    [[nodiscard]] std::vector<latencies> by_coroutines(window const& w);
};

// The streams of one writer, over and over.
class share {
public:
    share(workload const& work, std::size_t writer, std::size_t writers)
        : work_{&work}, next_{writer}, step_{writers}, first_{writer} {}
    [[nodiscard]] std::size_t take() {
        auto const stream = work_->shuffled(next_);
        next_ += step_;
        if (next_ >= work_->streams()) next_ = first_;
        return stream;
    }

private:
    workload const* work_;
    std::size_t next_, step_, first_;
};

}  // namespace recount::bench
