// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/kept_snapshots.hpp"

#include "postgres/event_rows.hpp"

namespace recount::postgres {

std::map<std::string, snapshot> kept_snapshots::find(std::span<snapshot_key const> keys) {
    std::map<std::string, snapshot> found;
    if (keys.empty()) return found;
    array_literal streams;
    array_literal aggregates;
    for (auto const& key : keys) {
        streams.add(key.stream.str());
        aggregates.add(key.aggregate);
    }
    auto const rows =
        sessions_.lend()->execute(queries_.find_snapshots, {streams.take(), aggregates.take()});
    for (std::size_t i = 0; i < rows.size(); ++i) {
        snapshot one{{stream_name{std::string{rows.text(i, 0)}}, std::string{rows.text(i, 1)}}};
        one.state_version = static_cast<int>(rows.integer(i, 2));
        one.shape = digest_of(rows.text(i, 3));
        one.version = rows.integer(i, 4);
        one.hash = digest_of(rows.text(i, 5));
        one.as_of = rows.integer(i, 6);
        one.state = rows.text(i, 7);
        found.emplace(one.of.stream.str(), std::move(one));
    }
    return found;
}

void kept_snapshots::keep(std::span<snapshot const> fresh) {
    if (fresh.empty()) return;
    array_literal streams, aggregates, state_versions, shapes, versions, hashes, positions, states;
    for (auto const& one : fresh) {
        streams.add(one.of.stream.str());
        aggregates.add(one.of.aggregate);
        state_versions.add(std::int64_t{one.state_version});
        shapes.add(bytea_of(one.shape));
        versions.add(one.version);
        hashes.add(bytea_of(one.hash));
        positions.add(one.as_of);
        states.add(one.state);
    }
    sessions_.lend()->execute(queries_.keep_snapshots,
                              {streams.take(), aggregates.take(), state_versions.take(),
                               shapes.take(), versions.take(), hashes.take(), positions.take(),
                               states.take()});
}

}  // namespace recount::postgres
