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

struct defect_reported {
    bike_id bike;
    std::string text;
};
RECOUNT_EVENT(defect_reported, "bike.defect_reported", 1, bike, text)

struct repaired {
    bike_id bike;
};
RECOUNT_EVENT(repaired, "bike.repaired", 1, bike)

// What is asked.
struct hire {
    bike_id bike;
    rider_id rider;
};
RECOUNT_COMMAND(hire, "bike.hire", bike, rider)

struct bring_back {
    bike_id bike;
    station_id station;
    std::optional<recount::timestamp> when;             // absent: now
    std::optional<std::string> defect;                  // absent: none
};
RECOUNT_COMMAND(bring_back, "bike.bring_back", bike, station, when, defect)

struct repair {
    bike_id bike;
};
RECOUNT_COMMAND(repair, "bike.repair", bike)

struct bike {
    using id = bike_id;
    using events = recount::types<hired, brought_back, defect_reported, repaired>;
    using commands = recount::types<hire, bring_back, repair>;
    using decision = recount::decision<events>;

    std::optional<rider_id> rider;
    bool is_defective = false;

    static void evolve(bike& b, hired const& e) { b.rider = e.rider; }
    static void evolve(bike& b, brought_back const&) { b.rider.reset(); }
    static void evolve(bike& b, defect_reported const&) { b.is_defective = true; }
    static void evolve(bike& b, repaired const&) { b.is_defective = false; }

    static decision decide(bike const& b, hire const& c) {
        if (b.rider) return recount::rejection{"already_out", b.rider->value + " has this bike"};
        if (b.is_defective) return recount::rejection{"defective", "this bike is to be repaired"};
        return hired{c.bike, c.rider};
    }
    static decision decide(bike const& b, bring_back const& c, recount::facts const& known) {
        if (!b.rider) return recount::rejection{"not_out", "nobody has this bike"};
        auto const when = c.when.value_or(known.now);
        if (when > known.now) return recount::rejection{"too_early", "that is in the future"};

        decision made;
        made.add(recount::effective(brought_back{c.bike, c.station}, when));
        if (c.defect) made.add(recount::effective(defect_reported{c.bike, *c.defect}, when));
        return made;
    }
    static decision decide(bike const& b, repair const& c) {
        if (!b.is_defective) return {};                 // accepted, and nothing to record
        return repaired{c.bike};
    }
};
RECOUNT_AGGREGATE(bike, "bike", 2, rider, is_defective)
