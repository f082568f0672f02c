// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Group commit: appends that come in while a batch is being written are collected and written
// together by the next. There is no thread of its own: the first caller that finds nobody writing
// writes for all who wait, its own commits among them.
//
// Without it, appenders of one process would only outrun each other at the position lock: each
// time one wins, what the others planned is stale.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <vector>

#include <recount/log/commit.hpp>

namespace recount::detail {

class group_commit {
public:
    // Results in order; called by one thread at a time.
    using write_function =
        std::function<std::vector<append_result>(std::span<commit const* const>)>;

    explicit group_commit(write_function write) : write_{std::move(write)} {}

    // Throws what the write threw.
    [[nodiscard]] std::vector<append_result> append(std::span<commit const> commits);
    [[nodiscard]] std::size_t waiting() const;  // calls that are not being written yet

private:
    struct caller {
        std::span<commit const> commits;
        std::vector<append_result> results;
        std::exception_ptr failure;
        bool done = false;
    };

    write_function write_;
    mutable std::mutex mutex_;
    std::condition_variable news_;
    std::deque<caller*> queue_;
    bool writing_ = false;

    void write_next(std::unique_lock<std::mutex>& hold);
};

}  // namespace recount::detail
