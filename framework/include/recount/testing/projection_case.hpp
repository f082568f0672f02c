// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A projection, a history and the rows that it should make of it, told in all the ways that must
// not matter. Under recount/testing/given_projection.hpp, which says what those are; it knows
// nothing of Catch2.
//
//     auto failure = failure_of({&projection_of<balances>(), events, {erased(balance_row{…})}});
//
// Thread safety: one thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <recount/log/event.hpp>
#include <recount/projection/row_store.hpp>
#include <recount/testing/clock.hpp>
#include <recount/testing/difference.hpp>

namespace recount::testing {

// A history and the rows it should make, without types.
struct projection_case {
    projection_descriptor const* projection;
    std::vector<new_event> events{};
    std::vector<described_value> rows{};
    timestamp recorded_at = first_of_2026;
    bool on_postgres = false;
    std::uint64_t seed = 0;              // 0: RECOUNT_SEED, else a new one
};

// Runs it all. Empty, or what went wrong first.
[[nodiscard]] std::string failure_of(projection_case const& told);
// The same on one row store, whose table it fills anew, in at most so many splits.
[[nodiscard]] std::string failure_on(row_store& rows, projection_case const& told,
                                     std::size_t splits_max);

}  // namespace recount::testing
