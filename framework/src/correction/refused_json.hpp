// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Why a plan is refused, as the command line and HTTP tell it: a list, step by step.
#pragma once

#include <string>
#include <vector>

#include <recount/restructure/resolve.hpp>

namespace recount::detail {

// [{"step":0,"code":"unknown_target","detail":…,"concerning":[…]}]; no "step": the plan as a whole.
[[nodiscard]] std::string problems_json(std::vector<history::problem> const& problems);

}  // namespace recount::detail
