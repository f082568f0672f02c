// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "correction/imagined.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <recount/restructure/payload.hpp>

namespace recount::detail {

namespace {

std::vector<recorded_event> rows_to_come(history::judged_plan const& judged) {
    auto const& seen = judged.seen;
    std::vector<recorded_event> rows;
    auto told = history::rows_for(judged.resolved.payload);
    auto const last = seen.as_of + static_cast<position>(told.size());
    for (auto& one : told) {
        recorded_event row;
        row.position = seen.as_of + static_cast<position>(rows.size()) + 1;
        row.id = event_id(judged.resolved.payload.restructure,
                          static_cast<std::uint16_t>(rows.size()));
        row.type = history::restructured_type;
        row.commit_last = last;
        if (auto const of = seen.rows.find(one.stream); of != seen.rows.end()) {
            row.version = of->second.empty() ? 0 : of->second.back().version;
        }
        ++row.version;
        row.stream = std::move(one.stream);
        row.payload = std::move(one.payload).str();
        row.meta = "{}";
        rows.push_back(std::move(row));
    }
    return rows;
}

position stands_from(history::judged_plan const& judged) {
    auto const& known = judged.seen.history;
    position from = 0;
    for (auto const& t : known.restructures()) from = std::max(from, t.visible_at);
    for (auto const& o : judged.resolved.payload.ops) {
        auto const slot = known.find(history::target_of(o));
        if (slot && slot->origin) from = std::max(from, slot->origin->commit_last);
    }
    return from;
}

using versions = std::unordered_map<uuid, history::slot_version const*>;

versions by_event(std::vector<history::slot_version> const& view) {
    versions found;
    for (auto const& v : view) found.emplace(v.event, &v);
    return found;
}

line_mark mark_of(history::slot_version const& was, history::slot_version const& is) {
    if (was.at != is.at) return line_mark::moved;
    return was == is ? line_mark::kept : line_mark::changed;
}

}  // namespace

imagined imagine(history::judged_plan const& judged) {
    imagined made{judged.seen.history, rows_to_come(judged)};
    for (auto const& e : history::entries_of(made.rows)) made.after.advance(e);
    made.is_at = made.after.known_at();
    made.was_at = judged.seen.as_of;
    made.stands_from = stands_from(judged);
    return made;
}

stream_lines lines_of(imagined const& history, std::string const& stream) {
    auto const was = history.after.corrected(stream, history.was_at);
    auto const is = history.after.corrected(stream, history.is_at);
    auto const before = by_event(was);
    auto const after = by_event(is);
    // Where a slot is at `k`, if that is another stream.
    auto const elsewhere = [&](uuid const& event, position k) -> std::string {
        auto const there = history.after.find(event, k);
        return there && there->present && there->stream != stream ? there->stream : std::string{};
    };
    stream_lines lines;
    for (auto const& v : was) {
        preview_line line{line_mark::struck, v};
        if (auto const now = after.find(v.event); now != after.end()) {
            line.mark = mark_of(v, *now->second);
        } else if (line.elsewhere = elsewhere(v.event, history.is_at); !line.elsewhere.empty()) {
            line.mark = line_mark::left;
        }
        lines.before.push_back(std::move(line));
    }
    for (auto const& v : is) {
        preview_line line{line_mark::inserted, v};
        if (auto const then = before.find(v.event); then != before.end()) {
            line.mark = mark_of(*then->second, v);
        } else if (line.elsewhere = elsewhere(v.event, history.was_at); !line.elsewhere.empty()) {
            line.mark = line_mark::arrived;
        }
        lines.after.push_back(std::move(line));
    }
    return lines;
}

}  // namespace recount::detail
