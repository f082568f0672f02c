// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "command/state_loader.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

#include <recount/core/metrics.hpp>
#include <recount/restructure/read.hpp>

namespace recount::detail {

using metrics::metric;

namespace {

// Of each stream in the first go: enough for most, and many at once are no danger to the memory.
constexpr std::size_t events_at_once = 2'048;

// Whether these events can be told to a state one after the other. What a restructure says changes
// what was told before; an event that comes after it does not: its place is behind all others.
bool only_adds(std::span<recorded_event const> events) {
    return std::none_of(events.begin(), events.end(),
                        [](recorded_event const& e) { return e.type.starts_with('$'); });
}

struct beginning {
    loaded_state state;
    std::string_view from;             // label of metric::states
};

beginning beginning_of(state_wanted const& wanted, stream_found const& found) {
    auto const& of = *wanted.aggregate;
    if (wanted.base) {
        auto const& base = *wanted.base;
        return {{copy_of(base), base.version, base.as_of, base.hash}, "tail"};
    }
    if (found.begins_with) {
        if (auto state = state_of(of, *found.begins_with)) return {std::move(*state), "snapshot"};
        metrics::add(metric::snapshots, "unfit");
    }
    return {{of.create(), 0, 0}, "log"};
}

// Whether the events begin where the state ends, with the row that the state says is its last, or
// with the first of the stream, and only add to it. That last row may itself be a restructure: the
// state was made by the corrected history that it left.
bool go_on_from(loaded_state const& state, std::span<recorded_event const> events) {
    if (state.version == 0) {
        return events.empty() || (events.front().version == 1 && only_adds(events));
    }
    return !events.empty() && events.front().version == state.version &&
           events.front().hash == state.hash && only_adds(events.subspan(1));
}

void tell(aggregate_descriptor const& of, loaded_state& to,
          std::span<recorded_event const> events) {
    evolve_all(of, to.state.get(), events);
    if (events.empty()) return;
    to.version = events.back().version;
    to.hash = events.back().hash;
}

// All rows of a stream with restructures: the state is that of the corrected history; its version
// and hash are those of the last row, which is what an append is judged by.
loaded_state corrected_state(aggregate_descriptor const& of, stream_name const& stream,
                             std::vector<recorded_event> rows, position as_of) {
    loaded_state loaded{of.create(), rows.back().version, as_of, rows.back().hash};
    history::fold alone{stream.str()};
    for (auto const& e : history::entries_of(std::move(rows))) alone.advance(e);
    for (auto const& slot : alone.corrected(stream.str())) {
        auto const event = history::event_of(slot);
        evolve_all(of, loaded.state.get(), {&event, 1});
    }
    return loaded;
}

}  // namespace

state_loader::state_loader(log& from)
    : log_{from}, snapshots_{from.snapshots()},
      reads_{[this](std::span<stream_wanted const> wanted) { return read(wanted); }} {}

// For a whole group of callers, on the thread of one of them.
std::vector<stream_found> state_loader::read(std::span<stream_wanted const> wanted) {
    std::vector<snapshot_key> keys;
    for (auto const& one : wanted) {
        if (one.snapshot_of == nullptr) continue;
        keys.push_back({*one.stream, std::string{one.snapshot_of->category}});
    }
    auto const kept = snapshots_.find(keys);
    std::vector<stream_found> found(wanted.size());
    std::vector<stream_name> streams;
    streams_read how;
    how.limit = events_at_once;
    std::unordered_map<std::string_view, std::size_t> places;
    std::vector<std::size_t> last_wanted_by;   // of each stream
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        auto const& one = wanted[i];
        auto from = one.from;
        if (auto const at = kept.find(one.stream->str());
            one.snapshot_of != nullptr && at != kept.end()) {
            if (fits(*one.snapshot_of, at->second)) {
                found[i].begins_with = at->second;
                from = at->second.version;
            } else {
                metrics::add(metric::snapshots, "unfit");
            }
        }
        // Two callers may want one stream from different versions on.
        auto const [at, fresh] = places.try_emplace(one.stream->str(), streams.size());
        if (fresh) {
            streams.push_back(*one.stream);
            how.from.push_back(from);
            last_wanted_by.push_back(i);
        } else {
            how.from[at->second] = std::min(how.from[at->second], from);
            last_wanted_by[at->second] = i;
        }
    }
    position as_of = 0;
    auto events = log_.read_streams(streams, &as_of, how);
    metrics::add(metric::state_reads);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        found[i].as_of = as_of;
        auto const& name = wanted[i].stream->str();
        auto const at = events.find(name);
        if (at == events.end()) continue;
        if (last_wanted_by[places.at(name)] == i) {
            found[i].events = std::move(at->second);
        } else {
            found[i].events = at->second;
        }
    }
    return found;
}

std::vector<load_result> state_loader::load(std::span<state_wanted const> wanted) {
    std::vector<load_result> results;
    results.reserve(wanted.size());
    while (results.size() < wanted.size()) {
        auto const part = wanted.subspan(
            results.size(), std::min(grouped_reads::streams_max, wanted.size() - results.size()));
        std::vector<stream_wanted> streams;
        streams.reserve(part.size());
        for (auto const& one : part) {
            bool const begins = !one.base && snapshots_.wanted(*one.aggregate);
            streams.push_back({one.stream, one.base ? one.base->version : 1,
                               begins ? one.aggregate : nullptr});
        }
        auto found = reads_.read(streams);
        for (std::size_t i = 0; i < part.size(); ++i) {
            // What is wrong with one stream is no reason to fail the commands to others.
            try {
                results.emplace_back(state_after(part[i], std::move(found[i])));
            } catch (error const& failure) {
                results.emplace_back(failure);
            }
        }
    }
    return results;
}

loaded_state state_loader::load(state_wanted const& wanted) {
    auto results = load(std::array{wanted});
    if (auto const* failed = std::get_if<error>(&results.front())) throw *failed;
    return std::get<loaded_state>(std::move(results.front()));
}

loaded_state state_loader::state_after(state_wanted const& wanted, stream_found found) {
    auto const& of = *wanted.aggregate;
    auto began = beginning_of(wanted, found);
    auto& state = began.state;
    auto const began_with = state.version;
    auto events = std::span{found.events};
    // The group may have read more than this caller needs.
    auto const first = std::find_if(events.begin(), events.end(), [&](recorded_event const& e) {
        return e.version >= state.version;
    });
    events = events.subspan(static_cast<std::size_t>(first - events.begin()));
    bool const whole = found.events.size() < events_at_once;
    // For a snapshot that is no state after all, the events before it were not read either.
    bool const unread = state.version == 0 && found.begins_with;
    if (unread || !go_on_from(state, events)) {
        if (began.from == "snapshot") metrics::add(metric::snapshots, "unfit");
        metrics::add(metric::states, "log");
        bool const all_there = whole && !found.events.empty() && found.events.front().version == 1;
        auto loaded = all_there ? corrected_state(of, *wanted.stream, std::move(found.events),
                                                  found.as_of)
                                : load_whole(of, *wanted.stream);
        remember(of, *wanted.stream, 0, loaded);
        return loaded;
    }
    if (state.version > 0) events = events.subspan(1);
    metrics::add(metric::states, began.from);
    tell(of, state, events);
    state.as_of = found.as_of;
    if (!whole) read_on(of, *wanted.stream, state);
    remember(of, *wanted.stream, began_with, state);
    return std::move(state);
}

loaded_state state_loader::load_whole(aggregate_descriptor const& of, stream_name const& stream) {
    loaded_state loaded{of.create(), 0, 0};
    read_on(of, stream, loaded);
    return loaded;
}

loaded_state state_loader::load_at(aggregate_descriptor const& of, stream_name const& stream,
                                   history::read_cut const& cut) {
    auto const view = history::read_corrected(log_, stream, cut);
    loaded_state loaded{of.create(), view.version, view.known_at};
    if (view.version > 0) loaded.hash = view.hash;
    evolve_all(of, loaded.state.get(), view.events);
    return loaded;
}

// Page by page, so that a long stream need not be in memory at once; but for a restructure, which
// may speak of all that was read before: then all of it is read again.
void state_loader::read_on(aggregate_descriptor const& of, stream_name const& stream,
                           loaded_state& to) {
    for (;;) {
        stream_read next;
        next.from = to.version + 1;
        auto page = log_.read_stream(stream, next);
        if (!only_adds(page.events)) {
            bool const all_there = !page.more && next.from == 1;
            auto read = all_there ? history::stream_rows{std::move(page.events), page.as_of}
                                  : history::read_rows(log_, stream);
            to = corrected_state(of, stream, std::move(read.rows), read.as_of);
            return;
        }
        tell(of, to, page.events);
        to.as_of = page.as_of;
        if (!page.more) return;
    }
}

// A long way to go is a snapshot missing: they are new here, or of another state version.
void state_loader::remember(aggregate_descriptor const& of, stream_name const& stream,
                            version began_with, loaded_state const& loaded) {
    if (!snapshots_.wanted(of) || loaded.version - began_with < of.snapshot_every) return;
    if (auto const made = snapshot_of(of, stream, loaded)) snapshots_.keep(std::array{*made});
}

}  // namespace recount::detail
