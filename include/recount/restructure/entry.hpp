// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The entries of the log as the fold reads them: an event, or a restructure joined from its rows.
//
//     auto const rows = log.read({.from = 1}).events;          // or the rows of one stream
//     for (auto const& e : history::entries_of(rows)) fold.advance(e);
//
// An entry of several rows has the position of its first row, and becomes visible with the last row
// of its commit. Rows may come in any order; from the rows of one stream alone come entries with
// what touches that stream. Nothing in the log makes this throw: a restructure that cannot be
// understood has no operations, an operation that cannot be understood is left out.
//
// Cost: linear in the bytes of the rows. Thread safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <recount/restructure/operation.hpp>

namespace recount::history {

inline constexpr std::string_view restructured_type = "$restructured";

// What a restructure says, as its rows say it.
struct restructure_payload {
    uuid restructure{};                     // its command id
    std::string title;
    std::string because;
    std::vector<std::string> evidence{};
    std::optional<std::string> preview{};   // the hash of what was previewed, 64 digits
    std::vector<std::string> acknowledged{};
    std::optional<uuid> undoes{};
    std::vector<operation> ops{};           // n ascending
};

struct event_entry {
    uuid event;
    content_ptr content;
};

struct entry {
    position first = 0;             // of its first row
    position visible_at = 0;        // the last position of its commit
    std::variant<event_entry, restructure_payload> what;
    std::vector<origin_ptr> rows;   // ascending; of the rows that were given
};

[[nodiscard]] std::vector<entry> entries_of(std::vector<recorded_event> rows);
[[nodiscard]] entry event_entry_of(recorded_event row);

// The entries as the rows of `stream` alone would give them.
[[nodiscard]] std::vector<entry> rows_of_stream(std::vector<entry> const& entries,
                                                std::string_view stream);

}  // namespace recount::history
