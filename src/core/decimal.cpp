// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/decimal.hpp>

#include <algorithm>

#include <fmt/core.h>

#include <recount/core/error.hpp>
#include <recount/core/text.hpp>

namespace recount {

namespace {

__extension__ using wide = __int128;

constexpr wide power_of_ten(unsigned exponent) {
    wide value = 1;
    for (; exponent > 0; --exponent) value *= 10;
    return value;
}

// Both coefficients at the larger of the two scales: 64 bits by 10^18 fit into 128.
struct aligned {
    wide a, b;
    std::uint8_t scale;
};
aligned align(decimal a, decimal b) {
    assert_that(a.scale <= decimal::scale_max && b.scale <= decimal::scale_max,
                "a decimal has at most 18 digits after the point");
    auto const scale = std::max(a.scale, b.scale);
    return {wide{a.coefficient} * power_of_ten(static_cast<unsigned>(scale - a.scale)),
            wide{b.coefficient} * power_of_ten(static_cast<unsigned>(scale - b.scale)), scale};
}

decimal narrowed(wide value, std::uint8_t scale) {
    if (value > INT64_MAX || value < INT64_MIN) {
        throw error{errc::out_of_range, "a decimal left the range of 64 bits"};
    }
    return {static_cast<std::int64_t>(value), scale};
}

}  // namespace

std::strong_ordering operator<=>(decimal const& a, decimal const& b) noexcept {
    auto const both = align(a, b);
    if (both.a == both.b) return std::strong_ordering::equal;
    return both.a < both.b ? std::strong_ordering::less : std::strong_ordering::greater;
}

decimal operator+(decimal a, decimal b) {
    auto const both = align(a, b);
    return narrowed(both.a + both.b, both.scale);
}

decimal operator-(decimal a, decimal b) {
    auto const both = align(a, b);
    return narrowed(both.a - both.b, both.scale);
}

decimal operator-(decimal a) { return narrowed(-wide{a.coefficient}, a.scale); }

std::string to_string(decimal number) {
    bool const negative = number.coefficient < 0;
    auto const magnitude = negative ? 0 - static_cast<std::uint64_t>(number.coefficient)
                                    : static_cast<std::uint64_t>(number.coefficient);
    auto digits = fmt::format("{:0{}}", magnitude, number.scale + 1);
    if (number.scale > 0) digits.insert(digits.size() - number.scale, 1, '.');
    return negative ? "-" + digits : digits;
}

decimal decimal_from_string(std::string_view text) {
    auto rest = text;
    bool const negative = !rest.empty() && rest.front() == '-';
    if (negative) rest.remove_prefix(1);
    wide value = 0;
    std::uint8_t scale = 0;
    bool point = false;
    bool digit_before = false;
    bool good = !rest.empty() && rest.back() != '.';
    for (auto const c : rest) {
        if (c == '.' && !point && digit_before) {
            point = true;
            continue;
        }
        good = good && c >= '0' && c <= '9' && (!point || scale < decimal::scale_max);
        if (!good) break;
        value = value * 10 + (c - '0');
        digit_before = true;
        if (point) ++scale;
        // Past the range already, and the next digits would leave 128 bits.
        if (value > wide{INT64_MAX} + 1) break;
    }
    if (!good) {
        throw error{errc::invalid_argument,
                    fmt::format("expected a decimal number like -12.50 with at most {} digits "
                                "after the point, found '{}'",
                                decimal::scale_max, excerpt(text))};
    }
    return narrowed(negative ? -value : value, scale);
}

}  // namespace recount
