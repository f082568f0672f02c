// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// How far a subscriber has come with the corrections of a log, and what it subscribed to.
//
//     auto const mark = history::change_mark::from_text("8.3");   // or "8": all of commit 8
//     history::change_reader reader{log, {.after = *mark, .filter = {.categories = {"account"}}}};
//
// A k is the end of a commit, its last position. Within one, what a subscriber is told has ordinals
// that ascend in the order of delivery and depend on nothing but the log: not on the filter, the
// page or the process. So (k, ordinal) names one change for ever, and whoever remembers the highest
// that it took can ignore what comes twice. Ordinals have gaps.
// Thread safety: values.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <recount/log/log.hpp>

namespace recount::history {

struct change_mark {
    position k = 0;                            // 0: nothing was told yet
    std::optional<std::uint32_t> ordinal{};    // empty: all of the commit was told

    // "8.3", "8"; nothing for any other text.
    [[nodiscard]] std::string text() const;
    [[nodiscard]] static std::optional<change_mark> from_text(std::string_view text);
    // True if the change of that name was told by then.
    [[nodiscard]] bool covers(position of, std::uint32_t at) const noexcept {
        return of != k ? of < k : !ordinal || at <= *ordinal;
    }
    friend bool operator==(change_mark const&, change_mark const&) = default;
};

struct change_options {
    change_mark after{};
    // By what a slot says and where it is. Streams whose category begins with $ (sagas, proposals)
    // are told of only to those who name the category or the stream.
    feed_filter filter{};
    std::optional<position> until{};           // as known then; inside a commit: at the one before
};

// Whether such a filter lets a slot pass.
[[nodiscard]] bool passes(feed_filter const& filter, std::string_view stream,
                          std::string_view type);

}  // namespace recount::history
