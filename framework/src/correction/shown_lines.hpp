// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The lines of a preview that are shown: those that change, some around them, and how many were
// left out between. What stays as it is is shown on both sides or on none.
#pragma once

#include <cstddef>
#include <vector>

#include <recount/correction/preview.hpp>

namespace recount::detail {

struct shown_line {
    preview_line const* line = nullptr;   // null: `omitted` lines that stay as they are
    bool before = false;                  // the line is how it is, not how it would be
    std::size_t omitted = 0;
};

// Both sides as one column, by place: what stays once, what changes as it is and as it would be.
[[nodiscard]] std::vector<shown_line> shown_together(preview_stream const& s, std::size_t context);

struct shown_sides {
    std::vector<shown_line> before;
    std::vector<shown_line> after;
};
[[nodiscard]] shown_sides shown_apart(preview_stream const& s, std::size_t context);

}  // namespace recount::detail
