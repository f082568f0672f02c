// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Every limit of the framework by name (docs/reference/limits.md). What is given and beyond one is
// refused with errc::limit_exceeded and a sentence that states both; a cache keeps less instead.
//
//     if (payload.size() > recount::limits::payload_bytes_max) …
//
// Units are in the names: bytes, events, streams; else counts. None can be changed at run time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace recount::limits {

inline constexpr std::size_t json_depth_max = 64;
inline constexpr std::size_t json_bytes_max = 4U << 20U;            // one JSON text that is read
inline constexpr std::size_t payload_bytes_max = 1U << 20U;         // one event's payload
inline constexpr std::size_t type_bytes_max = 200;                  // a stored event name
inline constexpr std::size_t category_bytes_max = 63;
inline constexpr std::size_t stream_id_bytes_max = 200;
inline constexpr std::size_t commit_events_max = 32'767;            // rows of one commit
// The server takes no value of 1 GB, and JSON grows by its escapes in an array literal.
inline constexpr std::size_t commit_bytes_max = 128U << 20U;
inline constexpr std::size_t batch_events_max = 65'536;             // rows of one transaction
// A batch of appends takes no further commit beyond these: the position lock is held for as long as
// its rows are written. A single commit may be larger.
inline constexpr std::size_t append_batch_events = 4'096;
inline constexpr std::size_t append_batch_bytes = 16U << 20U;
inline constexpr std::size_t append_waiting_commits_max = 65'536;   // for their batch, a process
inline constexpr std::size_t append_waiting_bytes_max = 256U << 20U;
inline constexpr std::size_t page_events_max = 32'767 + 8'192;      // rows of one page read
inline constexpr std::size_t page_events_default = 2'048;
inline constexpr std::size_t cached_heads_max = 65'536;             // streams
inline constexpr std::size_t cached_types_max = 1'000;              // of events
inline constexpr std::size_t counted_streams_max = 10'000;          // of a category, in a list
inline constexpr std::size_t warm_states_max = 65'536;              // of aggregates, by default
inline constexpr std::size_t warm_bytes_max = 256U << 20U;          // of these, as estimated
inline constexpr std::size_t snapshot_bytes_max = 4U << 20U;        // a larger state has none
inline constexpr int append_attempts_max = 16;                      // against a moving tail
inline constexpr int dispatch_attempts_max = 8;                     // load, decide, append
inline constexpr int bulk_attempts_max = 64;                        // of a command in a bulk run
inline constexpr int statement_attempts_max = 5;                    // 40001, 40P01
inline constexpr std::size_t restructure_operations_max = 32'767;   // of one restructure
inline constexpr std::size_t place_steps_max = 64;                  // in the order tree
inline constexpr std::size_t plan_problems_max = 100;               // told of one refused plan
inline constexpr std::size_t refold_rows_kept = 100'000;            // of streams, a projection
inline constexpr std::uint16_t slices = 1'024;

}  // namespace recount::limits
