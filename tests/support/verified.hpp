// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Has the independent verifier (tests/support/verify_chain.py) look at a whole store.
//
//     check_verified(database);                                  // nothing differs
//     CHECK(verified_by_script(database).differences.empty());   // or what does
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "support/postgres.hpp"

namespace recount::tests {

struct script_difference {
    std::int64_t position = 0;
    std::string stream;
    std::string what;
};

struct script_report {
    std::int64_t events = 0;
    std::int64_t streams = 0;
    std::int64_t batches = 0;
    std::vector<script_difference> differences;
};

// Fails the test unless the script ends with an answer, and with the exit code that belongs to it.
[[nodiscard]] script_report verified_by_script(test_database const& database);

// Fails the test, with what the verifier says, unless every hash and link is right.
void check_verified(test_database const& database);

}  // namespace recount::tests
