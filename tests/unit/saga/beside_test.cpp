// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "saga/beside.hpp"

#include <stdexcept>

#include "support/catch.hpp"

using recount::detail::beside;

TEST_CASE("what is done beside has its end, and its failure", "[saga]") {
    beside other;
    int done = 0;
    for (int i = 1; i <= 3; ++i) {
        other.begin([&] { ++done; });
        CHECK(other.busy());
        other.end();
        CHECK(done == i);
        CHECK_FALSE(other.busy());
    }
    other.begin([] { throw std::runtime_error{"no"}; });
    CHECK_THROWS_AS(other.end(), std::runtime_error);
    CHECK_FALSE(other.busy());
    other.begin([&] { ++done; });
    other.end();
    CHECK(done == 4);
}

TEST_CASE("what was begun is done, also if nobody asks for its end", "[saga]") {
    int done = 0;
    {
        beside other;
        other.begin([&] { ++done; });
    }
    CHECK(done == 1);
}
