// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The start-up packet of a session: what the caller's URL says, completed with timeouts, keepalives
// and the text forms that the rest of the library relies on. Settings that travel in the start-up
// packet hold for every transaction of the connection and survive SET ROLE and ROLLBACK.
#pragma once

#include <string>

#include <recount/postgres/session.hpp>

namespace recount::postgres::detail {

// A libpq keyword/value string. Throws errc::invalid_argument if the URL cannot be parsed; the
// sentence does not repeat the URL, which may hold a password.
[[nodiscard]] std::string connection_string(session_options const& options);

// Whether the URL or the environment may overrule `statement_timeout`.
[[nodiscard]] bool sets_statement_timeout(session_options const& options);

}  // namespace recount::postgres::detail
