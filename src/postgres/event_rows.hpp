// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Rows of the log as events.
#pragma once

#include <recount/log/event.hpp>
#include <recount/postgres/session.hpp>

namespace recount::postgres {

// The event in `row`, whose first column is `from` (log_queries.cpp has the order).
[[nodiscard]] recorded_event event_of(result const& rows, std::size_t row, std::size_t from = 0);

// "\x" and 64 hexadecimal digits. Throws errc::corrupted.
[[nodiscard]] digest digest_of(std::string_view bytea);
[[nodiscard]] std::string bytea_of(digest const& hash);

}  // namespace recount::postgres
