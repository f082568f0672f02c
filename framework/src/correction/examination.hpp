// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the parts of an application say of a plan: whether its contents can be read, and what a plan
// that was judged would do to the streams and their aggregates.
#pragma once

#include <vector>

#include <recount/app/application.hpp>
#include <recount/correction/preview.hpp>

#include "correction/imagined.hpp"

namespace recount::detail {

// An event may stand in a stream if its aggregate reads its type and version, and its description
// takes the payload.
[[nodiscard]] history::plan_rules rules_of(application_parts const& parts);

enum class examined : std::uint8_t { all, without_commands };
[[nodiscard]] std::vector<preview_stream> examine(application_parts const& parts,
                                                  history::judged_plan const& judged,
                                                  imagined const& history,
                                                  examined what = examined::all);

// Throws invariants_broken, or errc::refused for a state that could not be told any more.
void check_examined(std::vector<preview_stream> const& streams);
void check_judged(application_parts const& parts, history::judged_plan const& judged);

}  // namespace recount::detail
