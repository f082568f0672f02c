// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Snapshots: states of aggregates as JSON, kept beside the log so that a long stream need not be
// read from its beginning. A log that keeps them has `snapshots()`.
//
//     if (auto* const kept = log.snapshots()) {
//         kept->keep(std::array{snapshot});
//         for (auto const& [stream, found] : kept->find(std::array{key})) …
//     }
//
// A snapshot is a cache, never the truth: whoever finds one has to check that it fits
// (`state_version` and `shape` of the program, `hash` of the stream's event at `version`), and
// losing one costs time only. One a stream and aggregate is kept: the newest.
// Thread safety: every function from any thread. Errors: recount::error, as those of the log.
#pragma once

#include <map>
#include <span>
#include <string>

#include <recount/log/event.hpp>

namespace recount {

struct snapshot_key {
    stream_name stream;
    std::string aggregate;             // its category
};

struct snapshot {
    snapshot_key of;
    int state_version = 0;             // as RECOUNT_AGGREGATE has it
    digest shape{};                    // of the state's description
    recount::version version = 0;      // of the stream: all events up to it are in the state
    digest hash{};                     // of the event there
    position as_of = 0;                // the head of the log that the state was known to hold at
    std::string state{};               // JSON
};

class snapshot_store {
public:
    snapshot_store() = default;
    snapshot_store(snapshot_store const&) = delete;
    snapshot_store& operator=(snapshot_store const&) = delete;
    virtual ~snapshot_store() = default;

    // By name of the stream; those that there are none of are missing.
    [[nodiscard]] virtual std::map<std::string, snapshot> find(
        std::span<snapshot_key const> keys) = 0;
    // Each takes the place of an older one: of a lower state version, else of a lower version, else
    // of one that the stream does not reach (any more). Streams that do not exist are passed over.
    // Each key once. May not be on disk when this returns.
    virtual void keep(std::span<snapshot const> fresh) = 0;
};

}  // namespace recount
