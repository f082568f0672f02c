// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Trying again: whether it helps, the pause before it, and what is said when it did not help.
#pragma once

#include <chrono>

#include <recount/core/error.hpp>

namespace recount::postgres {

// True for a serialization failure and a deadlock: the whole transaction may be run again.
[[nodiscard]] bool ran_into_another(error const& failure);

// Sleeps for `first`, doubled `attempt` times up to a bound, or for down to half of that: who ran
// into each other once should not do so again.
void pause_before(int attempt, std::chrono::milliseconds first);

// An append was sent, its connection lost, and the attempts to find out more have failed as well,
// the last one so.
[[nodiscard]] error append_in_doubt(error const& last);

}  // namespace recount::postgres
