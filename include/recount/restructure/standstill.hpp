// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// How often log::append_restructure has a commit made, and how what makes it asks that nobody else
// appends meanwhile.
//
//     log.append_restructure([&, first = true]() mutable {
//         if (std::exchange(first, false)) throw wants_standstill{};
//         if (log.head().position != wanted) throw out_of_place();   // nor will it move till then
//         return one;
//     });
//
// A commit whose expectations do not hold any more when it is to be written is made again. What is
// made for the last time is made while nobody can append, so a stream that others append to all
// the time keeps nobody from restructuring it. All writers of the store wait so long: at most
// standstill_ms_max, then it is errc::timed_out.
// Thread safety: values.
#pragma once

#include <cstdint>

namespace recount {

namespace limits {

inline constexpr int restructure_makings_max = 4;   // the last of them at a standstill
inline constexpr std::int64_t standstill_ms_max = 10'000;

}  // namespace limits

// Thrown by what is called: call again while nobody can append. At a standstill it is a defect.
struct wants_standstill {};

}  // namespace recount
