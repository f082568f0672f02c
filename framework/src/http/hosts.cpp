// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/hosts.hpp"

#include <algorithm>

#include "http/characters.hpp"

namespace recount::http {

namespace {

std::string_view without_port(std::string_view host) noexcept {
    if (host.starts_with('[')) return host.substr(0, std::min(host.find(']') + 1, host.size()));
    return host.substr(0, host.find(':'));
}

}  // namespace

bool is_loopback(std::string_view address) noexcept {
    // Of names that only begin like an address none is one: "127.evil.example".
    bool const digits = address.find_first_not_of("0123456789.") == std::string_view::npos;
    return (digits && address.starts_with("127.")) || address == "::1" || address == "[::1]" ||
           address == "localhost";
}

bool host_is_known(std::string_view header, std::span<std::string const> hosts) {
    auto const name = detail::lower(without_port(header));
    return is_loopback(name) || std::find(hosts.begin(), hosts.end(), name) != hosts.end();
}

}  // namespace recount::http
