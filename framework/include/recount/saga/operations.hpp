// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What an operator does with instances of sagas: looks at one step by step, has it resumed, ends it.
//
//     for (auto const& step : instance_steps(log, "transfer", "t-1").steps) say(step.text);
//     resume_instance(log, "transfer", "t-1", {.actor = "ada", .because = "account opened again"});
//
// An act is an event in the stream of the instance, with its actor and reason. The saga's runner
// meets it in the feed and does the rest: of a resumed instance, what waited is reacted to in order,
// and its command that was refused is sent again; of one that was ended, timers are cancelled and
// commands that still wait are withdrawn.
// Errors: errc::not_found for an instance that there is not; errc::refused to resume one that is not
// parked, or to end one that has ended; errc::invalid_argument for an act without a reason;
// errc::conflict if the instance moved on meanwhile. Thread safety: pure but for the log.
// Cost: the rows of the stream.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recount/log/log.hpp>
#include <recount/saga/saga_store.hpp>

namespace recount {

struct saga_act {
    std::string actor{};
    std::string because;
    // Makes the act idempotent; without, a fresh id is made.
    std::optional<uuid> id{};
};

struct saga_step {
    recount::version version = 0;
    recount::position position = 0;
    timestamp recorded_at{};
    std::string type;              // "$saga.reacted"
    std::string text;              // for a person: "transfer.requested -> account.debit"
    std::string actor{};           // of an act
    std::string payload;           // as stored
};

struct saga_steps {
    saga_status status = saga_status::running;
    std::string because{};         // why it is parked, or was ended by hand
    std::size_t waiting = 0;       // inputs that came in while it was parked
    std::vector<saga_step> steps;
};

[[nodiscard]] saga_steps instance_steps(log& from, std::string_view saga,
                                        std::string_view instance);
appended resume_instance(log& to, std::string_view saga, std::string_view instance,
                         saga_act const& act);
appended end_instance(log& to, std::string_view saga, std::string_view instance,
                      saga_act const& act);

// {"version":…,"position":…,"recorded_at":…,"type":…,"text":…,"actor":…,"payload":…}
[[nodiscard]] std::string to_json(saga_step const& step);
// {"saga":…,"instance":…,"status":…,"version":…,"updated_at":…,"because":…}
[[nodiscard]] std::string to_json(saga_instance const& one);

}  // namespace recount
