// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The lines of the Berka files: semicolons, a header line, quoted text.
//
//     constexpr std::array<std::string_view, 2> names{"account_id", "amount"};
//     constexpr file_format format{names};
//     auto const read = format.fields_of(line);              // two fields, or what is wrong
//     auto const minor = minor_of(fields[1]);                // "2452.00" is 245200
//
// Thread safety: pure functions. Lifetimes: fields refer to the line, a format to its names.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace bank {

struct malformed {
    std::string sentence;  // what was expected and what was found
};

using fields = std::vector<std::string_view>;

// The columns of a file.
class file_format {
public:
    constexpr explicit file_format(std::span<std::string_view const> names) noexcept
        : names_{names} {}

    // That a line is not the header, ends of line aside.
    [[nodiscard]] std::optional<malformed> fault_of_header(std::string_view line) const;
    [[nodiscard]] std::variant<fields, malformed> fields_of(std::string_view line) const;
    // That a field is not what it should be.
    [[nodiscard]] malformed expected(std::string_view what, std::size_t column,
                                     fields const& found) const;

private:
    std::span<std::string_view const> names_;
};

// Up to 18 digits.
[[nodiscard]] bool all_digits(std::string_view text);
// "1200", "1200.5" or "1200.50" as minor units, exactly.
[[nodiscard]] std::optional<std::int64_t> minor_of(std::string_view text);

}  // namespace bank
