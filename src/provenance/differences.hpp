// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a verification has found so far, bounded.
#pragma once

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <recount/provenance/verify.hpp>

namespace recount::provenance::detail {

class differences {
public:
    void add(position at, std::string_view stream, std::string_view what, std::string expected,
             std::string found) {
        ++count_;
        if (kept_.size() >= differences_kept_max) return;
        kept_.push_back({at, std::string{stream}, std::string{what}, std::move(expected),
                         std::move(found)});
    }
    void hand_over(verify_report& to) {
        // A batch is judged at its end, the list of streams at the end of all.
        std::stable_sort(kept_.begin(), kept_.end(),
                         [](auto const& a, auto const& b) { return a.at < b.at; });
        to.differences = std::move(kept_);
        to.differences_count = count_;
    }

private:
    std::vector<difference> kept_;
    std::int64_t count_ = 0;
};

// Any stored time can be shown, also one that has no text form.
[[nodiscard]] inline std::string time_text(timestamp when) {
    if (when >= timestamp_min && when <= timestamp_max) return to_string(when);
    return std::to_string(microseconds_since_epoch(when)) + " µs";
}

[[nodiscard]] inline std::string hash_text(std::optional<digest> const& hash) {
    return hash ? to_hex(*hash) : std::string{"not 32 bytes"};
}

}  // namespace recount::provenance::detail
