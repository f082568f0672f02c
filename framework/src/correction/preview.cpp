// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/correction/preview.hpp>

#include <algorithm>

namespace recount {

std::string_view to_string(line_mark m) noexcept {
    switch (m) {
        case line_mark::kept: return "kept";
        case line_mark::struck: return "struck";
        case line_mark::changed: return "changed";
        case line_mark::moved: return "moved";
        case line_mark::left: return "left";
        case line_mark::arrived: return "arrived";
        case line_mark::inserted: return "inserted";
    }
    return "kept";
}

std::vector<std::string> restructure_preview::unacknowledged() const {
    return unacknowledged_in(streams);
}

std::vector<std::string> unacknowledged_in(std::vector<preview_stream> const& streams) {
    std::vector<std::string> names;
    for (auto const& s : streams) {
        for (auto const& one : s.invariants) {
            if (one.newly_broken() && !one.acknowledged) names.push_back(one.name);
        }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

}  // namespace recount
