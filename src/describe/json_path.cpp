// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "json_path.hpp"

#include <algorithm>
#include <limits>

#include <fmt/core.h>

#include <recount/core/error.hpp>
#include <recount/core/text.hpp>

namespace recount::describe::detail {

namespace {

bool is_identifier(std::string_view name) {
    auto const letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !name.empty() && name.size() <= 64 && letter(name.front()) &&
           std::all_of(name.begin(), name.end(),
                       [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

}  // namespace

void json_path::step(std::string text) {
    if (steps_ < kept_steps) {
        head_ += text;
    } else {
        last_[steps_ % kept_steps] = std::move(text);
    }
    ++steps_;
}

void json_path::field(std::string_view name) {
    step(is_identifier(name) ? fmt::format(".{}", name)
                             : fmt::format("[{}]", quoted_excerpt(name)));
}

void json_path::index(std::size_t at) { step(fmt::format("[{}]", at)); }

std::string json_path::text() const {
    auto text = head_;
    if (steps_ > 2 * kept_steps) text += "…";
    auto const from = std::max(kept_steps, steps_ - std::min(steps_, kept_steps));
    for (auto i = from; i < steps_; ++i) text += last_[i % kept_steps];
    return text;
}

void refuse(json_path const& path, std::string_view sentence) {
    throw error{errc::invalid_json, fmt::format("{}: {}", path.text(), sentence)};
}

std::string quoted_excerpt(std::string_view text) { return fmt::format("\"{}\"", excerpt(text)); }

integer_range range_of(kind k) noexcept {
    auto const of = []<class T>(T) {
        return integer_range{static_cast<std::int64_t>(std::numeric_limits<T>::min()),
                             static_cast<std::uint64_t>(std::numeric_limits<T>::max())};
    };
    switch (k) {
        case kind::int8: return of(std::int8_t{});
        case kind::int16: return of(std::int16_t{});
        case kind::int32: return of(std::int32_t{});
        case kind::int64: return of(std::int64_t{});
        case kind::uint8: return of(std::uint8_t{});
        case kind::uint16: return of(std::uint16_t{});
        case kind::uint32: return of(std::uint32_t{});
        case kind::uint64: return of(std::uint64_t{});
        default: return {};
    }
}

namespace {

std::string names_of(type_descriptor const& enumeration) {
    constexpr std::size_t named_max = 12;
    std::string text = "one of ";
    std::size_t count = 0;
    for (auto const& e : enumeration.enumerators) {
        if (count++ == named_max) return text + ", …";
        text += fmt::format("{}\"{}\"", count == 1 ? "" : ", ", e.name);
    }
    return text;
}

}  // namespace

std::string expectation(type_descriptor const& type) {
    switch (type.kind) {
        case kind::boolean: return "true or false";
        case kind::int8:
        case kind::int16:
        case kind::int32:
        case kind::int64:
        case kind::uint8:
        case kind::uint16:
        case kind::uint32:
        case kind::uint64: return "an integer";
        case kind::float64: return "a number";
        case kind::decimal: return "a decimal number in a string, like \"12.50\"";
        case kind::string: return "a string";
        case kind::bytes: return "a string of base64url without padding";
        case kind::enumeration: return names_of(type);
        case kind::optional: return expectation(type.optional->element());
        case kind::vector: return "an array";
        case kind::map:
        case kind::structure: return "an object";
        case kind::variant: return "an object of \"type\" and \"value\"";
        case kind::timestamp: return "a timestamp like \"2026-01-31T23:59:59.123456Z\"";
        case kind::date: return "a date like \"2026-01-31\"";
        case kind::duration: return "a duration like \"PT1H30M\"";
        case kind::money: return "an object of \"minor\" and \"currency\"";
        case kind::uuid: return "a UUID";
    }
    return "another value";
}

}  // namespace recount::describe::detail
