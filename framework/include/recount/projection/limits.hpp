// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Limits of projections (docs/reference/limits.md). None can be changed at run time.
//
//     if (page.events.size() > recount::limits::projection_page_events_max) …
#pragma once

#include <cstddef>

namespace recount::limits {

// Told at once, from an event that stops an invertible projection to what makes another one of it.
inline constexpr std::size_t projection_page_events_max = 200'000;

}  // namespace recount::limits
