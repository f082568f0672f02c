// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/webhook_parts.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <iomanip>
#include <locale>
#include <sstream>

#include <fmt/format.h>

#include <recount/core/error.hpp>
#include <recount/core/sha256.hpp>

#include "http/characters.hpp"

namespace recount::http {

namespace {

constexpr std::string_view scheme = "http://";
constexpr std::string_view scheme_tls = "https://";
constexpr std::string_view port_default = "80";
constexpr std::string_view port_default_tls = "443";
constexpr std::size_t retry_digits_max = 9;
constexpr int port_max = 65'535;

error unfit(std::string_view why) {
    return error{errc::invalid_argument, fmt::format("the URL of a webhook {}", why)};
}

bool is_port(std::string_view text) {
    int port = 0;
    auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
    return failed == std::errc{} && end == text.data() + text.size() && port > 0 &&
           port <= port_max;
}

bool is_host(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return detail::is_alphanumeric(c) || c == '.' || c == '-' || c == '_';
    });
}

bool is_address_v6(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') ||
               c == ':' || c == '.';
    });
}

}  // namespace

std::string webhook_url::authority() const {
    bool const v6 = host.find(':') != std::string::npos;
    auto const name = v6 ? "[" + host + "]" : host;
    return port == (tls ? port_default_tls : port_default) ? name : name + ":" + port;
}

webhook_url webhook_url_of(std::string_view url) {
    bool const tls = url.starts_with(scheme_tls);
    if (!tls && !url.starts_with(scheme)) throw unfit("has to begin with http:// or https://");
    url.remove_prefix(tls ? scheme_tls.size() : scheme.size());
    if (!std::ranges::all_of(url, detail::is_visible)) {
        throw unfit("holds a character that does not belong into one");
    }
    if (url.find('#') != std::string_view::npos) throw unfit("has a fragment");
    auto const path = std::min(url.find_first_of("/?"), url.size());
    auto authority = url.substr(0, path);
    if (authority.find('@') != std::string_view::npos) {
        throw unfit("has a user name: send an Authorization header");
    }
    webhook_url found;
    found.tls = tls;
    found.target = url.substr(path);
    if (!found.target.starts_with('/')) found.target.insert(0, "/");
    if (authority.starts_with('[')) {
        auto const end = authority.find(']');
        if (end == std::string_view::npos) throw unfit("has an address without an end");
        found.host = authority.substr(1, end - 1);
        authority.remove_prefix(end + 1);
        if (!is_address_v6(found.host)) throw unfit("names no host");
    } else {
        auto const end = std::min(authority.find(':'), authority.size());
        found.host = authority.substr(0, end);
        authority.remove_prefix(end);
        if (!is_host(found.host)) throw unfit("names no host");
    }
    found.port = !authority.empty() ? authority.substr(1) : tls ? port_default_tls : port_default;
    bool const well_formed = (authority.empty() || authority.front() == ':') && is_port(found.port);
    if (!well_formed) throw unfit("has a port that is none");
    return found;
}

// HMAC of RFC 2104: blocks of SHA-256 have 64 bytes.
std::string webhook_signature(std::string_view signing_key, std::string_view key,
                              std::string_view body) {
    std::array<std::byte, 64> inner{};
    auto const take = [&](auto const& bytes) {
        std::ranges::transform(bytes, inner.begin(), [](auto b) { return std::byte(b); });
    };
    if (signing_key.size() > inner.size()) {
        take(sha256(signing_key));
    } else {
        take(signing_key);
    }
    auto outer = inner;
    for (auto& b : inner) b ^= std::byte{0x36};
    for (auto& b : outer) b ^= std::byte{0x5c};
    hasher h;
    auto const message = h.raw(inner).raw(key).raw(".").raw(body).finish();
    return "sha256=" + to_hex(h.raw(outer).raw(message).finish());
}

std::optional<std::chrono::milliseconds> retry_after_of(std::string_view header, timestamp now) {
    if (header.empty()) return std::nullopt;
    bool const digits = header.size() <= retry_digits_max &&
                        std::ranges::all_of(header, [](char c) { return c >= '0' && c <= '9'; });
    if (digits) {
        std::int64_t seconds = 0;
        std::from_chars(header.data(), header.data() + header.size(), seconds);
        return std::chrono::seconds{seconds};
    }
    std::tm date{};
    std::istringstream text{std::string{header}};
    text.imbue(std::locale::classic());
    text >> std::get_time(&date, "%a, %d %b %Y %H:%M:%S GMT");
    if (text.fail()) return std::nullopt;
    auto const at = timestamp{std::chrono::seconds{::timegm(&date)}};
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(at - now),
                    std::chrono::milliseconds{0});
}

effect_result webhook_result(int status, std::string_view retry_after, std::string_view from,
                             timestamp now) {
    if (status >= 200 && status < 300) return effect_result::sent();
    auto why = fmt::format("{} answered {}", from, status);
    bool const passes = status == 408 || status == 425 || status == 429 || status >= 500;
    if (passes) return effect_result::again(std::move(why), retry_after_of(retry_after, now));
    if (status >= 300 && status < 400) why += ": redirections are not followed";
    return effect_result::give_up(std::move(why));
}

}  // namespace recount::http
