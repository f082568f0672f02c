// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Transactions in the format of the PKDD'99 financial data set ("Berka"): semicolons, a header
// line, quoted text. A row becomes the command account.record_movement.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "account.hpp"
#include "berka_file.hpp"

namespace bank {

// That a line is not the header of the format, ends of line aside.
[[nodiscard]] std::optional<malformed> fault_of_berka_header(std::string_view line);
[[nodiscard]] std::variant<record_movement, malformed> parse_berka(std::string_view line);

}  // namespace bank
