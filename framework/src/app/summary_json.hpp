// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The JSON of what is listed, one form for the command line and HTTP.
#pragma once

#include <string>

#include <recount/app/application.hpp>

namespace recount {

// {"category":…,"streams":…}
[[nodiscard]] std::string summary_json(category_summary const& c);
// {"stream":…,"version":…,"created_position":…}
[[nodiscard]] std::string summary_json(stream_summary const& s);
// {"projection":…,"version":…,"kind":…,"position":…,"behind":…}; never less than nothing behind,
// though the rows may have moved on since the head was read.
[[nodiscard]] std::string summary_json(projection_descriptor const& p, position at, position head);
// {"stream":…,"version":…,"known_at":…,"state":{…}}
[[nodiscard]] std::string state_json(aggregate_descriptor const& a, stream_name const& stream,
                                     loaded_state const& loaded);

// Throws errc::not_found for a stream that is not there, or was not there yet.
[[nodiscard]] loaded_state known_state(application& app, stream_name const& stream,
                                       state_cut const& cut);

// An event and what led to it.
struct event_story {
    recorded_event event;
    std::optional<std::string> command;     // that its commit is of, as stored
    std::optional<recorded_event> cause;    // what meta.causation names, where the log has it
};
// Throws errc::not_found.
[[nodiscard]] event_story story_of(log& from, uuid const& id);
// The envelope, and `command` and `cause` (an envelope) where they are known.
[[nodiscard]] std::string story_json(event_story const& story);

}  // namespace recount
