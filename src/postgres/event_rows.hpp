// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Rows of the log as events, and as the commits they are of.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include <recount/log/commit.hpp>
#include <recount/postgres/session.hpp>

namespace recount::postgres {

// The event in `row`, whose first column is `from` (log_queries.cpp has the order).
[[nodiscard]] recorded_event event_of(result const& rows, std::size_t row, std::size_t from = 0);
// The same but for the name of its stream, in whose place is an id.
[[nodiscard]] recorded_event event_without_stream(result const& rows, std::size_t row);
inline constexpr std::size_t stream_id_column = 1;

// The rows of the query `commits`, which stand in order of position; by the ids that it is given.
[[nodiscard]] std::map<uuid, remembered_commit> remembered_commits(result const& rows);
[[nodiscard]] std::string uuid_array(std::span<uuid const> ids);

// "\x" and 16 hexadecimal digits: microseconds, as timestamptz_send() has them. Throws
// errc::corrupted, also for a time that no timestamp holds (infinity).
[[nodiscard]] timestamp timestamp_of(std::string_view bytea);
// "\x" and 64 hexadecimal digits. Throws errc::corrupted.
[[nodiscard]] digest digest_of(std::string_view bytea);
[[nodiscard]] std::string bytea_of(digest const& hash);

}  // namespace recount::postgres
