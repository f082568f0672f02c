// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/notifier.hpp"

namespace recount::postgres {

notifier::notifier(pool& sessions, log_queries const& queries)
    : sessions_{sessions}, queries_{queries} {}

notifier::~notifier() {
    {
        std::lock_guard const hold{mutex_};
        stopping_ = true;
    }
    news_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void notifier::tell() {
    std::lock_guard const hold{mutex_};
    if (wanted_) return;
    wanted_ = true;
    if (!thread_.joinable()) {
        thread_ = std::thread{[this] { serve(); }};
    } else if (!resting_) {
        news_.notify_one();
    }
}

// What was appended just before the end is told, too.
void notifier::serve() {
    std::unique_lock hold{mutex_};
    for (;;) {
        news_.wait(hold, [&] { return wanted_ || stopping_; });
        if (!wanted_) return;
        wanted_ = false;
        resting_ = true;
        hold.unlock();
        send();
        hold.lock();
        news_.wait_for(hold, interval, [&] { return stopping_; });
        resting_ = false;
    }
}

void notifier::send() {
    try {
        sessions_.lend()->execute(queries_.notify);
    } catch (std::exception const&) {
        // The log has grown all the same; whoever waits looks again within its poll interval.
    }
}

}  // namespace recount::postgres
