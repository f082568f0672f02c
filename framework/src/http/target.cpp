// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/target.hpp"

#include <algorithm>

#include <recount/core/plain_text.hpp>

#include "http/characters.hpp"

namespace recount::http::detail {

namespace {

int hex_value(char c) noexcept {
    if (is_digit(c)) return c - '0';
    auto const letter = lower(c);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

enum class plus { itself, space };

std::optional<std::string> decoded(std::string_view raw, plus means) {
    std::string text;
    text.reserve(raw.size());
    for (std::size_t at = 0; at < raw.size(); ++at) {
        if (raw[at] == '+' && means == plus::space) {
            text += ' ';
        } else if (raw[at] != '%') {
            text += raw[at];
        } else {
            if (raw.size() - at < 3) return std::nullopt;
            auto const high = hex_value(raw[at + 1]);
            auto const low = hex_value(raw[at + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            text += static_cast<char>(high * 16 + low);
            at += 2;
        }
    }
    if (!is_plain_text(text)) return std::nullopt;
    return text;
}

// A backslash is a slash to some proxies, and a fragment is never sent.
bool fit_for_target(char c) noexcept {
    return is_visible(c) && c != '#' && c != '\\';
}

bool add_segments(std::string_view path, std::vector<std::string>& to) {
    if (path == "/") return true;
    for (std::size_t at = 0; at < path.size();) {
        auto const end = std::min(path.find('/', at + 1), path.size());
        auto segment = decoded(path.substr(at + 1, end - at - 1), plus::itself);
        if (!segment || *segment == "." || *segment == "..") return false;
        to.push_back(*std::move(segment));
        at = end;
    }
    return true;
}

bool add_parameters(std::string_view query, std::vector<name_value>& to) {
    while (!query.empty()) {
        auto const end = std::min(query.find('&'), query.size());
        auto const pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (pair.empty()) continue;
        auto const equals = std::min(pair.find('='), pair.size());
        auto name = decoded(pair.substr(0, equals), plus::space);
        auto value = decoded(pair.substr(std::min(equals + 1, pair.size())), plus::space);
        if (!name || !value) return false;
        to.emplace_back(*std::move(name), *std::move(value));
    }
    return true;
}

}  // namespace

std::optional<parsed_target> parse_target(std::string_view target) {
    if (target.empty() || target.front() != '/') return std::nullopt;
    if (!std::all_of(target.begin(), target.end(), fit_for_target)) return std::nullopt;
    auto const question = std::min(target.find('?'), target.size());
    parsed_target result;
    if (!add_segments(target.substr(0, question), result.path)) return std::nullopt;
    auto const query = target.substr(std::min(question + 1, target.size()));
    if (!add_parameters(query, result.query)) return std::nullopt;
    return result;
}

}  // namespace recount::http::detail
