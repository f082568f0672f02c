// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a follower is sent, page by page, in the form that it asked for.
//
//     live_feed feed{log, wanted};
//     auto const page = feed.next(256);                          // blocks
//     if (page.mark) add_mark(text, *page.mark);
//     for (auto const& item : page.items) add_item(text, item);
//
// Thread safety: one caller at a time, from any thread. Errors: as the log; the next call begins
// where the failed one did.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <recount/http/message.hpp>
#include <recount/restructure/append_only.hpp>
#include <recount/restructure/changes.hpp>

namespace recount::http::detail {

using live_item =
    std::variant<recorded_event, history::change, history::append_only_event, row_change>;
void add_item(std::string& text, live_item const& item);

struct live_page {
    // All of the commit that the client was in had been told: its mark comes first.
    std::optional<position> mark{};
    std::vector<live_item> items;
    position told = 0;          // the place that who read the items knows; 0: there are none
    position through = 0;
    bool caught_up = false;
    bool lagging = false;       // the log may be further, but what is told here is not yet
};

class live_feed {
public:
    live_feed(recount::log& from, live_events const& wanted);

    [[nodiscard]] live_page next(std::size_t limit);
    [[nodiscard]] position after() const noexcept { return after_; }
    // That everything up to there was told.
    void add_place(std::string& text, position through) const;

private:
    struct recorded_feed {
        recount::log* from;
        feed_filter filter;
    };
    struct row_feed {
        decltype(live_events::rows) read;
        history::change_mark at;
    };
    std::variant<recorded_feed, history::change_reader, history::append_only_reader, row_feed>
        source_;
    position after_;
    std::optional<position> unmarked_{};   // the commit that the client was in, at first

    [[nodiscard]] live_page next_rows(row_feed& from, std::size_t limit);
};

}  // namespace recount::http::detail
