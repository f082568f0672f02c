// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The members of a JSON object as they are written, byte for byte: an imported payload is stored as
// the line has it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace recount::detail {

// Names and values in order; a value is a view into `object`. Throws errc::invalid_json for what is
// no JSON object as the log takes it (json_text::checked).
[[nodiscard]] std::vector<std::pair<std::string, std::string_view>> members_of(
    std::string_view object);

// The same JSON without white space between its parts. `json` is well-formed.
[[nodiscard]] std::string without_spaces(std::string_view json);

}  // namespace recount::detail
