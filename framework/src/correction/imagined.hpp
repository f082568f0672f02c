// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The history that a plan would make: the rows that would be appended are told to a copy of the
// fold that it was judged by, as they would be read from the log. Nothing is written.
#pragma once

#include <string>
#include <vector>

#include <recount/correction/preview.hpp>

namespace recount::detail {

struct imagined {
    history::fold after;
    std::vector<recorded_event> rows;   // that would be appended
    position was_at = 0;   // knowledge positions in `after`: as it is, and as it would be
    position is_at = 0;
    // From here on up to was_at the plan comes to the same: there are its slots, and no restructure
    // of its streams comes later.
    position stands_from = 0;
};
[[nodiscard]] imagined imagine(history::judged_plan const& judged);

struct stream_lines {
    std::vector<preview_line> before;
    std::vector<preview_line> after;
};
[[nodiscard]] stream_lines lines_of(imagined const& history, std::string const& stream);

}  // namespace recount::detail
