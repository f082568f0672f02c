// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Described values as text a person reads: `account.deposited{account: "a-1", amount: 50.00 EUR}`.
// Events and commands go by their stored names. Never refuses a value.
//
//     fmt::print("{}\n", event);                    // any described structure, enum or strong id
//     auto text = recount::describe::to_text(event);
//
// Catch2 prints the same (recount/testing/catch.hpp).
#pragma once

#include <string>

#include <fmt/core.h>

#include <recount/describe/type_of.hpp>

namespace recount::describe {

void append_text(std::string& to, type_descriptor const& type, void const* object);

template <described T>
[[nodiscard]] std::string to_text(T const& value) {
    std::string text;
    append_text(text, descriptor_of<T>(), &value);
    return text;
}

namespace detail {
template <class T>
inline constexpr bool is_strong_id = false;
template <class Tag, class R>
inline constexpr bool is_strong_id<strong_id<Tag, R>> = true;

// The types that fmt cannot print by itself and that are ours to print. Named one by one: to ask
// `described` of any type whatever would instantiate descriptors of types that have none.
template <class T>
concept printable = named_structure<T> || described_enum<T> || is_strong_id<T> ||
                    std::same_as<T, money> || std::same_as<T, decimal> || std::same_as<T, uuid>;
}  // namespace detail

}  // namespace recount::describe

template <recount::describe::detail::printable T>
struct fmt::formatter<T> : fmt::formatter<fmt::string_view> {
    template <class Context>
    auto format(T const& value, Context& context) const {
        return fmt::formatter<fmt::string_view>::format(recount::describe::to_text(value), context);
    }
};
