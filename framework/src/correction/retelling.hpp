// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A stream told to its aggregate as a history shows it: the state, what is broken on the way, and
// what its commands would come to if they were decided there again.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <recount/aggregate/descriptor.hpp>
#include <recount/restructure/view.hpp>

namespace recount::detail {

// What led to events, as the rows of the streams say it: canonical JSON by the command's id.
using known_commands = std::unordered_map<uuid, std::string const*>;

struct retold_command {
    std::string name;
    std::string payload;
    rejection refused;
};

struct retold_stream {
    erased_object state;
    std::vector<std::pair<std::string, uuid>> broken;   // invariants, and after which event first
    std::map<uuid, retold_command> refused;             // by the command's id
    std::size_t unknown = 0;                            // commands that this program does not know
    std::string problem;   // why it could not be told to its end
};

struct retelling {
    aggregate_descriptor const* aggregate;
    std::string stream;
    known_commands const* commands;
    std::set<uuid> again{};   // events before which their command is decided
};
[[nodiscard]] retold_stream retell(retelling const& how,
                                   std::vector<history::slot_version> const& view);

}  // namespace recount::detail
