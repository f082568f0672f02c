// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Which of the histories of a stream is wanted: as it is known now, or was known then, at a version,
// up to an effective time.
//
//     history::read_corrected(log, account, {.known_at = 4711, .effective_until = month_end});
//
// Thread safety: a value.
#pragma once

#include <optional>

#include <recount/log/event.hpp>

namespace recount::history {

// Empty: as it is now. With a position and a version the earlier of the two holds.
struct read_cut {
    std::optional<position> known_at{};           // inside a commit: the end of the one before
    std::optional<recount::version> version{};    // of the recorded stream; up to its commit's end
    std::optional<timestamp> effective_until{};

    [[nodiscard]] bool empty() const noexcept {
        return !known_at && !version && !effective_until;
    }
};

}  // namespace recount::history
