// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The name of a stream: `category-id`, split at the first hyphen.
//
//     recount::stream_name a{"account-a-1"};
//     a.category();    // "account"
//     a.id();          // "a-1"
//     auto b = recount::stream_name::of("account", "a-1");
//
// Category: [a-z][a-z0-9_]{0,62}; those that begin with `$` are the framework's. Id: 1 to 200 bytes
// of UTF-8 without control characters; it is not normalised. Errors: errc::invalid_argument.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace recount {

class stream_name {
public:
    explicit stream_name(std::string name);
    [[nodiscard]] static stream_name of(std::string_view category, std::string_view id);

    [[nodiscard]] std::string const& str() const noexcept { return name_; }
    [[nodiscard]] std::string_view category() const noexcept {
        return std::string_view{name_}.substr(0, hyphen_);
    }
    [[nodiscard]] std::string_view id() const noexcept {
        return std::string_view{name_}.substr(hyphen_ + 1);
    }
    // First two bytes of SHA-256 of the full name, big-endian, & 1023.
    [[nodiscard]] std::uint16_t slice() const;

    friend auto operator<=>(stream_name const& a, stream_name const& b) noexcept {
        return a.name_ <=> b.name_;
    }
    friend bool operator==(stream_name const& a, stream_name const& b) noexcept {
        return a.name_ == b.name_;
    }

private:
    std::string name_;
    std::size_t hyphen_;
};

[[nodiscard]] bool valid_category(std::string_view category) noexcept;

}  // namespace recount

template <>
struct std::hash<recount::stream_name> {
    std::size_t operator()(recount::stream_name const& name) const noexcept {
        return std::hash<std::string>{}(name.str());
    }
};
