// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Keeps a private PostgreSQL up while it lives: one that was killed is started again. (Any other
// server is somebody else's to start.)
//
//     database_guard const guard{call};
//
// Thread safety: a thread of its own, which ends with it; `verb.hpp` says what it may do beside the
// verb. Lifetimes: the call outlives it, and its application is open before.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <recount/app/verb.hpp>

namespace recount {

class database_guard {
public:
    explicit database_guard(verb_call& call);
    ~database_guard();
    database_guard(database_guard const&) = delete;
    database_guard& operator=(database_guard const&) = delete;

private:
    std::mutex mutex_;
    std::condition_variable end_;
    bool ended_ = false;
    std::thread thread_;   // last: it uses the others

    [[nodiscard]] bool ended_within(std::chrono::milliseconds time);
};

}  // namespace recount
