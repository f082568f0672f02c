// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The character classes of RFC 9110 and 3986 that several readers here agree on.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace recount::http::detail {

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_alphanumeric(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
// tchar: of methods and field names.
[[nodiscard]] constexpr bool is_token_character(char c) noexcept {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
}
// VCHAR: of ASCII what leaves ink.
[[nodiscard]] constexpr bool is_visible(char c) noexcept { return c > ' ' && c <= '~'; }
[[nodiscard]] constexpr bool is_printable(char c) noexcept { return c == ' ' || is_visible(c); }
[[nodiscard]] constexpr bool is_token(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}
[[nodiscard]] constexpr char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
[[nodiscard]] inline std::string lower(std::string_view text) {
    std::string result{text};
    for (auto& c : result) c = lower(c);
    return result;
}
// Without spaces and tabs at either end.
[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) noexcept {
    auto const first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace recount::http::detail
