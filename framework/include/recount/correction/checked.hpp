// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// For programs that correct much by themselves: what apply would refuse, without the rest of a
// preview; and apply on a condition of one's own, in place of a preview's hash.
//
//     recount::check_plan(bank, plan);                                   // throws, or it would go
//     recount::apply_checked(bank, plan, [&](auto const& judged) {
//         if (corrected_since(judged.seen, version)) throw recount::error{…};
//     });
//
// Thread safety: from any thread. Lifetimes: the condition is called during the call only. Errors:
// those of application::apply, and what the condition throws. Cost: that of the plan's streams; no
// row of a projection is told.
#pragma once

#include <functional>
#include <string>

#include <recount/app/application.hpp>

namespace recount {

// The hash that a preview would have. Throws as apply would do now; writes nothing.
std::string check_plan(application& app, restructure const& plan);

// Called with what will be appended, as long as nobody else can restructure; throws to refuse.
using plan_condition = std::function<void(history::judged_plan const&)>;
restructured apply_checked(application& app, restructure const& plan,
                           plan_condition const& condition,
                           restructure_options const& options = {});

}  // namespace recount
