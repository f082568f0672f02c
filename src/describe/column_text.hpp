// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Scalars as PostgreSQL's text form, in the settings of every session of Recount: DateStyle ISO,
// time zone UTC, IntervalStyle iso_8601, bytea_output hex.
#pragma once

#include <charconv>
#include <string>
#include <string_view>

#include <recount/describe/descriptor.hpp>

#include "json_path.hpp"

namespace recount::describe::detail {

// Throws errc::invalid_argument, naming the column, for a value that PostgreSQL would not take.
[[nodiscard]] std::string scalar_to_sql(type_descriptor const& type, void const* object,
                                        std::string_view column);

// False, with the object unspecified, for text that is no such value.
[[nodiscard]] bool scalar_from_sql(type_descriptor const& type, std::string_view text,
                                   void* object);

// All of the text, in range.
template <class Number> [[nodiscard]] bool read_number(std::string_view text, Number& to) noexcept {
    auto const end = text.data() + text.size();
    auto const [stop, failed] = std::from_chars(text.data(), end, to);
    return failed == std::errc{} && stop == end && !text.empty();
}

}  // namespace recount::describe::detail
