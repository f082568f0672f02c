// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The rows of the projections as they would be after a restructure: by what tells them when it is
// in the log, only that nothing is written.
#pragma once

#include <vector>

#include <recount/app/application.hpp>

#include "correction/imagined.hpp"

namespace recount::detail {

[[nodiscard]] std::vector<preview_projection> projections_after(application& app,
                                                                imagined const& history);

}  // namespace recount::detail
