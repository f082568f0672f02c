// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// `charges agree`, `charges run` and `charges list`: what a month costs, from the command line.
// Whoever wants it automatic lets cron run `charges run` on the first of each month.
#pragma once

#include <recount/recount.hpp>

namespace bank {

[[nodiscard]] std::vector<recount::verb> charge_verbs();

}  // namespace bank
