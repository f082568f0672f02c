// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Sizes of the batches that were written, exactly: the log has one link a batch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "place.hpp"
#include "writers.hpp"

namespace recount::bench {

struct batch_sizes {
    std::int64_t batches = 0;
    double mean = 0;
    std::int64_t p50 = 0, largest = 0;
};

[[nodiscard]] batch_sizes batches_of(postgres::session& on, std::string const& schema,
                                     std::vector<turn> const& turns);

}  // namespace recount::bench
