// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#pragma once

#include <recount/recount.hpp>

using bike_id = recount::strong_id<struct bike_tag>;
using rider_id = recount::strong_id<struct rider_tag>;

// An event: it has happened.
struct hired {
    bike_id bike;
    rider_id rider;
};
RECOUNT_EVENT(hired, "bike.hired", 1, bike, rider)      // stored name, version, every field

// A command: somebody asks for it.
struct hire {
    bike_id bike;
    rider_id rider;
};
RECOUNT_COMMAND(hire, "bike.hire", bike, rider)

// The aggregate: it decides.
struct bike {
    using id = bike_id;
    using events = recount::types<hired>;
    using commands = recount::types<hire>;
    using decision = recount::decision<events>;

    std::optional<rider_id> rider;                      // the state: who has the bike, if anybody

    static void evolve(bike& b, hired const& e) { b.rider = e.rider; }

    static decision decide(bike const&, hire const& c) { return hired{c.bike, c.rider}; }
};
RECOUNT_AGGREGATE(bike, "bike", 1, rider)               // category, version of the state, its fields
