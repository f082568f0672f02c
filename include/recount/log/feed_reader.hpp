// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The feed page by page, read ahead: while the caller is at work on a page, the next one is on its
// way. For whoever reads much of a log: a rebuild, an export, a report.
//
//     recount::feed_reader reader{log, checkpoint, {.types = {"account.moved"}}};
//     for (;;) {
//         auto const page = reader.next();
//         for (auto const& event : page.events) …
//         if (page.caught_up) break;          // or log.wait(page.through, …), and next() again
//     }
//
// The pages are those of log::read_feed, each from where the one before ended: none is left out,
// repeated or cut. At the end of the log nothing is read ahead, so a page is never older than the
// call of next() before the one that returns it.
// Thread safety: one caller at a time. Lifetimes: the log outlives the reader, whose destructor
// waits for a page that is on its way. Errors: next() throws what read_feed throws; called again it
// reads the same page again. Cost: a thread while a page is read ahead, and one page more memory.
#pragma once

#include <cstddef>
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
    std::future<feed_page> ahead_;  // the page after `after_`, if it was asked for

    void read_ahead();
};

}  // namespace recount
