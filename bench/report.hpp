// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What is printed: tables for a person, or one JSON object.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "place.hpp"

namespace recount::bench {

// One object of facts: how and where it was measured.
[[nodiscard]] nlohmann::ordered_json settings_json(place const& here, options const& how);

// A title, and lines of name, figure and remark below it; nothing for an empty list.
struct line {
    std::string name, figure, remark;
};
void print_lines(std::string const& title, std::vector<line> const& lines);
void print_settings(nlohmann::ordered_json const& settings);
void print_json(nlohmann::ordered_json const& object);

[[nodiscard]] std::string rate_text(double per_second);   // "24,310/s"
[[nodiscard]] std::string ms_text(double ms);             // "2.41 ms"
[[nodiscard]] std::string times_text(double ratio);       // "2.40 times"
[[nodiscard]] std::string share_text(double ratio);       // "41 %"
[[nodiscard]] double rounded(double value, int digits);   // for JSON
[[nodiscard]] inline double ratio_of(double part, double whole) {
    return whole > 0 ? part / whole : 0;
}

}  // namespace recount::bench
