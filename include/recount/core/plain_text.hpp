// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Plain text: what a name, the type of an event or an actor may be. UTF-8 without control
// characters (C0 and DEL). What is fit for a terminal is narrower: printable_utf8 of text.hpp.
//
//     if (!recount::is_plain_text(type)) refuse(type);
//
// Thread safety: pure functions. Cost: two passes over the text.
#pragma once

#include <algorithm>
#include <string_view>

#include <recount/core/text.hpp>

namespace recount {

[[nodiscard]] constexpr bool is_control(char c) noexcept {
    auto const byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
}

[[nodiscard]] inline bool is_plain_text(std::string_view text) noexcept {
    return is_utf8(text) && std::none_of(text.begin(), text.end(), is_control);
}

}  // namespace recount
