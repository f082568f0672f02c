// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Each verb measures and prints.
#pragma once

#include "place.hpp"

namespace recount::bench {

inline constexpr char const* store = "bench";

void run_append(place const& here, options const& how);
void run_command(place const& here, options const& how);
void run_read(place const& here, options const& how);
void run_feed(place const& here, options const& how);
void run_load(place const& here, options const& how);
void run_fold(place const& here, options const& how);
void run_correct(place const& here, options const& how);
void run_sagas(place const& here, options const& how);
void run_timers(place const& here, options const& how);

}  // namespace recount::bench
