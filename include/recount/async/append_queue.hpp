// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Commits that wait to be appended, and the one thread that appends them. `async_append`
// (recount/async/append.hpp) is how they come here.
//
//     recount::append_queue queue{log, {.waiting_max = 1'000}};
//
// The thread takes all that waits and appends it as one batch; what comes in meanwhile is the next.
// Before, it waits for those whom it answered together, as long as they come back one after the
// other: half a millisecond at most, and not at all for who comes alone.
// The log has a line of its own behind it (limits::append_waiting_…), where this thread is one caller
// among those that block. Two lines, because that one lives by its callers: they plan, send and
// wait on their own threads, which the thread of an io_context must not; and here a commit may be
// withdrawn, any log will do, and a flood of awaited appends fails before it fills the log's line.
// Thread safety: every function from any thread. Lifetimes: the log outlives the queue, and so
// does every executor that waits for it. Errors: errc::invalid_argument for a limit of zero.
#pragma once

#include <recount/async/waiting_line.hpp>
#include <recount/log/log.hpp>

namespace recount {

struct append_queue_options {
    // One commit more fails at once with errc::limit_exceeded, which is retryable.
    std::size_t waiting_max = 10'000;
    std::size_t commits_per_batch_max = 1'024;
};

namespace detail {

class append_work : public waiting_work {
public:
    explicit append_work(commit content) : content_{std::move(content)} {}
    [[nodiscard]] commit take_content() noexcept { return std::move(content_); }
    virtual void done(appended result) noexcept = 0;

private:
    commit content_;
};

}  // namespace detail

class append_queue {
public:
    explicit append_queue(log& to, append_queue_options const& options = {});
    // Appends what waits, and then returns.
    ~append_queue() = default;

    [[nodiscard]] std::size_t waiting() const { return line_.waiting(); }
    [[nodiscard]] detail::work_line& line() noexcept { return line_; }

private:
    detail::work_line line_;
};

}  // namespace recount
