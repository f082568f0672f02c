// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Events into a log, from the lines of an export or of a program that moves in from tables.
//
//     std::ifstream file{"events.ndjson"};
//     auto done = recount::import_events(app, file, {.batch = "legacy"});
//
// A line names at least `stream`, `type` and `payload`; ids make it idempotent (`id` as exported,
// or a `key` of your own, else the number of the line), so an import that was broken off is simply
// run again. Lines of one id or key, one behind the other, are one commit. Every payload is decoded
// as its type and version say before it is stored; what is stored are the bytes of the line.
// The log holds the events in the order of the lines. Batches of commits are one transaction each.
// An export that holds restructures is taken only whole and by an empty store, where nobody else
// appends: a restructure names positions of its log. It is errc::refused else, at its line.
// Thread safety: one import at a time on one stream of lines; others may append meanwhile.
// Errors: errc::invalid_argument and invalid_json name the line; everything before the batch of
// that line is stored. errc::conflict when `version` is not the next of its stream.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>

#include <recount/app/application.hpp>

namespace recount {

struct import_options {
    std::string batch = "import";     // part of the ids made of keys and line numbers
    bool ignore_versions = false;     // append behind what a stream has already
    std::function<void(std::int64_t lines)> progress{};
    std::function<bool()> stop_wanted{};
};

struct import_report {
    std::int64_t lines = 0;
    std::int64_t recorded = 0;        // events that are new
    std::int64_t known = 0;           // events that the log had
    position through = 0;             // of the log, after the last of them
};

import_report import_events(application& to, std::istream& from, import_options const& options);

}  // namespace recount
