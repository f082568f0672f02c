// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A plan whose steps name each event: where one says by a rule which events are meant (dedupe,
// exclude_all, revert_causation) they are those that it means now. So what comes in until it is
// applied does not make another plan of it.
#pragma once

#include <optional>
#include <string>

#include <recount/app/application.hpp>

namespace recount::detail {

// Nothing for a plan that has no such steps, or would not be previewed as `hash` any more.
[[nodiscard]] std::optional<restructure> settled_plan(application& app, restructure const& plan,
                                                      std::string const& hash);

}  // namespace recount::detail
