// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Hexadecimal digits, one byte at a time: what uuid and hash texts share.
//
//     std::string text;
//     append_hex(text, std::byte{0x2a});      // "2a"
//
// Thread safety: pure functions. Errors: none; what is no digit is -1.
#pragma once

#include <cstddef>
#include <string>

namespace recount::detail {

// 0 to 15, or -1.
[[nodiscard]] constexpr int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

inline void append_hex(std::string& text, std::byte b) {
    constexpr char const* digits = "0123456789abcdef";
    text += digits[static_cast<unsigned>(b) >> 4U];
    text += digits[static_cast<unsigned>(b) & 0xFU];
}

}  // namespace recount::detail
