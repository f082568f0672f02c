// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/restructure/read.hpp>

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include <fmt/core.h>

namespace recount::history {

namespace {

void check(read_cut const& cut) {
    if (cut.known_at && *cut.known_at < 0) {
        throw error{errc::invalid_argument,
                    fmt::format("a knowledge position is 0 or more, found {}", *cut.known_at)};
    }
    if (cut.version && *cut.version < 0) {
        throw error{errc::invalid_argument,
                    fmt::format("a version is 0 or more, found {}", *cut.version)};
    }
}

// The rows that a cut leaves: those of whole commits up to `known_at`.
struct rows_known {
    std::vector<recorded_event> rows;
    position known_at = 0;
    bool restructured = false;
};

position known_at_version(std::vector<recorded_event> const& rows, stream_name const& stream,
                          version wanted) {
    if (wanted == 0) return 0;
    if (wanted > static_cast<version>(rows.size())) {
        throw error{errc::not_found, fmt::format("{} has {} versions, and no version {}",
                                                 stream.str(), rows.size(), wanted)};
    }
    return rows[static_cast<std::size_t>(wanted) - 1].commit_last;
}

rows_known rows_of(log& from, stream_name const& stream, read_cut const& cut) {
    check(cut);
    auto read = read_rows(from, stream);
    rows_known found{std::move(read.rows), read.as_of};
    if (cut.version) {
        found.known_at = std::min(found.known_at,
                                  known_at_version(found.rows, stream, *cut.version));
    }
    if (cut.known_at && *cut.known_at < found.known_at) {
        found.known_at = round_down(from, *cut.known_at);
    }
    auto const end = std::find_if(found.rows.begin(), found.rows.end(),
                                  [&](auto const& row) { return row.commit_last > found.known_at; });
    found.rows.erase(end, found.rows.end());
    found.restructured = std::any_of(found.rows.begin(), found.rows.end(), is_restructure);
    return found;
}

fold fold_of(stream_name const& stream, std::vector<recorded_event> rows) {
    fold alone{stream.str()};
    for (auto const& e : entries_of(std::move(rows))) alone.advance(e);
    return alone;
}

// The command that led to an event is its row's, wherever its slot is now.
class commands {
public:
    explicit commands(std::vector<recorded_event> const& rows) {
        for (auto const& row : rows) {
            if (row.command) by_event_.emplace(row.id, *row.command);
        }
    }
    void give_to(recorded_event& event) const {
        auto const known = by_event_.find(event.id);
        if (known != by_event_.end()) event.command = known->second;
    }

private:
    std::unordered_map<uuid, std::string> by_event_;
};

}  // namespace

bool is_restructure(recorded_event const& row) noexcept { return row.type == restructured_type; }

recorded_event event_of(slot_version const& slot) {
    recorded_event e;
    auto const& origin = *slot.origin;
    e.position = origin.position;
    e.stream = slot.stream;
    e.version = origin.version;
    e.id = slot.event;
    e.type = slot.content->type;
    e.schema_version = slot.content->schema_version;
    e.commit_last = origin.commit_last;
    e.recorded_at = origin.recorded_at;
    e.effective_at = slot.content->effective_at;
    e.payload = slot.content->payload;
    e.meta = origin.meta;
    e.hash = origin.hash;
    return e;
}

stream_rows read_rows(log& from, stream_name const& stream, version first) {
    stream_rows all;
    stream_read next;
    next.from = first;
    for (;;) {
        auto page = from.read_stream(stream, next);
        all.as_of = page.as_of;
        if (all.rows.empty()) {
            all.rows = std::move(page.events);
        } else {
            std::move(page.events.begin(), page.events.end(), std::back_inserter(all.rows));
        }
        if (!page.more) return all;
        next.from = all.rows.back().version + 1;
    }
}

position round_down(log& from, position k) {
    if (k <= 0) return 0;
    auto const page = from.read_feed(k - 1, {}, 1);
    if (page.events.empty()) return page.head;
    auto const& row = page.events.front();
    if (row.commit_last == k) return k;
    return row.position - static_cast<position>(ordinal_of(row.id)) - 1;
}

stream_view read_corrected(log& from, stream_name const& stream, read_cut const& cut) {
    auto known = rows_of(from, stream, cut);
    stream_view view;
    view.known_at = known.known_at;
    view.restructured = known.restructured;
    if (!known.rows.empty()) {
        view.version = known.rows.back().version;
        view.hash = known.rows.back().hash;
    }
    if (!known.restructured) {
        view.events = std::move(known.rows);
    } else {
        commands const led_to{known.rows};
        for (auto const& slot : fold_of(stream, std::move(known.rows)).corrected(stream.str())) {
            view.events.push_back(event_of(slot));
            led_to.give_to(view.events.back());
        }
    }
    if (cut.effective_until) {
        std::erase_if(view.events, [&](recorded_event const& e) {
            return e.effective() > *cut.effective_until;
        });
    }
    return view;
}

annotated_view read_annotated(log& from, stream_name const& stream, read_cut const& cut) {
    auto known = rows_of(from, stream, cut);
    annotated_view view;
    view.known_at = known.known_at;
    if (!known.rows.empty()) view.version = known.rows.back().version;
    view.slots = fold_of(stream, std::move(known.rows)).annotated(stream.str());
    return view;
}

}  // namespace recount::history
