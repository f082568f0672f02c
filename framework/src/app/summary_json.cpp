// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "app/summary_json.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace recount {

std::string summary_json(category_summary const& c) {
    return fmt::format(R"({{"category":"{}","streams":{}{}}})", c.name, c.streams,
                       c.more ? R"(,"more":true)" : "");
}

std::string summary_json(stream_summary const& s) {
    std::string text = R"({"stream":)";
    describe::append_quoted(text, s.name);
    return text + fmt::format(R"(,"version":{},"created_position":{}}})", s.version,
                              s.created_position);
}

std::string summary_json(projection_descriptor const& p, position at, position head) {
    return fmt::format(
        R"({{"projection":"{}","version":{},"kind":"{}","position":{},"behind":{}}})", p.name,
        p.version, p.invertible ? "invertible" : "keyed", at, std::max<position>(head - at, 0));
}

loaded_state known_state(application& app, stream_name const& stream, state_cut const& cut) {
    auto const nowhere = [&] { return app.log().read_stream(stream, {.limit = 1}).events.empty(); };
    auto const no_stream = [&] {
        return error{errc::not_found, fmt::format("no stream '{}'", stream.str())};
    };
    if (!cut.empty() && nowhere()) throw no_stream();
    auto loaded = app.load(stream, cut);
    if (loaded.version > 0) return loaded;
    if (cut.empty()) throw no_stream();
    throw error{errc::not_found, fmt::format("nothing was known of '{}' at position {}",
                                             stream.str(), loaded.as_of)};
}

event_story story_of(log& from, uuid const& id) {
    auto found = from.find_event(id);
    if (!found) throw error{errc::not_found, fmt::format("no event {}", to_string(id))};
    event_story story{std::move(*found), {}, {}};
    // The command stands in the first row of its commit.
    auto const first = story.event.command ? std::nullopt : from.find_event(command_id_of(id));
    story.command = first ? first->command : story.event.command;
    // The id of a command is that of its first event, so either is found.
    if (auto const because = metadata_from_json(story.event.meta).causation) {
        story.cause = from.find_event(*because);
    }
    return story;
}

std::string story_json(event_story const& story) {
    auto text = to_json(story.event);
    text.pop_back();
    if (story.command) text += R"(,"command":)" + *story.command;
    if (story.cause) text += R"(,"cause":)" + to_json(*story.cause);
    return text + "}";
}

std::string state_json(aggregate_descriptor const& a, stream_name const& stream,
                       loaded_state const& loaded) {
    std::string text = R"({"stream":)";
    describe::append_quoted(text, stream.str());
    text += fmt::format(R"(,"version":{},"known_at":{},"state":)", loaded.version, loaded.as_of);
    describe::write_json(text, a.state(), loaded.state.get());
    return text + "}";
}

}  // namespace recount
