// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "app/schema_list.hpp"

#include <fmt/core.h>

namespace recount {

std::vector<schema_entry> schemas_of(application_parts const& parts, std::string_view kind) {
    std::vector<schema_entry> list;
    if (kind == "rows") {
        for (auto const* p : parts.projections) {
            list.push_back({p->name, p->version, &p->rows->shape()});
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
