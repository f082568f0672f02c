// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Heads of streams by a query, for those that the cache does not know.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <recount/postgres/session.hpp>

#include "log/batch.hpp"
#include "postgres/heads_cache.hpp"
#include "postgres/log_queries.hpp"

namespace recount::postgres {

// What append() raises when the log behind the URL is not the one that the heads are of.
inline constexpr std::string_view state_other_log = "RC001";

// Adds the heads of `streams` to `heads` and tells them to the cache; the end of the log that they
// hold at. Throws an error of SQLSTATE RC001, with the cache cleared, if the log is not the one
// that the cache is of.
log_end read_heads(session& on, log_queries const& queries, heads_cache& cache,
                   std::vector<std::string> const& streams, detail::known_heads& heads);

}  // namespace recount::postgres
