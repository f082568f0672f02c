// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What an append tells, whichever backend writes it: counts, and lines where they are wanted.
#pragma once

#include <chrono>
#include <span>

#include <recount/log/commit.hpp>

#include "log/batch.hpp"

namespace recount::detail {

// Of a batch that is in the log: its rows have the positions base + 1, base + 2 …
void tell_batch(std::span<commit const* const> commits, planned_batch const& batch, position base,
                std::chrono::steady_clock::time_point began);
// Of a commit that was refused for good.
void tell_conflict(commit const& one, error const& conflict);

}  // namespace recount::detail
