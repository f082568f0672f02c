// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the worker of effects tells: lines and counts, by type and result.
#pragma once

#include <chrono>
#include <string_view>

#include "effects/runner.hpp"

namespace recount::detail {

// Of one call of a handler. The line has the correlation of the message, if it has one.
void tell_attempt(outbox_message const& m, effect_runner::outcome const& what,
                  std::chrono::steady_clock::duration elapsed);
// The first of several in a row.
void tell_outbox_failed(std::string_view why);

}  // namespace recount::detail
