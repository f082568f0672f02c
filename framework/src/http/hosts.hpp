// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Under which names a server may be spoken to. A web page whose name its owner points at this
// machine (DNS rebinding) is of the same origin as we are, and only its Host gives it away.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace recount::http {

// 127.0.0.0/8, ::1, localhost
[[nodiscard]] bool is_loopback(std::string_view address) noexcept;
// Whether a Host header, with or without a port, names this machine itself or one of `hosts`.
[[nodiscard]] bool host_is_known(std::string_view header, std::span<std::string const> hosts);

}  // namespace recount::http
