// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Runs one saga or reactor: follows the feed, lets it react, fires its timers, sends its commands.
//
//     auto done = run_saga(saga_of<transfer>(), {log, store, dispatcher, aggregates, "bank 1.0"},
//                          {.until_quiet = true});
//     if (done.commands > 0) say("commands were sent, so there is more to read");
//
// `recount::application` runs all of them; this is what it and its followers call. Several
// programs may run the same saga at the same time: each step is done once.
// Thread safety: a call belongs to one thread. Lifetimes: refers to all that it is given.
// Errors: what does not pass by itself: errc::corrupted when the log is not the one that the tables
// were written from, errc::unknown_type for a version of an event that the program does not know.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include <recount/command/dispatcher.hpp>
#include <recount/saga/descriptor.hpp>
#include <recount/saga/saga_store.hpp>

namespace recount {

struct saga_surroundings {
    recount::log& log;
    saga_store& store;
    recount::dispatcher& dispatcher;
    std::span<aggregate_descriptor const* const> aggregates;   // that take its commands
};

struct saga_run_options {
    // Stop when the feed is read, no timer is due and no command waits that could be sent; else
    // go on until told to stop.
    bool until_quiet = false;
    std::size_t page_events = limits::page_events_default;
    int failures_max = 5;                       // in a row, until quiet; following: no limit
    std::chrono::milliseconds pause_first{50};  // doubled by each failure …
    std::chrono::milliseconds pause_max{5'000};
};

// What a run spends its time on.
enum class saga_stage : std::uint8_t {
    feed,        // reading it, and checkpoints
    instances,   // reading their streams
    deciding,    // routes, reactions, verdicts; no reading or writing
    steps,       // appending them to the log
    tables,      // writing what is still to be done
    looking,     // for timers that are due, and commands that wait
    commands,    // sending them
    waiting,     // for news, or after a failure
};

struct saga_run_hooks {
    std::function<void(position)> progress;     // after each page; after a pause, when it goes on
    std::function<bool()> stop_wanted;
    std::function<void(error const&)> paused;   // a failure that may pass
    // How long something took, each time, on the thread of the run.
    std::function<void(saga_stage, std::chrono::nanoseconds)> took{};
};

struct saga_run {
    std::uint64_t inputs = 0;      // events of the feed, and operators' acts, that concerned it
    std::uint64_t timers = 0;      // that were due
    std::uint64_t commands = 0;    // that were sent, repetitions included
    position through = 0;          // the feed was read up to here

    [[nodiscard]] bool did_anything() const noexcept { return inputs + timers + commands > 0; }
};

saga_run run_saga(saga_descriptor const& saga, saga_surroundings const& in,
                  saga_run_options const& options, saga_run_hooks const& hooks = {});

}  // namespace recount
