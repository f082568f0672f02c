// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The runner of one projection as a state machine without I/O: what happened goes in, what to do
// next comes out. `run_projection` performs the actions on a log and a row store.
//
//     projection_runner runner{{.until = 100}};
//     auto next = runner.start();                         // read_checkpoint
//     next = runner.on_checkpoint(checkpoint);            // read_hash, or read_page from 0
//     …
//
// Thread safety: one thread.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include <recount/log/log.hpp>
#include <recount/projection/row_store.hpp>

namespace recount {

struct runner_options {
    // Stop when everything up to here is in the rows; nothing: follow the log until told to stop.
    std::optional<position> until;
    std::size_t page_events = limits::page_events_default;
    int failures_max = 5;                       // in a row, without progress; following: no limit
    std::chrono::milliseconds pause_first{50};  // doubled by each failure …
    std::chrono::milliseconds pause_max{5'000};
};

class projection_runner {
public:
    enum class action_kind : std::uint8_t {
        read_checkpoint,
        read_hash,    // of the event at `after`: is this the log that the rows were made from?
        read_page,    // `limit` positions after `after`
        apply_page,   // write rows and checkpoint, from `checkpoint_now()` to the page's end
        wait_for_news,
        pause,        // for `pause`, after a failure that may pass
        done,
        fail,         // throw `failure()`
    };
    struct action {
        action_kind kind;
        position after = 0;
        std::size_t limit = 0;
        std::chrono::milliseconds pause{0};
    };

    explicit projection_runner(runner_options options) : options_{options} {}

    [[nodiscard]] action start();
    [[nodiscard]] action on_checkpoint(checkpoint const& found);
    [[nodiscard]] action on_hash(std::optional<digest> const& found);
    [[nodiscard]] action on_page(feed_page const& page);
    // False: someone else moved the checkpoint.
    [[nodiscard]] action on_written(bool written, checkpoint const& now);
    [[nodiscard]] action on_news();
    [[nodiscard]] action on_pause_over();
    [[nodiscard]] action on_failure(error const& failure);
    [[nodiscard]] action on_stop();

    [[nodiscard]] checkpoint const& checkpoint_now() const noexcept { return checkpoint_; }
    [[nodiscard]] error const& failure() const { return *failure_; }
    [[nodiscard]] int failures() const noexcept { return failures_; }   // in a row

private:
    runner_options options_;
    checkpoint checkpoint_;
    std::optional<error> failure_;
    int failures_ = 0;
    bool stopping_ = false;

    [[nodiscard]] action next_page();
};

namespace history {
class stream_folds;
}

// Tells the events of one page to the projection and writes the rows. False: overtaken. With the
// folds of the log that they are of, restructures are told too; else they are passed over.
[[nodiscard]] bool apply_page(projection_descriptor const& p, row_store& rows, table_build build,
                              checkpoint const& from, checkpoint const& to,
                              std::vector<recorded_event> const& events,
                              history::stream_folds* folds = nullptr);

struct projection_run {
    std::uint64_t events = 0;      // of the log that were told
    std::uint64_t restructures = 0;
    // What restructures cost: the rows of the streams they touch, and of those their groups have.
    std::uint64_t events_read_for_refold = 0;
    position through = 0;          // the rows hold everything up to here
};
struct projection_run_hooks {
    std::function<void(position)> progress;   // after each page
    std::function<bool()> stop_wanted;
};
// Runs until `options.until` (or until stopped). Throws what the runner could not get over:
// errc::corrupted when the log is not the one that the rows were made from.
projection_run run_projection(log& from, row_store& rows, projection_descriptor const& p,
                              table_build build, runner_options const& options,
                              projection_run_hooks const& hooks = {});

}  // namespace recount
