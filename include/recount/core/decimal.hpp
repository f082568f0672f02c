// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Exact decimal numbers: a 64-bit coefficient and a scale of 0 to 18 digits.
//
//     auto rate = recount::decimal_from_string("1.250");
//     to_string(rate);                          // "1.250": the scale is kept
//     rate == recount::decimal{125, 2};         // true: equal by value
//
// Errors: sums that leave 64 bits throw errc::out_of_range.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace recount {

struct decimal {
    static constexpr std::uint8_t scale_max = 18;
    std::int64_t coefficient = 0;
    std::uint8_t scale = 0;

    friend std::strong_ordering operator<=>(decimal const& a, decimal const& b) noexcept;
    friend bool operator==(decimal const& a, decimal const& b) noexcept {
        return (a <=> b) == std::strong_ordering::equal;
    }
    friend decimal operator+(decimal a, decimal b);
    friend decimal operator-(decimal a, decimal b);
    friend decimal operator-(decimal a);
    decimal& operator+=(decimal other) { return *this = *this + other; }
    decimal& operator-=(decimal other) { return *this = *this - other; }
};

[[nodiscard]] std::string to_string(decimal number);
// [-]digits[.digits], at most 18 digits after the point. Throws errc::invalid_argument,
// and errc::out_of_range for more than 64 bits.
[[nodiscard]] decimal decimal_from_string(std::string_view text);

}  // namespace recount
