// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What each promise of the log costs: the same batch written by a bare statement, then with one
// promise more at a time, by one client; beside it what the client does for the batch.
//
//     for (auto const& step : costs_of(place, work, *log, options, 64)) …
//
// Nothing is left out of the log itself for this: the steps are functions of their own on a copy of
// its table. Each step's figure is the median of the rounds.
#pragma once

#include <string>
#include <vector>

#include "place.hpp"
#include "workload.hpp"

namespace recount::bench {

struct cost {
    std::string name;
    double us_per_event = 0;
    bool adds_up = false;  // to the steps before it; else a part of one, or a figure of its own
};

[[nodiscard]] std::vector<cost> costs_of(place const& here, workload const& work,
                                         postgres::log& log, options const& how,
                                         std::size_t batch_events);

}  // namespace recount::bench
