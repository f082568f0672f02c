// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The log as changes, for those who keep something that follows it: an event asserts a slot; a
// restructure retracts each slot version that it ends and asserts each that it makes.
//
//     history::change_reader reader{log, {.after = saved, .filter = {.categories = {"account"}}}};
//     for (;;) {
//         auto const page = reader.next();
//         for (auto const& c : page.changes) c.weight > 0 ? index.add(c) : index.remove(c);
//         save_with_it({page.through});                          // a mark
//         if (page.caught_up) static_cast<void>(log.wait(page.through, 500ms));
//     }
//
// Adding what is asserted and removing what is retracted, by event id, gives at each mark the
// corrected history of every stream as known at that mark: its slots, sorted by `at`. An event that
// only changes its place is retracted and asserted again. What stands in a page twice after a
// restart is known by (k, ordinal) (change_mark.hpp). A filter speaks of what a slot says: an event
// that is moved out of what was asked for is retracted, one that comes in is asserted. A retraction
// says word for word what the assertion said that it takes back.
//
// A page holds whole commits, unless it begins behind a mark that is inside one.
// Errors: as log::read_feed and log::read_stream; errc::invalid_argument for a mark beyond the log.
// After an error the next call begins where the failed one did.
// Cost: reading the feed; at a restructure, the rows of the streams that it touches and the filter
// lets pass, once, and later what was appended to them since. Streams without restructures cost
// nothing more. Memory: a page; of the folds of restructured streams as many rows as
// limits::refold_rows_kept, the one in hand in any case.
// Thread safety: one caller at a time. Lifetimes: the log must outlive it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <recount/restructure/change_mark.hpp>
#include <recount/restructure/place.hpp>

namespace recount::history {

struct change {
    position k = 0;               // the end of its commit
    std::uint32_t ordinal = 0;    // within k
    int weight = 1;               // 1: asserted, it is so; -1: retracted, it is so no more
    bool last = false;            // of its commit: all up to k was told, a mark
    recorded_event event;         // as the slot says; `command` is left out
    place at;                     // in the order of its stream

    [[nodiscard]] change_mark mark() const noexcept { return {k, ordinal}; }
};

// {"k":8,"ordinal":1,"change":"assert","order":"…","event":{…the envelope…}}
[[nodiscard]] std::string to_json(change const& c);
// A text that compares, byte by byte, as the places do: digits and a to f.
[[nodiscard]] std::string order_text(place const& at);

struct changes_page {
    std::vector<change> changes;
    position through = 0;         // a mark: everything up to here was told
    position head = 0;            // the end of the log when it was read
    position known_at = 0;        // what is told in the end: the head, or `until` as it was used
    bool caught_up = false;       // through == known_at
};

namespace detail { class change_source; }

class change_reader {
public:
    explicit change_reader(log& from, change_options options = {});
    ~change_reader();
    change_reader(change_reader&& other) noexcept;
    change_reader& operator=(change_reader&& other) noexcept;

    // Tells about `limit` changes, to the end of a commit, of about as many positions; with a filter
    // of limits::page_events_default positions. It may find none that pass and yet come further.
    [[nodiscard]] changes_page next(std::size_t limit = limits::page_events_default);
    // Between two pages: the next one is of the log as it is then, as that of a reader which begins
    // there would be; what is known of restructured streams stays.
    void set_aside() noexcept;

private:
    std::unique_ptr<detail::change_source> source_;
};

}  // namespace recount::history
