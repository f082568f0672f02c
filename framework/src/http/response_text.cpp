// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/response_text.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <recount/core/plain_text.hpp>
#include <recount/http/problem.hpp>

#include "http/characters.hpp"

namespace recount::http::detail {

namespace {

constexpr std::array<std::string_view, 6> own_headers{
    "content-length", "transfer-encoding", "connection", "keep-alive", "trailer", "upgrade"};

bool fit_for_value(std::string_view value) noexcept {
    return std::none_of(value.begin(), value.end(),
                        [](char c) { return is_control(c) && c != '\t'; });
}

bool fit_to_send(response const& answer) {
    if (answer.status < 200 || answer.status > 599) return false;
    if (!fit_for_value(answer.content_type)) return false;
    return std::all_of(answer.headers.begin(), answer.headers.end(), [](name_value const& one) {
        auto const& [name, value] = one;
        bool const own = std::find(own_headers.begin(), own_headers.end(), lower(name)) !=
                         own_headers.end();
        return !own && is_token(name) && fit_for_value(value);
    });
}

bool names(response const& answer, std::string_view header) {
    return std::any_of(answer.headers.begin(), answer.headers.end(),
                       [&](name_value const& one) { return lower(one.first) == header; });
}

}  // namespace

std::optional<std::string> response_text(response const& answer, response_manners const& manners) {
    if (!fit_to_send(answer)) return std::nullopt;
    std::string text;
    auto const add = [&](std::string_view name, std::string_view value) {
        fmt::format_to(std::back_inserter(text), "{}: {}\r\n", name, value);
    };
    fmt::format_to(std::back_inserter(text), "HTTP/1.1 {} {}\r\n", answer.status,
                   reason_of(answer.status));
    bool const bodiless = answer.status == 204 || answer.status == 304;  // by definition
    if (!bodiless && !answer.content_type.empty() && !names(answer, "content-type")) {
        add("Content-Type", answer.content_type);
    }
    for (auto const& [name, value] : answer.headers) add(name, value);
    if (!names(answer, "cache-control")) add("Cache-Control", "no-store");
    if (!names(answer, "x-content-type-options")) add("X-Content-Type-Options", "nosniff");
    if (!bodiless && !manners.open_ended) {
        add("Content-Length", std::to_string(answer.body.size()));
    }
    if (!manners.keep_alive) {
        add("Connection", "close");
    } else if (manners.minor_version == 0) {
        add("Connection", "keep-alive");
    }
    text += "\r\n";
    if (!bodiless && !manners.head_only) text += answer.body;
    return text;
}

}  // namespace recount::http::detail
