// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Events out of a log, one JSON object a line, each checked against the hash chain on its way.
//
//     std::ofstream file{"events.ndjson"};
//     auto done = recount::export_events(log, file, {});
//
// A line is the event's envelope and, in the first event of a commit, the `command` that led to it
// (docs/reference/ndjson.md). Whole commits only, in order of position.
// Thread safety: any thread; the stream belongs to the caller. Cost: about 100,000 events a second,
// and one hash a stream in memory.
// Errors: errc::corrupted names the first event whose hash is not that of its stored bytes, which
// is not written; errc::refused when the stream cannot be written (disk full).
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>

#include <recount/log/log.hpp>

namespace recount {

struct export_options {
    position after = 0;
    feed_filter filter{};
    std::function<void(position)> progress{};   // after each page
    std::function<bool()> stop_wanted{};
};

struct export_report {
    std::int64_t events = 0;
    position through = 0;     // everything up to here was looked at
};

export_report export_events(log& from, std::ostream& to, export_options const& options);

// Where an export that was broken off goes on: the last whole line of a file. Cuts off what comes
// after it. 0 for a file that is empty or not there. Throws errc::refused unless that line is an
// event of this log.
[[nodiscard]] position resume_export(log& from, std::string const& path);

}  // namespace recount
