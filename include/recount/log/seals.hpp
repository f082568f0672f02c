// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Periods that are closed: what happened in them is not appended any more, and not corrected unless
// a plan acknowledges it.
//
//     log.seal({.category = "account", .until = end_of_year, .actor = "ada",
//               .because = "the accounts of 2025 are audited"});
//     auto const now = seals_in_force{log.list_seals()};
//     if (now.closes("account", when)) …
//
// By category and effective time: nothing that happened until then may be written, neither where
// it was nor where it would be. By position: what was recorded up to there may not be corrected.
// The newest seal of a category holds, and so does the newest one by position; to open a period
// again is to seal once more, with less. Nothing is ever taken out of the list.
//
// Thread safety: values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recount/log/event.hpp>

namespace recount {

struct new_seal {
    std::string category{};            // empty: by position
    std::optional<timestamp> until{};  // of a category; nothing: all of it is open again
    position through = 0;              // by position; 0: all is open again
    std::string actor{};
    std::string because{};
};

struct recorded_seal {
    std::string category{};
    std::optional<timestamp> until{};
    position through = 0;
    std::string actor{};
    std::string because{};
    timestamp sealed_at{};
    position head = 0;                 // the end of the log at that time
};

struct seals_in_force {
    std::map<std::string, timestamp, std::less<>> until{};  // by category
    position through = 0;

    seals_in_force() = default;
    explicit seals_in_force(std::vector<recorded_seal> const& oldest_first);
    // Until when the category is closed, if `when` lies in that.
    [[nodiscard]] std::optional<timestamp> closes(std::string_view category, timestamp when) const;
};

}  // namespace recount
