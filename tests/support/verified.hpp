// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Has the independent verifier (tests/support/verify_chain.py) look at a whole store.
#pragma once

#include "support/postgres.hpp"

namespace recount::tests {

// Fails the test, with what the verifier says, unless every hash and link is right.
void check_verified(test_database const& database);

}  // namespace recount::tests
