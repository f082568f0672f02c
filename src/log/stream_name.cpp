// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/log/stream_name.hpp>

#include <algorithm>

#include <fmt/core.h>

#include <recount/core/error.hpp>
#include <recount/core/limits.hpp>
#include <recount/core/plain_text.hpp>
#include <recount/core/sha256.hpp>
#include <recount/core/text.hpp>

namespace recount {

namespace {

bool lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
bool digit(char c) noexcept { return c >= '0' && c <= '9'; }

[[noreturn]] void refuse(std::string_view name, std::string const& expected) {
    throw error{errc::invalid_argument, fmt::format("'{}' is no name of a stream: expected {}",
                                                    printable_utf8(name.substr(0, 64)), expected)};
}

}  // namespace

bool valid_category(std::string_view category) noexcept {
    if (category.empty() || category.size() > limits::category_bytes_max) return false;
    // The framework's own categories, such as $saga.transfer, may hold dots.
    bool const own = category.front() == '$';
    if (own) category.remove_prefix(1);
    if (category.empty() || !lower(category.front())) return false;
    return std::all_of(category.begin(), category.end(), [own](char c) {
        return lower(c) || digit(c) || c == '_' || (own && c == '.');
    });
}

stream_name::stream_name(std::string name) : name_{std::move(name)}, hyphen_{name_.find('-')} {
    if (hyphen_ == std::string::npos) refuse(name_, "category-id, such as account-17");
    if (!valid_category(category())) {
        refuse(name_, "a category of [a-z][a-z0-9_]{0,62} before the first hyphen");
    }
    if (id().empty() || id().size() > limits::stream_id_bytes_max) {
        refuse(name_, fmt::format("an id of 1 to {} bytes, found {}", limits::stream_id_bytes_max,
                                  id().size()));
    }
    if (!is_plain_text(id())) {
        refuse(name_, "an id of valid UTF-8 without control characters");
    }
}

stream_name stream_name::of(std::string_view category, std::string_view id) {
    std::string name;
    name.reserve(category.size() + 1 + id.size());
    name.append(category).append(1, '-').append(id);
    stream_name result{std::move(name)};
    if (result.category() != category) {
        throw error{errc::invalid_argument,
                    fmt::format("'{}' is no category: expected [a-z][a-z0-9_]{{0,62}}", category)};
    }
    return result;
}

std::uint16_t stream_name::slice() const {
    auto const full = sha256(name_);
    auto const value = (static_cast<unsigned>(full[0]) << 8U) | static_cast<unsigned>(full[1]);
    return static_cast<std::uint16_t>(value & (limits::slices - 1U));
}

}  // namespace recount
