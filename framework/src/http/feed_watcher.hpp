// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// One thread that waits for the log to grow, for all followers of a server.
//
//     feed_watcher watcher{log, [&](position head) { … }};   // called on the watcher's thread
//     watcher.start();
//     watcher.followers(1);                                  // it sleeps while there are none
//     watcher.stop();                                        // and joins
//
// A log that fails is asked again, after pauses that grow.
// Thread safety: `followers` and `ask_to_stop` from any thread; start and stop from one.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include <recount/log/log.hpp>

namespace recount::http::detail {

class feed_watcher {
public:
    feed_watcher(recount::log& feed, std::function<void(position)> moved);
    ~feed_watcher();
    feed_watcher(feed_watcher const&) = delete;
    feed_watcher& operator=(feed_watcher const&) = delete;

    void start();
    void followers(std::size_t count);
    void ask_to_stop() noexcept;  // does not wait for it
    void stop() noexcept;

private:
    recount::log& feed_;
    std::function<void(position)> moved_;
    std::mutex mutex_;
    std::condition_variable change_;
    std::size_t followers_ = 0;
    bool stopping_ = false;
    std::thread thread_;

    void watch() noexcept;
    [[nodiscard]] bool wanted();
    [[nodiscard]] bool look(position& head) noexcept;
    void pause(std::chrono::milliseconds time);
};

}  // namespace recount::http::detail
