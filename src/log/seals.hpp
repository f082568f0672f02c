// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What both backends say of seals, in the same words.
#pragma once

#include <optional>

#include <recount/core/error.hpp>
#include <recount/log/commit.hpp>
#include <recount/log/seals.hpp>

namespace recount::detail {

// What is wrong with a seal in itself.
[[nodiscard]] std::optional<error> defect_of(new_seal const& one);
[[nodiscard]] error beyond_the_log(position through, position head);
// The first event of a commit, recorded at `now`, that lies in a closed period.
[[nodiscard]] std::optional<error> sealed(commit const& one, seals_in_force const& seals,
                                          timestamp now);

}  // namespace recount::detail
