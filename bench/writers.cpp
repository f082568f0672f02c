// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "writers.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>

#include <fmt/core.h>

namespace recount::bench {

writers::writers(recount::log& to, workload const& work, options const& how)
    : log_{to}, work_{work}, how_{how}, versions_(work.streams(), 0) {
    if (how.writers > work.streams()) {
        throw error{errc::invalid_argument,
                    fmt::format("{} writers need as many streams, found {}", how.writers,
                                work.streams())};
    }
    work.create_streams(to, versions_, 1);
}

turn writers::run(kind each, seconds warm_up, seconds length) {
    turn done;
    done.from = log_.head().position;
    auto const w = window::after(warm_up, length);
    bool const awaited = each == kind::coroutines;
    for (auto const& one : awaited ? by_coroutines(w) : by_threads(w)) done.each.add(one);
    throw_if_stopped();
    done.through = log_.head().position;
    done.appends_per_s = static_cast<double>(done.each.size()) / w.length_s();
    done.events_per_s = done.appends_per_s * static_cast<double>(how_.events);
    return done;
}

std::vector<latencies> writers::by_threads(window const& w) {
    std::vector<latencies> each(how_.writers);
    run_threads(how_.writers, [&](std::size_t writer) {
        share mine{work_, writer, how_.writers};
        latencies seen;
        while (!stop_wanted()) {
            auto const stream = mine.take();
            auto const one = work_.commit_of(stream, versions_[stream], how_.events);
            auto const begun = steady::now();
            (void)log_.append(one);
            auto const ended = steady::now();
            versions_[stream] += static_cast<version>(how_.events);
            if (w.holds(ended)) seen.add(ended - begun);
            if (ended >= w.to) break;
        }
        each[writer] = std::move(seen);
    });
    return each;
}

void writers::fill(position until, std::function<void(position)> const& so_far) {
    constexpr std::size_t fillers = 2;  // one makes commits while those of the other are written
    constexpr position commits_at_once = 2'048;
    std::atomic<position> open{until - log_.head().position};
    std::mutex telling;
    run_threads(std::min(fillers, work_.streams()), [&](std::size_t filler) {
        share mine{work_, filler, fillers};
        while (!stop_wanted()) {
            auto const left = open.fetch_sub(commits_at_once);
            if (left <= 0) break;
            std::vector<commit> commits;
            for (position i = 0; i < std::min(left, commits_at_once); ++i) {
                auto const stream = mine.take();
                commits.push_back(work_.commit_of(stream, versions_[stream]++, 1));
            }
            for (auto const& result : log_.append_batch(commits)) {
                if (auto const* const failure = std::get_if<error>(&result)) throw *failure;
            }
            std::lock_guard const hold{telling};
            if (so_far) so_far(until - std::max<position>(open, 0));
        }
    });
}

}  // namespace recount::bench
