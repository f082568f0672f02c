// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/restructure/entry.hpp>

#include <algorithm>
#include <utility>

#include <recount/restructure/payload.hpp>

namespace recount::history {

namespace {

constexpr int payload_version = 1;

origin_ptr origin_of(recorded_event& row) {
    return std::make_shared<origin const>(origin{row.position, row.recorded_at, row.version,
                                                 std::move(row.stream), std::move(row.meta),
                                                 row.hash, row.commit_last});
}

std::optional<brought_slot>* brought_in(operation& o) noexcept {
    if (auto* const m = std::get_if<op::move>(&o.what)) return &m->brought;
    if (auto* const r = std::get_if<op::reinstate>(&o.what)) return &r->brought;
    return nullptr;
}

// The same operation as another row says it: it touches that stream too, and what is brought is
// said in one of the rows. Of rows that disagree the first holds.
void join(operation& known, operation&& other) {
    if (known.what.index() != other.what.index() || target_of(known) != target_of(other)) return;
    known.streams.push_back(std::move(other.streams.front()));
    auto* const here = brought_in(known);
    auto* const there = brought_in(other);
    if (here != nullptr && !*here && *there) *here = std::move(*there);
}

// The operations of all rows, by n; each with all streams that tell of it.
std::vector<operation> joined(std::vector<operation> all) {
    std::stable_sort(all.begin(), all.end(),
                     [](auto const& a, auto const& b) { return a.n < b.n; });
    std::vector<operation> ops;
    ops.reserve(all.size());
    for (auto& o : all) {
        if (!ops.empty() && ops.back().n == o.n) {
            join(ops.back(), std::move(o));
        } else {
            ops.push_back(std::move(o));
        }
    }
    for (auto& o : ops) {
        std::sort(o.streams.begin(), o.streams.end());
        o.streams.erase(std::unique(o.streams.begin(), o.streams.end()), o.streams.end());
    }
    return ops;
}

bool restructures(recorded_event const& row) { return row.type == restructured_type; }

// The rows of one restructure, of which the row before was at `previous`. One whose position, id or
// format is not what it says has no operations.
entry restructure_entry_of(position previous, recorded_event* begin, recorded_event* end) {
    entry e;
    auto const id = command_id_of(begin->id);
    auto const ordinal = ordinal_of(begin->id);
    bool const sound = begin->position > ordinal && begin->position - ordinal > previous;
    auto const own = sound ? begin->position - ordinal : begin->position;
    e.first = own;
    e.visible_at = begin->commit_last;
    restructure_payload all;
    all.restructure = id;
    std::vector<operation> ops;
    for (bool first = true; begin != end; ++begin) {
        std::optional<restructure_payload> row;
        if (sound && begin->schema_version == payload_version) {
            row = payload_from_log(begin->payload, own);
        }
        if (row && row->restructure == id) {
            for (auto& o : std::exchange(row->ops, {})) {
                o.streams = {begin->stream};
                ops.push_back(std::move(o));
            }
            if (std::exchange(first, false)) all = std::move(*row);
        }
        e.rows.push_back(origin_of(*begin));
    }
    all.ops = joined(std::move(ops));
    e.what = std::move(all);
    return e;
}

}  // namespace

entry event_entry_of(recorded_event row) {
    entry e;
    e.first = row.position;
    e.visible_at = row.commit_last;
    auto const effective = row.effective();
    e.what = event_entry{row.id, std::make_shared<content const>(
                                     content{std::move(row.type), row.schema_version,
                                             std::move(row.payload), effective})};
    e.rows.push_back(origin_of(row));
    return e;
}

std::vector<entry> entries_of(std::vector<recorded_event> rows) {
    // No log has two rows at one position; where one has, the order of storage still means nothing.
    auto const by_position = [](auto const& a, auto const& b) {
        return a.position != b.position ? a.position < b.position : a.id < b.id;
    };
    if (!std::is_sorted(rows.begin(), rows.end(), by_position)) {
        std::stable_sort(rows.begin(), rows.end(), by_position);
    }
    std::vector<entry> entries;
    entries.reserve(rows.size());
    position previous = 0;
    for (std::size_t i = 0; i < rows.size();) {
        if (!restructures(rows[i])) {
            previous = rows[i].position;
            entries.push_back(event_entry_of(std::move(rows[i++])));
            continue;
        }
        auto end = i + 1;
        while (end < rows.size() && restructures(rows[end]) &&
               rows[end].commit_last == rows[i].commit_last &&
               command_id_of(rows[end].id) == command_id_of(rows[i].id)) {
            ++end;
        }
        entries.push_back(restructure_entry_of(previous, rows.data() + i, rows.data() + end));
        previous = rows[end - 1].position;
        i = end;
    }
    return entries;
}

std::vector<entry> rows_of_stream(std::vector<entry> const& entries, std::string_view stream) {
    std::vector<entry> of_stream;
    for (auto const& e : entries) {
        auto const row = std::find_if(e.rows.begin(), e.rows.end(),
                                      [&](auto const& r) { return r->stream == stream; });
        if (row == e.rows.end()) continue;
        auto local = e;
        local.rows = {*row};
        if (auto* const told = std::get_if<restructure_payload>(&local.what)) {
            std::erase_if(told->ops, [&](operation const& o) {
                return std::find(o.streams.begin(), o.streams.end(), stream) == o.streams.end();
            });
        }
        of_stream.push_back(std::move(local));
    }
    return of_stream;
}

}  // namespace recount::history
