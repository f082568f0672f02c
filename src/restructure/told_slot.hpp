// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A row as it is told to those who follow the log: as its slot will be told when it is corrected,
// so that what takes it back says the same.
#pragma once

#include <cstdint>

#include <recount/log/event.hpp>
#include <recount/restructure/operation.hpp>

namespace recount::history::detail {

inline void make_told(recorded_event& row) {
    row.effective_at = row.effective();
    row.command.reset();
}

// What no operation wrote stands behind all that operations can have. So does a row of the
// framework's own streams in any commit: whether it is in the company of a restructure cannot be
// seen where a filter hides that.
inline constexpr std::uint32_t operations_end = 2 * limits::restructure_operations_max + 2;
[[nodiscard]] inline std::uint32_t told_ordinal_of(recorded_event const& row) {
    auto const ordinal = ordinal_of(row.id);
    return row.stream.starts_with('$') ? operations_end + ordinal : ordinal;
}

}  // namespace recount::history::detail
