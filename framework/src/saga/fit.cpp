// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "saga/fit.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <recount/core/limits.hpp>
#include <recount/core/text.hpp>
#include <recount/describe/raw_json.hpp>

namespace recount::detail {

namespace {

constexpr std::size_t text_bytes_max = 4'000;

std::size_t depth_of(std::string_view json) {
    std::size_t depth = 0;
    std::size_t deepest = 0;
    for (std::size_t i = 0; i < json.size(); ++i) {
        char const c = json[i];
        if (c == '"') {
            i = describe::end_of_string(json, i) - 1;
        } else if (c == '{' || c == '[') {
            deepest = std::max(deepest, ++depth);
        } else if ((c == '}' || c == ']') && depth > 0) {
            --depth;
        }
    }
    return deepest;
}

}  // namespace

std::string misfit(std::string_view payload) {
    if (payload.size() > limits::payload_bytes_max) {
        return fmt::format("what is to be kept of it has {} bytes, and {} are the limit",
                           payload.size(), limits::payload_bytes_max);
    }
    if (auto const depth = depth_of(payload); depth > limits::json_depth_max) {
        return fmt::format("what is to be kept of it has {} levels, and {} are the limit", depth,
                           limits::json_depth_max);
    }
    return {};
}

std::string storable(std::string_view text) {
    bool const fits = text.size() <= text_bytes_max && is_utf8(text) &&
                      text.find('\0') == std::string_view::npos;
    return fits ? std::string{text} : excerpt(text, text_bytes_max);
}

}  // namespace recount::detail
