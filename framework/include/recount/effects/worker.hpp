// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Sends effects as they come due: claims them, calls their handlers on a few threads, and notes
// what became of them. Any number of workers, in any number of programs, share one outbox.
//
//     recount::effect_worker worker{app.saga_tables(), app.parts().effects};
//     …                                  // `serve` has one for each store
//     worker.stop();                     // finishes what is being sent, gives back the rest
//
// A handler that fails is tried again after a pause that doubles, at most `attempts_max` times;
// then the effect is dead until somebody replays it. Effects of one order key wait for each other.
// What this process enters or replays through the same store object wakes the worker; what others
// enter it finds at its next look.
// Thread safety: every function from any thread. Lifetimes: the store outlives it; handlers are
// copied. Errors: none; while the store fails the worker tries again, and `failure` says why.
// Cost: two small queries every `look_again` while there is nothing to do.
#pragma once

#include <memory>
#include <string>

#include <recount/effects/handler.hpp>

namespace recount {

struct effect_worker_options {
    std::size_t threads = 4;
    int attempts_max = 15;                              // with these pauses: about half a day
    std::chrono::milliseconds pause_first{1'000};       // doubled by each attempt …
    std::chrono::milliseconds pause_max{3'600'000};
    std::chrono::milliseconds asked_pause_max{86'400'000};   // that a handler may ask for
    std::chrono::milliseconds lease{60'000};            // longer than any handler takes
    std::chrono::milliseconds look_again{250};
};

class effect_worker {
public:
    // Throws errc::invalid_argument for no threads or no attempts. Does nothing without handlers.
    effect_worker(saga_store& store, effect_handlers handlers, effect_worker_options options = {});
    ~effect_worker();
    effect_worker(effect_worker const&) = delete;
    effect_worker& operator=(effect_worker const&) = delete;

    // There may be something new that the store object does not know of: looks at once.
    void nudge() noexcept;
    // Comes back when what is being sent has ended. The rest waits for another worker.
    void stop() noexcept;
    // Why the store cannot be used at the moment; empty: it can.
    [[nodiscard]] std::string failure() const;

private:
    struct implementation;
    std::unique_ptr<implementation> self_;
};

}  // namespace recount
