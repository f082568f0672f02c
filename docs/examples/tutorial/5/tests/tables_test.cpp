// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/testing/catch.hpp>

#include "tables.hpp"

TEST_CASE("the table says who has a bike, or where it stands") {
    auto const monday = recount::timestamp_from_string("2026-03-02T09:00:00Z");
    recount::given_projection<bikes_now>(
        recount::in("bike-b-7", hired{{"b-7"}, {"ada"}}),
        recount::in("bike-b-8", hired{{"b-8"}, {"ben"}}, brought_back{{"b-8"}, {"harbour"}}))
        .recorded_at(monday)
        .then_rows(bike_row{{"b-7"}, rider_id{"ada"}, {}, monday},
                   bike_row{{"b-8"}, {}, station_id{"harbour"}, monday});
}
