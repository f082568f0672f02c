// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "correction/shown_lines.hpp"

#include <algorithm>
#include <unordered_set>

namespace recount::detail {

namespace {

bool stays(preview_line const& line) { return line.mark == line_mark::kept; }

std::vector<shown_line> together(preview_stream const& s) {
    std::vector<shown_line> all;
    auto was = s.before.begin();
    auto is = s.after.begin();
    for (;;) {
        was = std::find_if_not(was, s.before.end(), stays);   // these are in `after` too
        if (was == s.before.end() && is == s.after.end()) return all;
        bool const first = is == s.after.end() ||
                           (was != s.before.end() && was->slot.at <= is->slot.at);
        if (first) {
            all.push_back({&*was++, true, 0});
        } else {
            all.push_back({&*is++, false, 0});
        }
    }
}

// Whether each line changes or stands near one that does.
std::vector<bool> near_a_change(std::vector<shown_line> const& lines, std::size_t context) {
    std::vector<bool> near(lines.size(), false);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (stays(*lines[i].line)) continue;
        auto const first = i - std::min(i, context);
        auto const last = i + std::min(context, lines.size() - 1 - i);
        for (auto j = first; j <= last; ++j) near[j] = true;
    }
    return near;
}

void leave_out_one(std::vector<shown_line>& to) {
    if (to.empty() || to.back().line != nullptr) to.push_back({});
    ++to.back().omitted;
}

std::vector<shown_line> side_of(std::vector<preview_line> const& lines, bool before,
                                std::unordered_set<uuid> const& near) {
    std::vector<shown_line> shown;
    for (auto const& line : lines) {
        if (!stays(line) || near.contains(line.slot.event)) {
            shown.push_back({&line, before, 0});
        } else {
            leave_out_one(shown);
        }
    }
    return shown;
}

}  // namespace

std::vector<shown_line> shown_together(preview_stream const& s, std::size_t context) {
    auto const lines = together(s);
    auto const near = near_a_change(lines, context);
    std::vector<shown_line> shown;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (near[i]) {
            shown.push_back(lines[i]);
        } else {
            leave_out_one(shown);
        }
    }
    return shown;
}

shown_sides shown_apart(preview_stream const& s, std::size_t context) {
    auto const lines = together(s);
    auto const near = near_a_change(lines, context);
    std::unordered_set<uuid> events;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (near[i]) events.insert(lines[i].line->slot.event);
    }
    return {side_of(s.before, true, events), side_of(s.after, false, events)};
}

}  // namespace recount::detail
