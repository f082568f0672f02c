// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Reading a stream of a log as it is to be told: corrected, as believed at a knowledge position,
// at a version, up to an effective time; or annotated, with all that was ever there.
//
//     auto const now = history::read_corrected(log, account);
//     auto const then = history::read_corrected(log, account, {.known_at = 4711});
//     for (auto const& e : then.events) replay(e);          // then.known_at: the position it used
//
// Recorded reading is log::read_stream. A stream without restructures is read as it is: the events
// are its rows. With them, an event is what its slot says: type, payload and effective time of its
// content, the stream that it is in now, and all else of the row that first carried its id.
//
// Errors: as log::read_stream; errc::invalid_argument for a position or version below zero;
// errc::not_found for a version that the stream never had. What a restructure says never throws.
// Cost: linear in the rows of the stream. Thread safety: pure but for the log.
#pragma once

#include <optional>
#include <vector>

#include <recount/log/log.hpp>
#include <recount/restructure/fold.hpp>

namespace recount::history {

// Empty: as it is now. With a position and a version the earlier of the two holds.
struct read_cut {
    std::optional<position> known_at{};           // inside a commit: the end of the one before
    std::optional<recount::version> version{};    // of the recorded stream; up to its commit's end
    std::optional<timestamp> effective_until{};
};

struct stream_view {
    std::vector<recorded_event> events;   // in order
    position known_at = 0;                // the knowledge position that was used
    recount::version version = 0;         // of the recorded stream there
    digest hash{};                        // of the row at that version; zero at 0
    bool restructured = false;            // some of those rows are restructures
};
[[nodiscard]] stream_view read_corrected(log& from, stream_name const& stream,
                                         read_cut const& cut = {});

struct annotated_view {
    std::vector<annotated_slot> slots;    // by place
    position known_at = 0;
    recount::version version = 0;
};
// `cut.effective_until` filters nothing here.
[[nodiscard]] annotated_view read_annotated(log& from, stream_name const& stream,
                                            read_cut const& cut = {});

// The end of the commit that ends at `k` or last before it; the head for what is beyond it.
[[nodiscard]] position round_down(log& from, position k);

// All rows of a stream, as recorded, and the head that they were read at.
struct stream_rows {
    std::vector<recorded_event> rows;
    position as_of = 0;
};
[[nodiscard]] stream_rows read_rows(log& from, stream_name const& stream,
                                    recount::version first = 1);

[[nodiscard]] bool is_restructure(recorded_event const& row) noexcept;
// What a slot says, as an event. `command` is left out.
[[nodiscard]] recorded_event event_of(slot_version const& slot);

}  // namespace recount::history
