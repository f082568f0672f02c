// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Times, medians and percentiles; and the wish of the person at the keyboard to stop.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

namespace recount::bench {

using steady = std::chrono::steady_clock;
using seconds = std::chrono::duration<double>;

[[nodiscard]] inline double seconds_since(steady::time_point begun) {
    return seconds{steady::now() - begun}.count();
}

[[nodiscard]] double median(std::vector<double> values);  // 0 if there are none

// Microseconds each. `percentile` sorts.
class latencies {
public:
    void add(steady::duration one);
    void add(latencies const& others);
    [[nodiscard]] double percentile_ms(double of_hundred);  // 100: the longest
    [[nodiscard]] std::size_t size() const noexcept { return us_.size(); }

private:
    std::vector<std::uint32_t> us_;
};

// What is counted lies between `from` and `to`; before is warming up.
struct window {
    steady::time_point from, to;

    [[nodiscard]] static window after(seconds warm_up, seconds length) {
        auto const from = steady::now() + std::chrono::duration_cast<steady::duration>(warm_up);
        return {from, from + std::chrono::duration_cast<steady::duration>(length)};
    }
    [[nodiscard]] bool holds(steady::time_point when) const { return when >= from && when < to; }
    [[nodiscard]] double length_s() const { return seconds{to - from}.count(); }
};

// Processor time that this process has used, user and system: what load beside it does not hide.
[[nodiscard]] double processor_s();

// The same of the calling thread.
[[nodiscard]] double thread_processor_s();

// After Ctrl-C: whoever loops ends, and the private server is stopped in good order.
void stop_on_signals();
[[nodiscard]] bool stop_wanted() noexcept;
void throw_if_stopped();  // errc::stopped

// One thread each of `work(0)` to `work(count - 1)`; throws the first failure when all have ended.
void run_threads(std::size_t count, std::function<void(std::size_t)> const& work);

}  // namespace recount::bench
