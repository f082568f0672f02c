// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/testing/catch.hpp>

#include "tables.hpp"

TEST_CASE("what is stored keeps its shape") {
    recount::testing::check_published_schemas<bike, bikes_now>("tests/published");
}
