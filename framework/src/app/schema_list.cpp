// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "app/schema_list.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace recount {

namespace {

// Two sagas may have the same one.
void add(std::vector<schema_entry>& list, event_version const& one) {
    auto const known = std::any_of(list.begin(), list.end(), [&](auto const& entry) {
        return entry.name == one.event.name && entry.version == one.event.version;
    });
    if (!known) list.push_back({one.event.name, one.event.version, &one.shape()});
}

}  // namespace

std::vector<schema_entry> schemas_of(application_parts const& parts, std::string_view kind) {
    std::vector<schema_entry> list;
    if (kind == "rows") {
        for (auto const* p : parts.projections) {
            list.push_back({p->name, p->version, &p->rows->shape()});
        }
        return list;
    }
    if (kind == "timers" || kind == "effects") {
        for (auto const* s : parts.sagas) {
            if (kind == "effects") {
                for (auto const& e : s->effects) add(list, e);
                continue;
            }
            for (auto const& t : s->timers) {
                for (auto const& v : t.versions) add(list, v);
            }
        }
        return list;
    }
    for (auto const* a : parts.aggregates) {
        if (kind == "events") {
            for (auto const& e : a->events) {
                for (auto const& v : e.versions) {
                    list.push_back({v.event.name, v.event.version, &v.shape()});
                }
            }
        } else {
            for (auto const& c : a->commands) {
                list.push_back({c.command.name, c.command.version, &c.shape()});
            }
        }
    }
    return list;
}

std::string schema_id(std::string_view kind, schema_entry const& of) {
    return fmt::format("urn:recount:{}:{}:{}", kind, of.name, of.version);
}

}  // namespace recount
