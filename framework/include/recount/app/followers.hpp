// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Keeps every projection of a running program up to date: a thread a projection, from start to end.
//
//     recount::projection_followers followers{app};
//     auto done = app.dispatch(command);
//     if (!followers.wait_until(projection, done.value().position, 1s)) say("not yet");
//
// A projection that fails does not stop the others. It is tried again every few seconds, because a
// rebuild mends what a restart would not; until then `failures` has its sentence. The view of a
// projection is pointed at this version's table when that has caught up with the head found at the
// start, so that a new version never shows readers a table that is half filled.
// Thread safety: every function from any thread. Lifetimes: the application outlives it. Several
// programs may follow the same tables: the checkpoints let one of them write at a time.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <recount/app/application.hpp>

namespace recount {

class projection_followers {
public:
    explicit projection_followers(application& app);
    ~projection_followers();
    projection_followers(projection_followers const&) = delete;
    projection_followers& operator=(projection_followers const&) = delete;

    // Each follower finishes its page. Comes back when all have ended, within about a second.
    void stop() noexcept;

    // True as soon as the rows hold everything up to `at`, false after `timeout`. It does
    // not matter who writes them: the checkpoint is asked.
    [[nodiscard]] bool wait_until(projection_descriptor const& p, position at,
                                  std::chrono::milliseconds timeout) const;

    struct failure {
        std::string projection;
        std::string sentence;
    };
    // Those that stand still at the moment, in the order of the parts.
    [[nodiscard]] std::vector<failure> failures() const;

private:
    struct implementation;
    std::unique_ptr<implementation> self_;
};

}  // namespace recount
