// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing past U+10FFFF.
//
//     if (!recount::is_utf8(name)) refuse(name);
//     log_line += recount::printable_utf8(untrusted);
//     sentence += recount::excerpt(untrusted);        // the same, and never long
//
// Cost: about 0.1 ns a byte of ASCII. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace recount {

[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

// How many bytes at the front are well-formed: text.size() when all are.
[[nodiscard]] std::size_t utf8_prefix(std::string_view text) noexcept;

// `text` with each offending byte, control characters included, as U+FFFD: fit for an error
// sentence. A code point cut at the end counts as offending.
[[nodiscard]] std::string printable_utf8(std::string_view text);

// The beginning of `text` as printable_utf8, with "…" where more than `bytes_max` were left out.
[[nodiscard]] std::string excerpt(std::string_view text, std::size_t bytes_max = 40);

}  // namespace recount
