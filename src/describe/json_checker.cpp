// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "json_checker.hpp"

#include <algorithm>

#include <fmt/core.h>

#include <recount/core/text.hpp>

namespace recount::describe::detail {

json_path json_checker::path_of(std::size_t levels) const {
    json_path path;
    auto keys_end = keys_.size();
    // The keys of an object end where those of the next one inside begin.
    std::array<std::size_t, limits::json_depth_max> ends{};
    for (auto i = depth_; i-- > 0; keys_end = frames_[i].keys_begin) ends[i] = keys_end;
    for (std::size_t i = 0; i < levels; ++i) {
        auto const& f = frames_[i];
        if (f.array && f.at != none) path.index(f.at);
        if (!f.array && ends[i] > f.keys_begin) path.field(keys_[ends[i] - 1]);
    }
    return path;
}

void json_checker::begin_value() {
    if (depth_ > 0 && frames_[depth_ - 1].array) ++frames_[depth_ - 1].at;
}

void json_checker::too_large(double, std::string_view raw) {
    begin_value();
    refuse(path(), fmt::format("expected an integer within 64 bits, found {}", excerpt(raw)));
}

void json_checker::string(std::string_view value) {
    begin_value();
    if (value.find('\0') != std::string_view::npos) {
        refuse(path(), "expected text without NUL, found U+0000");
    }
}

void json_checker::push(bool array) {
    begin_value();
    if (depth_ == frames_.size()) {
        refuse(path(), fmt::format("more than {} levels", limits::json_depth_max));
    }
    frames_[depth_++] = {array, none, keys_.size()};
}

void json_checker::key(std::string_view name) {
    keys_.emplace_back(name);
    if (name.find('\0') != std::string_view::npos) {
        refuse(path(), "expected text without NUL, found U+0000");
    }
}

// Sorting at the end costs n log n however many keys there are, and nothing for none or one.
void json_checker::end_object() {
    auto const begin = keys_.begin() + static_cast<std::ptrdiff_t>(frames_[depth_ - 1].keys_begin);
    std::sort(begin, keys_.end());
    if (auto const twin = std::adjacent_find(begin, keys_.end()); twin != keys_.end()) {
        auto path = path_of(depth_ - 1);
        path.field(*twin);
        refuse(path, "repeated key");
    }
    keys_.erase(begin, keys_.end());
    --depth_;
}

}  // namespace recount::describe::detail
