// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Commands that wait to be dispatched, reads that wait to be made, and the threads that do both.
// `async_dispatch` and `async_read` (recount/async/dispatch.hpp) are how they come here.
//
//     recount::dispatch_queue queue{bank, {.workers = 2}};
//
// A worker takes all that waits for it and runs it as one batch: many streams are loaded and
// appended together, and states are kept from batch to batch. What such a state would refuse is
// decided again on a fresh one, so other writers may be at work. All commands to one stream go to
// one worker, in the order in which they came.
// Thread safety: every function from any thread. Lifetimes: the application outlives the queue, and
// so does every executor that waits for it. Errors: errc::invalid_argument for a limit of zero.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <recount/app/application.hpp>
#include <recount/async/waiting_line.hpp>

namespace recount {

struct dispatch_queue_options {
    // Of one worker, and of all readers together. One more fails at once with
    // errc::limit_exceeded, which is retryable.
    std::size_t waiting_max = 10'000;
    std::size_t commands_per_batch_max = 512;
    std::size_t workers = 2;          // threads that decide and append
    std::size_t readers = 2;          // threads of async_read
};

namespace detail {

class dispatch_work : public waiting_work {
public:
    virtual void done(outcome result) noexcept = 0;
    [[nodiscard]] command_call const& call() const noexcept { return call_; }

protected:
    command_call call_{};
};

class read_work : public waiting_work {
public:
    // Reads, and tells of it or of the failure.
    virtual void read(application& from) noexcept = 0;
};

}  // namespace detail

class dispatch_queue {
public:
    explicit dispatch_queue(application& of, dispatch_queue_options const& options = {});
    // Finishes what waits, and then returns.
    ~dispatch_queue() = default;

    [[nodiscard]] std::size_t waiting() const;
    [[nodiscard]] application& app() noexcept { return *app_; }
    // The line of the worker that the stream of this call belongs to.
    [[nodiscard]] detail::work_line& line_of(command_call const& call);
    [[nodiscard]] detail::work_line& reads() noexcept { return *reads_; }

private:
    application* app_;
    std::vector<std::unique_ptr<detail::work_line>> workers_;
    std::unique_ptr<detail::work_line> reads_;
};

}  // namespace recount
