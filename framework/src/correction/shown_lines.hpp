// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The lines of a preview that are shown: those that change, some around them, and how many were
// left out between.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <recount/correction/preview.hpp>

namespace recount::detail {

struct shown_line {
    preview_line const* line = nullptr;   // null: `omitted` lines that stay as they are
    std::size_t omitted = 0;
};

[[nodiscard]] inline std::vector<shown_line> shown_of(std::vector<preview_line const*> const& lines,
                                                      std::size_t context) {
    std::vector<bool> wanted(lines.size(), false);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (lines[i]->mark == line_mark::kept) continue;
        auto const first = i - std::min(i, context);
        auto const last = std::min(lines.size() - 1, context < lines.size() - i ? i + context
                                                                                : lines.size() - 1);
        for (auto j = first; j <= last; ++j) wanted[j] = true;
    }
    std::vector<shown_line> shown;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (wanted[i]) {
            shown.push_back({lines[i]});
        } else if (!shown.empty() && shown.back().line == nullptr) {
            ++shown.back().omitted;
        } else {
            shown.push_back({nullptr, 1});
        }
    }
    return shown;
}
[[nodiscard]] inline std::vector<shown_line> shown_of(std::vector<preview_line> const& lines,
                                                      std::size_t context) {
    std::vector<preview_line const*> all;
    all.reserve(lines.size());
    for (auto const& line : lines) all.push_back(&line);
    return shown_of(all, context);
}

}  // namespace recount::detail
