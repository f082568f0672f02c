// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// JSON of previews and restructures, member by member.
#pragma once

#include <string>

#include <fmt/format.h>

#include <recount/describe/json_members.hpp>
#include <recount/restructure/entry.hpp>

namespace recount::detail {

// The resolved operations as the log has them, as a list.
[[nodiscard]] std::string operations_json(history::restructure_payload const& payload,
                                          position own);

}  // namespace recount::detail
