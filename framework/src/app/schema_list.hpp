// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Every schema that an application publishes: what `schema events` prints and /schemas gives out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <recount/app/application.hpp>

namespace recount {

struct schema_entry {
    std::string_view name;                     // of an event, a command, or a projection
    int version;
    describe::type_descriptor const* shape;
};

inline constexpr std::string_view schema_kinds[] = {"events", "commands", "rows",
                                                     "timers", "effects"};

// Of one of these kinds, in the order of the parts.
[[nodiscard]] std::vector<schema_entry> schemas_of(application_parts const& parts,
                                                   std::string_view kind);
// `urn:recount:events:account.deposited:1`
[[nodiscard]] std::string schema_id(std::string_view kind, schema_entry const& of);

}  // namespace recount
