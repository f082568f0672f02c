// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What went wrong inside the server and no client is told: for the program's log.
#pragma once

#include <string_view>

namespace recount::http::detail {

// `event` is a stable name, "http.handler_failed"; the text may hold what the database said.
void report(std::string_view event, std::string_view text) noexcept;

}  // namespace recount::http::detail
