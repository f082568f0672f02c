// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Hexadecimal digits, one byte at a time: what uuid and hash texts share.
//
//     auto const [high, low] = hex_of(std::byte{0x2a});      // '2', 'a'
//
// Thread safety: pure functions. Errors: none; what is no digit is -1.
#pragma once

#include <array>
#include <cstddef>

namespace recount::detail {

inline constexpr auto hex_digits = [] {
    std::array<signed char, 256> values{};
    values.fill(-1);
    for (int i = 0; i < 16; ++i) {
        values[static_cast<std::size_t>("0123456789abcdef"[i])] = static_cast<signed char>(i);
        values[static_cast<std::size_t>("0123456789ABCDEF"[i])] = static_cast<signed char>(i);
    }
    return values;
}();

// 0 to 15, or -1. By a table: every id and hash that is read takes this way.
[[nodiscard]] constexpr int hex_digit(char c) noexcept {
    return hex_digits[static_cast<unsigned char>(c)];
}

// The two digits of a byte, the higher one first.
[[nodiscard]] constexpr std::array<char, 2> hex_of(std::byte b) noexcept {
    constexpr char const* digits = "0123456789abcdef";
    return {digits[static_cast<unsigned>(b) >> 4U], digits[static_cast<unsigned>(b) & 0xFU]};
}

}  // namespace recount::detail
