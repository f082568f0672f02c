// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A thread for each part of an application that follows the log, from start to end.
//
//     follower_threads threads;
//     threads.start({"balances", "totals"}, [&](std::size_t part) { follow(part); });
//     …
//     threads.stop();
//
// What a part throws is kept as its failure, and the part is followed anew a few seconds later; the
// others go on meanwhile. A part that comes back is followed anew at once.
// Thread safety: every function from any thread, but start() and stop() from one. Lifetimes: what
// `follow` refers to outlives stop().
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace recount::detail {

class follower_threads {
public:
    // A runner's pauses are no longer than this: stop() waits for them.
    static constexpr std::chrono::milliseconds pause_max{500};

    follower_threads() = default;
    ~follower_threads() { stop(); }
    follower_threads(follower_threads const&) = delete;
    follower_threads& operator=(follower_threads const&) = delete;

    void start(std::vector<std::string> const& names, std::function<void(std::size_t)> follow);
    // Comes back when all have ended; `follow` is to ask stopping().
    void stop() noexcept;
    [[nodiscard]] bool stopping() const noexcept { return stopping_; }

    // Why a part stands still; empty: it does not.
    void say(std::size_t part, std::string sentence);
    // Names and sentences of those that stand still, in their order.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> failures() const;

    // Wakes those that wait.
    void moved() noexcept { news_.notify_all(); }
    void wait_until(std::chrono::steady_clock::time_point at) const;

private:
    struct follower {
        std::string name;
        std::string failure;   // empty: none
        std::thread thread;
    };
    std::function<void(std::size_t)> follow_;
    std::atomic<bool> stopping_{false};
    mutable std::mutex mutex_;                  // of the failures, and of waiting
    mutable std::condition_variable news_;
    std::vector<std::unique_ptr<follower>> list_;

    void run(std::size_t part);
};

}  // namespace recount::detail
