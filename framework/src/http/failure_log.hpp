// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The failures that a client is told nothing of, for the program's own log.
#pragma once

#include <string>
#include <string_view>

#include <recount/core/error.hpp>
#include <recount/http/message.hpp>

namespace recount::http {

// The target without its parameters, which may hold what should stand in no log.
[[nodiscard]] std::string path_text(request const& asked);
void tell_failure(request const& asked, std::string_view text) noexcept;
// With what the database said.
void tell_failure(request const& asked, error const& failure) noexcept;

}  // namespace recount::http
