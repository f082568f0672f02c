// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Wakes those who wait for the log to grow: at once for appends of this process, by NOTIFY for
// those of others, and by a look every `poll_interval` when a notice was lost. One thread and one
// session for all waiters, started with the first of them. They listen on when nobody waits any
// more, since the server keeps notices for a session that does not read them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include <recount/log/event.hpp>
#include <recount/postgres/session.hpp>

#include "postgres/log_queries.hpp"

namespace recount::postgres {

class head_watch {
public:
    head_watch(session_options options, log_queries const& queries,
               std::chrono::milliseconds poll_interval);
    ~head_watch();
    head_watch(head_watch const&) = delete;
    head_watch& operator=(head_watch const&) = delete;

    void grown_to(position head);
    // `look` asks the server for the head: once, so that what was appended before the wait began
    // is not waited for.
    [[nodiscard]] position wait(position after, std::chrono::milliseconds timeout,
                                std::function<position()> const& look);

private:
    session_options options_;
    log_queries const& queries_;
    std::chrono::milliseconds poll_interval_;

    std::mutex mutex_;
    std::condition_variable news_;
    position head_ = 0;
    std::uint64_t growths_ = 0;  // told by appends of this process
    std::chrono::steady_clock::time_point seen_{};  // when `head_` was last seen to be so
    int waiting_ = 0;  // nobody waits: nothing is asked
    bool stopping_ = false;
    std::thread thread_;

    // What the server said, asked when `growths` had been told. It may be less than was known: a
    // log that was restored, or failed over, has lost its end.
    void looked(position head, std::uint64_t growths);
    [[nodiscard]] std::uint64_t growths();
    void listen();
    void listen_once();
    void doze(session& on);
    [[nodiscard]] bool stopping();
    [[nodiscard]] bool awaited();
};

}  // namespace recount::postgres
