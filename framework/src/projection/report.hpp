// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the runner of a projection tells: lines and counts, by the projection's name and its store.
#pragma once

#include <chrono>
#include <string_view>

#include <recount/projection/runner.hpp>

namespace recount::detail {

struct page_told {
    std::size_t events = 0;
    std::size_t restructures = 0;
    std::uint64_t read_for_refold = 0;   // rows of streams that restructures touched
};
void tell_page(projection_descriptor const& p, std::string_view store, position from,
               feed_page const& page, page_told const& told,
               std::chrono::steady_clock::time_point began);
void tell_overtaken(projection_descriptor const& p, position at);
void tell_paused(projection_descriptor const& p, std::string_view store, error const& failure,
                 int failures, std::chrono::milliseconds pause);
void tell_stopped(projection_descriptor const& p, std::string_view store, error const& failure,
                  position at);

}  // namespace recount::detail
