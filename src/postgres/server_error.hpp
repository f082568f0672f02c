// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// From what the server said to recount::error: which code, whether trying again helps, and a
// sentence that names the statement and the kind of failure but repeats no text of the server.
#pragma once

#include <string>
#include <string_view>

#include <recount/core/error.hpp>

namespace recount::postgres::detail {

// The connection stands; the statement failed.
[[nodiscard]] error statement_failed(std::string_view query, std::string const& sqlstate,
                                     std::string const& text);

enum class outcome { nothing_happened, unknown };
// The connection is gone. `unknown`: the statement was sent outside a transaction, or was COMMIT.
[[nodiscard]] error connection_lost(std::string_view query, std::string const& sqlstate,
                                    std::string const& text, outcome what);

// True for the states after which the server closes the connection.
[[nodiscard]] bool ends_connection(std::string_view sqlstate) noexcept;

// "unique violation" for "23505".
[[nodiscard]] std::string_view condition_name(std::string_view sqlstate) noexcept;

}  // namespace recount::postgres::detail
