// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/testing/catch.hpp>

#include "bike.hpp"

bike_id const b7{"b-7"};

TEST_CASE("a bike is hired for two hours at most") {
    auto const nine = recount::timestamp_from_string("2026-03-02T09:00:00Z");
    recount::given<bike>()
        .at(nine)
        .when(hire{b7, {"ada"}})
        .then(hired{b7, {"ada"}, nine + std::chrono::hours{2}});
}

TEST_CASE("a bike that is out cannot be hired") {
    recount::given<bike>(hired{b7, {"ada"}})
        .when(hire{b7, {"ben"}})
        .then_rejected("already_out");
}
