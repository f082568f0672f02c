// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Time that has passed, as the fields of log lines have it.
#pragma once

#include <chrono>
#include <string>

namespace recount::detail {

[[nodiscard]] inline std::string elapsed_us(std::chrono::steady_clock::time_point since) {
    auto const passed = std::chrono::steady_clock::now() - since;
    return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(passed).count());
}

}  // namespace recount::detail
