// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The feed page by page, read ahead: while the caller is at work on a page, the next two are on
// their way. For whoever reads much of a log: a rebuild, an export, a report.
//
//     recount::feed_reader reader{log, checkpoint, {.types = {"account.moved"}}};
//     for (;;) {
//         auto const page = reader.next();
//         for (auto const& event : page.events) …
//         if (page.caught_up) break;          // or log.wait(page.through, …), and next() again
//     }
//
// Each page is from where the one before ended to an end of a commit, about `limit` positions: no
// event is left out or repeated, no commit cut. The page after the next is asked for before it is
// known where it begins; what both have is dropped. At the end of the log nothing is read ahead: a
// page that ends there was asked for within the last three calls of next().
// Thread safety: one caller at a time; the log is read from other threads. Lifetimes: the log
// outlives the reader, whose destructor waits for pages that are on their way. Errors: next()
// throws what read_feed throws; called again it reads the same page again. Cost: a thread and a
// session for each page that is on its way, and their memory; of all readers of the process at most
// eight such pages, so that those who wait for an answer find a session.
#pragma once

#include <cstddef>
#include <deque>
#include <future>

#include <recount/log/log.hpp>

namespace recount {

class feed_reader {
public:
    explicit feed_reader(log& from, position after = 0, feed_filter filter = {},
                         std::size_t limit = limits::page_events_default);
    ~feed_reader();
    feed_reader(feed_reader const&) = delete;
    feed_reader& operator=(feed_reader const&) = delete;

    [[nodiscard]] feed_page next();
    // Where the next page begins.
    [[nodiscard]] position after() const noexcept { return after_; }

private:
    log& log_;
    position after_;
    feed_filter filter_;
    std::size_t limit_;
    struct asked {
        position after;  // at or before the end of the page before
        std::future<feed_page> page;
    };
    std::deque<asked> ahead_;

    [[nodiscard]] feed_page read();
    void read_ahead(position head);
    [[nodiscard]] bool ask(position after);
};

}  // namespace recount
