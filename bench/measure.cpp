// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "measure.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <csignal>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>

#include <recount/core/error.hpp>

namespace recount::bench {

namespace {

std::atomic<bool> stop{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

}  // namespace

namespace {

double processor_s_of(int whom) {
    rusage used{};
    if (::getrusage(whom, &used) != 0) return 0;
    auto const all = [](timeval const& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return all(used.ru_utime) + all(used.ru_stime);
}

}  // namespace

double processor_s() { return processor_s_of(RUSAGE_SELF); }
double thread_processor_s() { return processor_s_of(RUSAGE_THREAD); }

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    auto const middle = values.size() / 2;
    if (values.size() % 2 == 1) return values[middle];
    return (values[middle - 1] + values[middle]) / 2;
}

void latencies::add(steady::duration one) {
    auto const us = std::chrono::duration_cast<std::chrono::microseconds>(one).count();
    us_.push_back(static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(us, 0, std::numeric_limits<std::uint32_t>::max())));
}

void latencies::add(latencies const& others) {
    us_.insert(us_.end(), others.us_.begin(), others.us_.end());
}

double latencies::percentile_ms(double of_hundred) {
    if (us_.empty()) return 0;
    std::sort(us_.begin(), us_.end());
    auto const last = static_cast<double>(us_.size() - 1);
    auto const index = static_cast<std::size_t>(std::ceil(last * of_hundred / 100));
    return us_[index] / 1e3;
}

void stop_on_signals() {
    auto const wish = [](int) { stop = true; };
    std::signal(SIGINT, wish);
    std::signal(SIGTERM, wish);
}

bool stop_wanted() noexcept { return stop; }

void throw_if_stopped() {
    if (stop) throw error{errc::stopped, "stopped"};
}

void run_threads(std::size_t count, std::function<void(std::size_t)> const& work) {
    std::mutex mutex;
    std::exception_ptr failure;
    {
        std::vector<std::jthread> threads;
        threads.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            threads.emplace_back([&, i] {
                try {
                    work(i);
                } catch (...) {
                    std::lock_guard const hold{mutex};
                    if (!failure) failure = std::current_exception();
                }
            });
        }
    }
    if (failure) std::rethrow_exception(failure);
    throw_if_stopped();
}

}  // namespace recount::bench
