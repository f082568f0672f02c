// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The id of a store, if it is there, of this program's format, and migrated for it.
#pragma once

#include <cstddef>
#include <string>

#include <recount/core/uuid.hpp>
#include <recount/postgres/session.hpp>

namespace recount::postgres {

[[nodiscard]] std::string database_of(session_options options);   // its name; as the login

// Asks as the role of `options`. Whoever only reads needs no migration. Throws errc::refused.
[[nodiscard]] uuid store_identity(session_options const& options, std::string const& store,
                                  std::string const& schema, std::size_t migrations_needed = 0);

}  // namespace recount::postgres
