// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Sealed periods as JSON: for the command line and for HTTP.
#pragma once

#include <string>

#include <recount/log/seals.hpp>

namespace recount {

// {"category":…,"until":…,"by":…,"because":…,"sealed_at":…,"head":…}; without a category, and with
// "through", of a seal by position. Without "until" the category is open again.
[[nodiscard]] std::string to_json(recorded_seal const& seal);

}  // namespace recount
