// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The start-up packet of a session: what the caller's URL says, completed with timeouts, keepalives
// and the text forms that the rest of the library relies on. Settings that travel in the start-up
// packet hold for every transaction of the connection and survive SET ROLE and ROLLBACK.
#pragma once

#include <chrono>
#include <string>

#include <recount/postgres/session.hpp>

namespace recount::postgres::detail {

// A libpq keyword/value string. Throws errc::invalid_argument if the URL cannot be parsed; the
// sentence does not repeat the URL, which may hold a password.
[[nodiscard]] std::string connection_string(session_options const& options);

// Whether the URL or the environment may overrule `statement_timeout`; then the server is asked.
[[nodiscard]] bool sets_statement_timeout(session_options const& options);
inline constexpr query statement_timeout_set{
    "statement_timeout",
    "SELECT setting FROM pg_catalog.pg_settings WHERE name = 'statement_timeout'"};

// How long an answer may take where a statement may take `statement_timeout`; zero: for ever.
[[nodiscard]] std::chrono::milliseconds answer_time(session_options const& options,
                                                    std::chrono::milliseconds statement_timeout);
// The same while that is not known yet.
[[nodiscard]] std::chrono::milliseconds first_answer_time(session_options const& options);

}  // namespace recount::postgres::detail
