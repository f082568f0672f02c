// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/feed_watcher.hpp"

#include <algorithm>

#include <recount/core/logging_events.hpp>


namespace recount::http::detail {

using namespace std::chrono_literals;

namespace {

// How soon a stop is noticed while the log is still.
constexpr auto wait_max = 250ms;
constexpr auto pause_min = 100ms;
constexpr auto pause_max = 5'000ms;

}  // namespace

feed_watcher::feed_watcher(recount::log& feed, std::function<void(position)> moved)
    : feed_{feed}, moved_{std::move(moved)} {}
feed_watcher::~feed_watcher() { stop(); }

void feed_watcher::start() {
    thread_ = std::thread{[this] { watch(); }};
}

void feed_watcher::followers(std::size_t count) {
    {
        std::lock_guard const hold{mutex_};
        followers_ = count;
    }
    change_.notify_all();
}

void feed_watcher::ask_to_stop() noexcept {
    {
        std::lock_guard const hold{mutex_};
        stopping_ = true;
    }
    change_.notify_all();
}

void feed_watcher::stop() noexcept {
    ask_to_stop();
    if (thread_.joinable()) thread_.join();
}

// Sleeps until there is a follower; false when it is over.
bool feed_watcher::wanted() {
    std::unique_lock hold{mutex_};
    change_.wait(hold, [this] { return stopping_ || followers_ > 0; });
    return !stopping_;
}

void feed_watcher::pause(std::chrono::milliseconds time) {
    std::unique_lock hold{mutex_};
    change_.wait_for(hold, time, [this] { return stopping_; });
}

bool feed_watcher::look(position& head) noexcept {
    try {
        auto const found = feed_.wait(head, wait_max);
        if (found > head) moved_(found);
        head = std::max(head, found);
        return true;
    } catch (std::exception const& failure) {
        logging::tell("http.feed_failed", failure.what());
    } catch (...) {
        logging::tell("http.feed_failed", "unknown failure");
    }
    return false;
}

void feed_watcher::watch() noexcept {
    position head = 0;
    auto next_pause = pause_min;
    while (wanted()) {
        if (look(head)) {
            next_pause = pause_min;
        } else {
            pause(next_pause);
            next_pause = std::min(next_pause * 2, pause_max);
        }
    }
}

}  // namespace recount::http::detail
