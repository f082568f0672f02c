// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A run of octets, and base64url without padding (RFC 4648, 5), its text in JSON.
//
//     auto text = recount::to_base64url(recount::bytes{std::byte{0xfb}});   // "-w"
//
// Thread safety: values. Cost: linear.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace recount {

using bytes = std::vector<std::byte>;

[[nodiscard]] std::string to_base64url(bytes const& octets);
// Throws errc::invalid_argument: padding, other letters, or bits left over.
[[nodiscard]] bytes bytes_from_base64url(std::string_view text);

}  // namespace recount
