// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The lines of the Berka files: semicolons, a header line, quoted text.
//
//     auto const fields = split_fields(line, 6);             // nothing if there are not six
//     auto const minor = minor_of((*fields)[4]);             // "2452.00" is 245200
//
// Thread safety: pure functions. Lifetimes: fields refer to the line.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace bank {

[[nodiscard]] std::string_view without_line_end(std::string_view line);
[[nodiscard]] std::optional<std::vector<std::string_view>> split_fields(std::string_view line,
                                                                        std::size_t count);
// Up to 18 digits.
[[nodiscard]] bool all_digits(std::string_view text);
// "1200", "1200.5" or "1200.50" as minor units, exactly.
[[nodiscard]] std::optional<std::int64_t> minor_of(std::string_view text);

}  // namespace bank
