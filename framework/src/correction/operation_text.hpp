// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The resolved operations of a restructure, a line each, aligned.
#pragma once

#include <string>

#include <recount/restructure/entry.hpp>

namespace recount::detail {

[[nodiscard]] std::string operations_text(history::restructure_payload const& payload);

}  // namespace recount::detail
