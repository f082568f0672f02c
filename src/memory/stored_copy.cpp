// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "memory/stored_copy.hpp"

#include <algorithm>
#include <map>

namespace recount::memory {

namespace {

stored_event view_of(stored_copy::row const& from) {
    auto const& e = from.event;
    stored_event seen;
    seen.position = e.position;
    seen.stream_id = from.stream_id;
    seen.version = e.version;
    seen.id = e.id;
    seen.ordinal = from.ordinal;
    seen.type = e.type;
    seen.schema_version = e.schema_version;
    seen.commit_last = e.commit_last;
    seen.recorded_at = e.recorded_at;
    seen.effective_at = e.effective_at;
    if (e.command) seen.command = *e.command;
    seen.payload = e.payload;
    seen.meta = e.meta;
    seen.hash = e.hash;
    return seen;
}

template <class Wanted>
stored_page page_of(std::vector<stored_copy::row> const& log, Wanted const& wanted) {
    auto const kept = std::make_shared<std::vector<stored_copy::row>>();
    std::copy_if(log.begin(), log.end(), std::back_inserter(*kept), wanted);
    stored_page page;
    page.bytes = kept;
    for (auto const& row : *kept) page.events.push_back(view_of(row));
    return page;
}

}  // namespace

stored_copy::stored_copy(memory::log& of) : id{of.store_id()}, name{of.store_name()} {
    std::map<std::string, std::int64_t, std::less<>> ids;
    // What is appended meanwhile is left out, so that all parts end together.
    auto const through = of.head().position;
    for (position after = 0; after < through;) {
        for (auto& e : of.read_feed(after, {}, limits::page_events_max).events) {
            after = e.position;
            if (after > through) break;
            auto const at = ids.try_emplace(e.stream, e.position).first->second;
            if (at == e.position) {
                stream_name const parsed{e.stream};
                streams.push_back(
                    {at, e.stream, std::string{parsed.category()}, parsed.slice(), at});
            }
            log.push_back({at, ordinal_of(e.id), std::move(e)});
        }
    }
    for (auto const& link : of.links()) {
        if (link.last > through) break;
        all_links.push_back({link.first, link.last, link.recorded_at, link.hash});
    }
    for (auto const& type : of.list_types()) {
        if (type.first_position > through) continue;
        auto const& first = log[static_cast<std::size_t>(type.first_position) - 1];
        all_types.push_back(
            {type.type, type.schema_version, type.first_position, first.event.type});
    }
}

stored_ends stored_copy::ends() {
    stored_ends found;
    if (!log.empty()) {
        found.log_first = log.front().event.position;
        found.log_last = log.back().event.position;
    }
    if (!all_links.empty()) found.links_last = all_links.back().last;
    return found;
}

stored_page stored_copy::rows(position first, position past) {
    return page_of(log, [&](row const& one) {
        return one.event.position >= first && one.event.position < past;
    });
}

std::optional<position> stored_copy::next_row(position from) {
    auto const found = std::find_if(log.begin(), log.end(),
                                    [&](row const& one) { return one.event.position >= from; });
    if (found == log.end()) return std::nullopt;
    return found->event.position;
}

stored_page stored_copy::stream_rows(std::int64_t stream_id, version after, std::size_t limit) {
    auto page = page_of(log, [&](row const& one) {
        return one.stream_id == stream_id && one.event.version > after;
    });
    std::stable_sort(page.events.begin(), page.events.end(),
                     [](auto const& a, auto const& b) { return a.version < b.version; });
    if (page.events.size() > limit) page.events.resize(limit);
    return page;
}

std::vector<stored_link> stored_copy::links(position after, std::size_t limit) {
    std::vector<stored_link> found;
    for (auto const& link : all_links) {
        if (link.last > after && found.size() < limit) found.push_back(link);
    }
    return found;
}

std::optional<stored_link> stored_copy::link_until(position at) {
    std::optional<stored_link> found;
    for (auto const& link : all_links) {
        if (link.last <= at) found = link;
    }
    return found;
}

std::vector<stored_before> stored_copy::before(std::span<stored_version const> versions) {
    std::vector<stored_before> list;
    for (auto const& wanted : versions) {
        stored_before one{wanted, {}, {}, {}};
        for (auto const& s : streams) {
            if (s.id == wanted.stream_id) one.stream = s;
        }
        for (auto const& r : log) {
            if (r.stream_id != wanted.stream_id || r.event.version != wanted.version - 1) continue;
            one.at = r.event.position;
            one.hash = r.event.hash;
        }
        list.push_back(std::move(one));
    }
    return list;
}

std::optional<stored_stream> stored_copy::stream(std::string_view wanted) {
    auto const found = std::find_if(streams.begin(), streams.end(),
                                    [&](auto const& s) { return s.name == wanted; });
    if (found == streams.end()) return std::nullopt;
    return *found;
}

std::int64_t stored_copy::count_streams(position after, position through) {
    auto const end = ends().log_last;
    return std::count_if(streams.begin(), streams.end(), [&](auto const& s) {
        return (s.id > after && s.id <= through) || s.id < 1 || s.id > end;
    });
}

std::vector<stored_stream> stored_copy::streams_without_events(std::size_t limit) {
    std::vector<stored_stream> found;
    for (auto const& s : streams) {
        bool const begins = std::any_of(log.begin(), log.end(), [&](row const& r) {
            return r.event.position == s.id && r.stream_id == s.id && r.event.version == 1;
        });
        if (!begins && found.size() < limit) found.push_back(s);
    }
    return found;
}

std::vector<stored_type> stored_copy::types() { return all_types; }

}  // namespace recount::memory
