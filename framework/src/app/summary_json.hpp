// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The JSON of what is listed, one form for the command line and HTTP.
#pragma once

#include <string>

#include <recount/command/dispatcher.hpp>
#include <recount/projection/descriptor.hpp>

namespace recount {

// {"category":…,"streams":…}
[[nodiscard]] std::string summary_json(category_summary const& c);
// {"stream":…,"version":…,"created_position":…}
[[nodiscard]] std::string summary_json(stream_summary const& s);
// {"projection":…,"version":…,"kind":…,"position":…,"behind":…}; never less than nothing behind,
// though the rows may have moved on since the head was read.
[[nodiscard]] std::string summary_json(projection_descriptor const& p, position at, position head);
// {"stream":…,"version":…,"as_of":…,"state":{…}}
[[nodiscard]] std::string state_json(aggregate_descriptor const& a, stream_name const& stream,
                                     loaded_state const& loaded);

}  // namespace recount
