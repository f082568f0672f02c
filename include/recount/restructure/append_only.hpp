// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The log for those who can only append: events as they are recorded, and for each slot that a
// restructure touched one event that says what has become of it.
//
//     history::append_only_reader reader{log, {.after = saved}};
//     auto const page = reader.next();
//     for (auto const& e : page.events) {
//         if (auto const* const c = std::get_if<history::event_corrected>(&e.what)) amend(*c);
//         else send(std::get<recorded_event>(e.what));
//     }
//
// The rows of restructures themselves are left out. What is said of a slot does not depend on the
// filter: it passes if what the slot said before or says after does, and then both are told, though
// one of them be in a stream that was not asked for. Marks, pages, errors and costs are those of
// changes.hpp, except that a restructure costs the rows of all the streams that it touches.
// Thread safety: one caller at a time. Lifetimes: the log must outlive it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <recount/restructure/change_mark.hpp>
#include <recount/restructure/place.hpp>

namespace recount::history {

enum class correction_kind : std::uint8_t {
    inserted,      // it was missing
    excluded,      // it is no longer told
    reinstated,    // an earlier exclusion is taken back
    replaced,      // other content
    moved          // another place, or another stream
};
[[nodiscard]] std::string_view name_of(correction_kind kind) noexcept;

struct event_corrected {
    struct said {
        recorded_event event;     // as the slot says; `command` is left out
        place at;
    };
    uuid event;                          // the slot
    std::string stream;                  // where it is; of an excluded one, where it was
    std::vector<correction_kind> what;   // one; or replaced and moved
    std::optional<said> before{};        // nothing: it was not told before
    std::optional<said> after{};         // nothing: it is not told any more

    uuid restructure;
    std::string title;
    std::string because;
    std::optional<std::string> by{};
    std::optional<uuid> undoes{};
    timestamp recorded_at;               // of the restructure
};

struct append_only_event {
    position k = 0;               // the end of its commit
    std::uint32_t ordinal = 0;    // within k
    bool last = false;            // of its commit: all up to k was told, a mark
    std::variant<recorded_event, event_corrected> what;

    [[nodiscard]] change_mark mark() const noexcept { return {k, ordinal}; }
};

// {"k":12,"ordinal":0,"event":{…the envelope…}}, or
// {"k":8,"ordinal":0,"event_corrected":{"event":id,"stream":…,"what":["moved"],
//  "before":{"order":…,"event":{…}}?,"after":{…}?,"restructure":id,"title":…,"because":…,"by":…?,
//  "undoes":id?,"recorded_at":…}}
[[nodiscard]] std::string to_json(append_only_event const& e);

struct append_only_page {
    std::vector<append_only_event> events;
    position through = 0;         // a mark: everything up to here was told
    position head = 0;            // the end of the log when it was read
    position known_at = 0;        // what is told in the end: the head, or `until` as it was used
    bool caught_up = false;       // through == known_at
};

namespace detail { class append_only_source; }

class append_only_reader {
public:
    explicit append_only_reader(log& from, change_options options = {});
    ~append_only_reader();
    append_only_reader(append_only_reader&& other) noexcept;
    append_only_reader& operator=(append_only_reader&& other) noexcept;

    // As change_reader::next.
    [[nodiscard]] append_only_page next(std::size_t limit = limits::page_events_default);
    // Between two pages: the next one is of the log as it is then, as that of a reader which begins
    // there would be; what is known of restructured streams stays.
    void set_aside() noexcept;

private:
    std::unique_ptr<detail::append_only_source> source_;
};

}  // namespace recount::history
