// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What every backend checks of a read of many streams.
#pragma once

#include <fmt/core.h>

#include <recount/log/log.hpp>

namespace recount::detail {

inline void check(streams_read const& options, std::size_t streams) {
    if (options.from.empty() || options.from.size() == streams) return;
    throw error{errc::invalid_argument,
                fmt::format("a read of {} streams has {} first versions", streams,
                            options.from.size())};
}

}  // namespace recount::detail
