// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/api_call.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include <recount/core/plain_text.hpp>
#include <recount/core/text.hpp>

#include "http/characters.hpp"
#include "http/media.hpp"

namespace recount::http {

refusal bad_request(std::string detail, std::string code) {
    return {{.status = 400, .code = std::move(code), .detail = std::move(detail)}};
}

std::int64_t whole_number(std::string_view name, std::string_view text, std::int64_t least) {
    constexpr std::int64_t most = 999'999'999'999'999;   // far from where arithmetic overflows
    std::int64_t value = 0;
    auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc{} || end != text.data() + text.size() || value < least ||
        value > most) {
        throw bad_request(fmt::format("{}: expected a whole number from {} on, found '{}'", name,
                                      least, excerpt(text)));
    }
    return value;
}

std::string api_call::base() const {
    return options.stores.size() > 1 ? "/stores/" + app.log().store_name() : std::string{};
}

std::optional<std::string_view> api_call::parameter(std::string_view name) const {
    auto const* const found = asked.parameter(name);
    if (found == nullptr) return std::nullopt;
    return *found;
}

std::optional<std::int64_t> api_call::number(std::string_view name, std::int64_t least) const {
    auto const text = parameter(name);
    if (!text) return std::nullopt;
    return whole_number(name, *text, least);
}

std::size_t api_call::limit(std::string_view name) const {
    auto const wanted = number(name, 1);
    if (!wanted) return options.page_default;
    return std::min(static_cast<std::size_t>(*wanted), options.page_max);
}

std::optional<std::string_view> api_call::header(std::string_view name) const {
    std::optional<std::string_view> found;
    for (auto const& [known, value] : asked.headers) {
        if (known != name) continue;
        if (found) throw bad_request(fmt::format("the header {} is there twice", name));
        found = value;
    }
    return found;
}

std::optional<uuid> api_call::uuid_header(std::string_view name) const {
    auto const text = header(name);
    if (!text) return std::nullopt;
    if (!is_uuid(*text)) {
        throw bad_request(
            fmt::format("{}: expected a UUID, found '{}'", name, excerpt(*text)));
    }
    return uuid_from_string(*text);
}

namespace {

constexpr std::size_t key_bytes_max = 255;
constexpr std::size_t actor_bytes_max = 255;

}  // namespace

std::optional<std::string> api_call::idempotency_key() const {
    auto const key = header("idempotency-key");
    if (!key) return std::nullopt;
    if (key->empty() || key->size() > key_bytes_max ||
        !std::all_of(key->begin(), key->end(), detail::is_printable)) {
        throw bad_request(fmt::format("Idempotency-Key: expected 1 to {} printable ASCII "
                                      "characters, found '{}'",
                                      key_bytes_max, excerpt(*key)));
    }
    return std::string{*key};
}

std::string api_call::actor() const {
    if (options.actor_header.empty()) return {};
    auto const name = header(options.actor_header);
    if (!name) return {};
    if (name->empty() || name->size() > actor_bytes_max || !is_plain_text(*name)) {
        throw bad_request(fmt::format("{}: expected a name of 1 to {} bytes of UTF-8",
                                      options.actor_header, actor_bytes_max));
    }
    return std::string{*name};
}

void api_call::require_json_body() const {
    if (is_json_body(asked)) return;
    std::string_view const of = is_encoded(asked) ? "Content-Encoding" : "Content-Type";
    std::string_view const expected =
        is_encoded(asked) ? "none"
                          : "application/json, or version 1 of application/vnd.recount.v1+json, "
                            "in UTF-8";
    auto const* const found = asked.header(is_encoded(asked) ? "content-encoding" : "content-type");
    auto const said = found == nullptr ? std::string{"none"}
                                       : fmt::format("'{}'", excerpt(*found, key_bytes_max));
    throw refusal{{.status = 415,
                   .code = "unsupported_media_type",
                   .detail = fmt::format("{}: expected {}, found {}", of, expected, said)}};
}

response json_reply(std::string body, std::vector<name_value> headers) {
    return {.headers = std::move(headers), .body = std::move(body)};
}

std::string etag_of(version v) { return fmt::format("\"{}\"", v); }

void append_item(std::string& to, std::string_view json) {
    if (!to.empty()) to += ',';
    to += json;
}

std::string json_quoted(std::string_view text) {
    std::string made;
    describe::append_quoted(made, text);
    return made;
}

}  // namespace recount::http
