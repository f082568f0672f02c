// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/bytes.hpp>

#include <cstdint>

#include <recount/core/error.hpp>

namespace recount {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int value_of(char c) noexcept {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '-') return 62;
    if (c == '_') return 63;
    return -1;
}

}  // namespace

std::string to_base64url(bytes const& octets) {
    std::string text;
    text.reserve((octets.size() * 4 + 2) / 3);
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (auto const b : octets) {
        bits = (bits << 8U) | static_cast<std::uint32_t>(b);
        for (count += 8; count >= 6; count -= 6) text += alphabet[(bits >> (count - 6)) & 0x3FU];
        bits &= (1U << count) - 1U;
    }
    if (count > 0) text += alphabet[(bits << (6 - count)) & 0x3FU];
    return text;
}

bytes bytes_from_base64url(std::string_view text) {
    bytes octets;
    octets.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    unsigned count = 0;
    bool good = text.size() % 4 != 1;
    for (auto const c : text) {
        auto const value = value_of(c);
        if (value < 0) good = false;
        if (!good) break;
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count >= 8) {
            count -= 8;
            octets.push_back(static_cast<std::byte>((bits >> count) & 0xFFU));
            bits &= (1U << count) - 1U;
        }
    }
    if (!good || bits != 0) {
        throw error{errc::invalid_argument, "expected base64url without padding"};
    }
    return octets;
}

}  // namespace recount
