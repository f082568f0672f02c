// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the runner of a projection tells: lines and counts, by the projection's name and its store.
#pragma once

#include <chrono>
#include <string_view>

#include <recount/projection/runner.hpp>

namespace recount::detail {

void tell_page(projection_descriptor const& p, std::string_view store, position from,
               feed_page const& page, std::chrono::steady_clock::time_point began);
void tell_overtaken(projection_descriptor const& p, position at);
void tell_paused(projection_descriptor const& p, std::string_view store, error const& failure,
                 int failures, std::chrono::milliseconds pause);
void tell_stopped(projection_descriptor const& p, std::string_view store, error const& failure,
                  position at);

}  // namespace recount::detail
