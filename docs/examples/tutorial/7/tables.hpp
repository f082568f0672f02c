// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#pragma once

#include "bike.hpp"

// A row a bike: who has it, or where it stands.
struct bike_row {
    bike_id bike;
    std::optional<rider_id> rider;
    std::optional<station_id> station;
    recount::timestamp since;
    std::optional<recount::timestamp> due;
};
RECOUNT_ROW(bike_row, 2, recount::key<&bike_row::bike>, bike, rider, station, since, due)

// The table: what each event changes in the rows.
struct bikes_now {
    using row = bike_row;
    using events = recount::types<hired, brought_back>;

    static void on(recount::rows<row>& r, hired const& e, recount::info const& i) {
        auto& bike = r[i.stream_id<bike_id>()];         // the row with this key, or a fresh one
        bike.rider = e.rider;
        bike.due = e.due;
        bike.station.reset();
        bike.since = i.effective_at;
    }
    static void on(recount::rows<row>& r, brought_back const& e, recount::info const& i) {
        auto& bike = r[i.stream_id<bike_id>()];
        bike.rider.reset();
        bike.due.reset();
        bike.station = e.station;
        bike.since = i.effective_at;
    }
};
RECOUNT_PROJECTION(bikes_now, "bikes_now", 2)           // name and version of the table
