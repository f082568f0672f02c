// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/restructure/view.hpp>

#include <algorithm>
#include <unordered_map>

#include <recount/restructure/fold.hpp>

namespace recount::history {

std::vector<slot_version> effective_until(std::vector<slot_version> view, timestamp t) {
    std::erase_if(view, [&](slot_version const& v) { return v.content->effective_at > t; });
    return view;
}

std::optional<version_cut> cut_at_version(std::vector<entry> const& entries,
                                          std::string_view stream, version v) {
    if (v < 0) return {};
    if (v == 0) return version_cut{};
    std::optional<version_cut> cut;
    for (auto const& e : entries) {
        if (cut && e.visible_at != cut->known_at) break;
        for (auto const& row : e.rows) {
            if (row->stream != stream || row->version < v) continue;
            cut = version_cut{e.visible_at, row->version};
        }
    }
    return cut;
}

std::vector<annotated_slot> annotated(std::vector<entry> const& entries, std::string_view stream,
                                      position k) {
    fold alone{std::string{stream}};
    for (auto const& e : rows_of_stream(entries, stream)) alone.advance(e);
    return alone.annotated(stream, k);
}

std::vector<annotated_slot> fold::annotated(std::string_view stream, position k) const {
    std::vector<annotated_slot> all;
    auto const found = by_stream_.find(std::string{stream});
    if (found == by_stream_.end()) return all;
    std::unordered_map<position, uuid> restructure_at;
    for (auto const& t : told_) restructure_at.emplace(t.first, t.restructure);

    for (auto const* const s : ever_in(streams_[found->second])) {
        annotated_slot shown{s->event, s->origin, {}, {}, true, {}, {}, {}};
        std::size_t noted = 0;  // up to the last thing that happened to it here
        for (index i = 0; i <= s->later.size() && s->write(i).visible_at <= k; ++i) {
            auto const& r = s->write(i);
            if (r.n >= 0) shown.notes.push_back({restructure_at[r.first], r.first, r.n, r.which});
            if (r.stream == found->second) {
                if (!shown.original) shown.original = r.content;
                shown.content = r.content;
                shown.present = r.present;
                shown.at = r.at;
                shown.left_to.reset();
                noted = shown.notes.size();
            } else if (shown.original && !shown.left_to) {
                shown.left_to = streams_[r.stream].name;
                noted = shown.notes.size();
            }
        }
        if (!shown.original) continue;
        shown.notes.resize(noted);
        all.push_back(std::move(shown));
    }
    std::sort(all.begin(), all.end(), [](annotated_slot const& a, annotated_slot const& b) {
        auto const order = a.at <=> b.at;
        return order != 0 ? order < 0 : a.event < b.event;
    });
    return all;
}

bool snapshot_valid(fold const& history, std::string_view stream, snapshot_mark const& mark,
                    position k) {
    if (!mark.last) return true;
    auto const until_mark = [&](position known_at) {
        auto view = history.corrected(stream, known_at);
        std::erase_if(view, [&](slot_version const& v) { return v.at > *mark.last; });
        return view;
    };
    return until_mark(mark.known_at) == until_mark(k);
}

}  // namespace recount::history
