// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The id of a store, if it is there and of this program's format.
#pragma once

#include <string>

#include <recount/core/uuid.hpp>
#include <recount/postgres/session.hpp>

namespace recount::postgres {

[[nodiscard]] std::string database_of(session_options options);   // its name; as the login

// Asks as the role of `options`. Throws errc::refused.
[[nodiscard]] uuid store_identity(session_options const& options, std::string const& store,
                                  std::string const& schema);

}  // namespace recount::postgres
