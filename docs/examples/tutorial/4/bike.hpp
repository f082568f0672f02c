// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#pragma once

#include <recount/recount.hpp>

using bike_id = recount::strong_id<struct bike_tag>;
using rider_id = recount::strong_id<struct rider_tag>;
using station_id = recount::strong_id<struct station_tag>;

// What has happened.
struct hired {
    bike_id bike;
    rider_id rider;
};
RECOUNT_EVENT(hired, "bike.hired", 1, bike, rider)

struct brought_back {
    bike_id bike;
    station_id station;
};
RECOUNT_EVENT(brought_back, "bike.brought_back", 1, bike, station)

// What is asked.
struct hire {
    bike_id bike;
    rider_id rider;
};
RECOUNT_COMMAND(hire, "bike.hire", bike, rider)

struct bring_back {
    bike_id bike;
    station_id station;
};
RECOUNT_COMMAND(bring_back, "bike.bring_back", bike, station)

struct bike {
    using id = bike_id;
    using events = recount::types<hired, brought_back>;
    using commands = recount::types<hire, bring_back>;
    using decision = recount::decision<events>;

    std::optional<rider_id> rider;

    static void evolve(bike& b, hired const& e) { b.rider = e.rider; }
    static void evolve(bike& b, brought_back const&) { b.rider.reset(); }

    static decision decide(bike const& b, hire const& c) {
        if (b.rider) return recount::rejection{"already_out", b.rider->value + " has this bike"};
        return hired{c.bike, c.rider};
    }
    static decision decide(bike const& b, bring_back const& c) {
        if (!b.rider) return recount::rejection{"not_out", "nobody has this bike"};
        return brought_back{c.bike, c.station};
    }
};
RECOUNT_AGGREGATE(bike, "bike", 1, rider)
