// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a webhook knows without a socket: where its URL points, what it signs with, and what an
// answer means.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <recount/effects/handler.hpp>

namespace recount::http {

struct webhook_url {
    bool tls = false;       // https
    std::string host;       // a name, an address; of IPv6 without its brackets
    std::string port;       // digits
    std::string target;     // "/alerts?to=x"
    [[nodiscard]] std::string authority() const;   // as Host has it; said in errors too
};

// Throws errc::invalid_argument; its sentence names no path, which may hold a secret.
[[nodiscard]] webhook_url webhook_url_of(std::string_view url);

// "sha256=<hex>" over the key and the body of a call.
[[nodiscard]] std::string webhook_signature(std::string_view signing_key, std::string_view key,
                                            std::string_view body);

// Seconds, or a date; nothing for what is neither.
[[nodiscard]] std::optional<std::chrono::milliseconds> retry_after_of(std::string_view header,
                                                                      timestamp now);

// `from`: the authority, for its sentence.
[[nodiscard]] effect_result webhook_result(int status, std::string_view retry_after,
                                           std::string_view from, timestamp now);

}  // namespace recount::http
