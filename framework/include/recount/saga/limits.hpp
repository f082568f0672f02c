// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Limits of sagas (docs/reference/limits.md). None can be changed at run time.
//
//     if (outputs.size() > recount::limits::saga_outputs_max) …
#pragma once

#include <chrono>
#include <cstddef>

namespace recount::limits {

inline constexpr std::size_t saga_name_bytes_max = 55;
inline constexpr std::size_t saga_timer_name_bytes_max = 200;
inline constexpr std::size_t saga_outputs_max = 1'000;          // of one reaction
inline constexpr std::size_t saga_instances_warm_max = 65'536;  // kept in memory, a saga
inline constexpr std::size_t saga_streams_at_once = 1'024;      // read by one query
inline constexpr std::size_t saga_commands_at_once = 1'024;     // claimed by one query
inline constexpr std::size_t saga_timers_at_once = 1'024;       // that are due, a look
inline constexpr int saga_pages_unwritten_max = 16;             // until the tables are told
inline constexpr std::size_t saga_rows_unwritten_max = 1'024;   // likewise: instances, timers
inline constexpr int saga_attempts_max = 16;                    // of a page against conflicts
inline constexpr int saga_rounds_max = 100'000;                 // until all sagas are quiet
// A worker that is gone keeps its commands for so long from the others.
inline constexpr std::chrono::milliseconds saga_lease{10'000};

}  // namespace recount::limits
