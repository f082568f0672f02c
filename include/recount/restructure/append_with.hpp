// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A restructure in one commit with events of the framework's own, such as the approval that it was
// appended by: both are written, or neither.
//
//     history::plan_company approval;
//     approval.events.push_back({of_proposal, "$proposal.approved", 1, payload, {}});
//     approval.expectations.push_back({of_proposal, expectation::exactly(1)});
//     auto const done = history::append_plan_with(log, plan, options, approval);
//
// The events stand behind the rows of the restructure: its position is that of its first row, which
// is the first of the commit.
// Errors: those of append_plan; errc::conflict for an expectation that does not hold. Thread
// safety: from any thread. Lifetimes: what is given is needed during the call only. Cost: as
// append_plan.
#pragma once

#include <vector>

#include <recount/restructure/append.hpp>

namespace recount::history {

struct plan_company {
    std::vector<new_event> events{};                 // of types that begin with $
    std::vector<stream_expectation> expectations{};
};
[[nodiscard]] appended append_plan_with(log& to, recount::restructure const& plan,
                                        append_options const& options,
                                        plan_company const& company);

}  // namespace recount::history
