// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Projections over the random logs of laws.hpp, one of each kind, and what their rows must be: told
// here from the oracle's corrected views, by hand and without anything that is tested.
//
//     for (auto const& one : followers()) {
//         CHECK(dump(*one.projection, rows) == one.rows_of(world));
//     }
//
// The text is that of row_dump.hpp: rows with their positions and groups.
#pragma once

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <recount/log/log.hpp>
#include <recount/projection/projection.hpp>

#include "support/restructure/world.hpp"

namespace recount::tests {

struct follower {
    projection_descriptor const* projection;
    std::function<std::string(world const&)> rows_of;   // at its head
};
[[nodiscard]] std::vector<follower> const& followers();

// The commits of a world from position `first` to `through` (and to the end of the commit there),
// appended as they are. The position that comes next.
position append_commits(recount::log& to, world const& from, position first = 1,
                        position through = std::numeric_limits<position>::max());

}  // namespace recount::tests
