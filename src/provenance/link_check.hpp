// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The links between batches, computed anew while the rows go by. No I/O: links are handed over
// ahead of the rows that they cover.
#pragma once

#include <deque>
#include <limits>
#include <optional>
#include <string_view>

#include "provenance/differences.hpp"

namespace recount::provenance::detail {

// What is taken for true of the batch before the first one to check.
struct link_start {
    position last = 0;
    digest link{};
    timestamp recorded_at = timestamp{duration{std::numeric_limits<std::int64_t>::min()}};
};

class link_check {
public:
    link_check(link_start const& start, std::optional<store_head> const& head, differences& found)
        : before_{start}, head_{head ? &*head : nullptr}, found_{found} {}

    void announce(stored_link const& link) { ahead_.push_back(link); }
    // The last position that is announced.
    [[nodiscard]] position announced() const noexcept {
        if (!ahead_.empty()) return ahead_.back().last;
        return current_ ? current_->last : before_.last;
    }

    void take(stored_event const& row, std::string_view stream);
    // After the last row.
    void finish();

    [[nodiscard]] std::int64_t batches() const noexcept { return batches_; }
    [[nodiscard]] digest const& last_link() const noexcept { return before_.link; }
    [[nodiscard]] position last_position() const noexcept { return before_.last; }
    [[nodiscard]] bool head_met() const noexcept { return head_met_; }
    // The head may be that of the batch before the first one.
    void compare_head(position at, digest const& link);

private:
    link_start before_;
    store_head const* head_;
    differences& found_;
    std::deque<stored_link> ahead_;
    std::optional<stored_link> current_;
    hasher hash_;
    std::int64_t batches_ = 0;
    bool head_met_ = false;

    void open();
    void close();
};

}  // namespace recount::provenance::detail
