// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Tells other processes that the log has grown, beside the appends and not as part of them: a
// notice in an append's own transaction would hold a lock of the whole cluster until it is on disk.
// The first append after a pause is told at once, the rest of a rush once in `interval`. A notice
// that is lost costs nothing but time: who waits looks again by itself.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <recount/postgres/session.hpp>

#include "postgres/log_queries.hpp"

namespace recount::postgres {

class notifier {
public:
    notifier(pool& sessions, log_queries const& queries);
    ~notifier();
    notifier(notifier const&) = delete;
    notifier& operator=(notifier const&) = delete;

    // From any thread. Does not wait.
    void tell();

private:
    static constexpr std::chrono::milliseconds interval{10};

    pool& sessions_;
    log_queries const& queries_;
    std::mutex mutex_;
    std::condition_variable news_;
    bool wanted_ = false;
    bool resting_ = false;  // within the interval: looks at `wanted_` by itself when it is over
    bool stopping_ = false;
    std::thread thread_;

    void serve();
    void send();
};

}  // namespace recount::postgres
