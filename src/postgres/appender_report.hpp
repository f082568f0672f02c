// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the appender tells of attempts that came to nothing, and of callers written together.
#pragma once

#include <cstddef>

#include <recount/core/error.hpp>
#include <recount/log/event.hpp>

namespace recount::postgres {

void tell_group(std::size_t callers, std::size_t commits);
void tell_moved(position known_at, std::size_t streams, int attempt);
void tell_retried(error const& failure, std::size_t commits, int attempt);
void tell_halved(error const& failure, std::size_t commits);
void tell_given_up(error const& failure, std::size_t commits);

}  // namespace recount::postgres
