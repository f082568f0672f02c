// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Points and lengths of time, and their one text form each.
//
//     auto when = recount::timestamp_from_string("2026-01-31T23:59:59.123456Z");
//     auto day = recount::date_of(when);                 // 2026-01-31
//
// timestamp: UTC, microseconds; date: a calendar day; duration: microseconds, ISO 8601 text.
// Years 0001 to 9999. Errors: errc::invalid_argument names what was found.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace recount {

using duration = std::chrono::microseconds;
using timestamp = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;
using date = std::chrono::sys_days;
using clock_function = std::function<timestamp()>;

// What has a text form; values outside these are refused where text is written for keeping.
inline constexpr date date_min{std::chrono::year{1} / std::chrono::January / 1};
inline constexpr date date_max{std::chrono::year{9999} / std::chrono::December / 31};
inline constexpr timestamp timestamp_min{date_min};
inline constexpr timestamp timestamp_max{timestamp{date_max + std::chrono::days{1}} -
                                         std::chrono::microseconds{1}};

[[nodiscard]] timestamp now() noexcept;
[[nodiscard]] constexpr date date_of(timestamp when) noexcept {
    return std::chrono::floor<std::chrono::days>(when);
}
[[nodiscard]] constexpr timestamp start_of(date day) noexcept { return timestamp{day}; }

[[nodiscard]] std::string to_string(timestamp when);      // "2026-01-31T23:59:59.123456Z"
[[nodiscard]] std::string to_string(date day);            // "2026-01-31"
[[nodiscard]] std::string to_string(duration length);     // "PT1H2M3.000004S", "-PT5S", "PT0S"

// A timestamp takes 0 to 6 digits of a second and must end in Z; durations take weeks to seconds.
[[nodiscard]] timestamp timestamp_from_string(std::string_view text);
[[nodiscard]] date date_from_string(std::string_view text);
[[nodiscard]] duration duration_from_string(std::string_view text);

[[nodiscard]] constexpr std::int64_t microseconds_since_epoch(timestamp when) noexcept {
    return when.time_since_epoch().count();
}

}  // namespace recount
