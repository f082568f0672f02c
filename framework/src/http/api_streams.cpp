// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <fmt/format.h>

#include <recount/core/text.hpp>

#include "app/summary_json.hpp"
#include "http/api_routes.hpp"

namespace recount::http {

reply list_categories(api_call const& call) {
    std::string list;
    for (auto const& c : call.app.log().list_categories()) append_item(list, summary_json(c));
    return json_reply(R"({"categories":[)" + list + "]}");
}

reply list_streams(api_call const& call) {
    auto const limit = call.limit("limit");
    auto const category = call.parameter("category").value_or("");
    auto found = call.app.log().list_streams(category, call.parameter("after").value_or(""),
                                             limit + 1);
    bool const more = found.size() > limit;
    if (more) found.pop_back();
    std::string list;
    for (auto const& s : found) append_item(list, summary_json(s));
    auto const next = more ? R"(,"next":)" + json_quoted(found.back().name) : std::string{};
    return json_reply(R"({"streams":[)" + list + "]" + next + "}");
}

namespace {

error no_stream(stream_name const& stream) {
    return error{errc::not_found, fmt::format("no stream '{}'", stream.str())};
}

direction direction_of(api_call const& call) {
    auto const text = call.parameter("direction").value_or("forward");
    if (text != "forward" && text != "backward") {
        throw bad_request(fmt::format("direction: expected forward or backward, found '{}'",
                                      excerpt(text)));
    }
    return text == "forward" ? direction::forward : direction::backward;
}

}  // namespace

reply read_stream(api_call const& call) {
    stream_name const stream{std::string{call.places.front()}};
    auto const way = direction_of(call);
    auto const from = call.number("from", 1).value_or(0);
    auto const page = call.app.log().read_stream(stream, {from, way, call.limit("limit")});
    // Nothing from there on; is there anything at all?
    if (page.events.empty() && call.app.log().read_stream(stream, {.limit = 1}).events.empty()) {
        throw no_stream(stream);
    }
    std::string list;
    for (auto const& e : page.events) append_item(list, to_json(e));
    std::string next;
    if (page.more) {
        auto const last = page.events.back().version;
        next = fmt::format(R"(,"next":{})", way == direction::forward ? last + 1 : last - 1);
    }
    return json_reply(fmt::format(R"({{"events":[{}]{},"as_of":{}}})", list, next, page.as_of));
}

reply read_state(api_call const& call) {
    stream_name const stream{std::string{call.places.front()}};
    auto const wanted = call.number("version", 1).value_or(0);
    auto const& aggregate = call.app.aggregate(stream.category());
    loaded_state loaded{aggregate.create(), 0, 0};
    try {
        loaded = call.app.load(stream, wanted);
    } catch (error const& failure) {
        auto what = details_of(failure);
        // JSON that is wrong stands in the log, and is nobody's request.
        if (failure.code() == errc::invalid_json) what.status = 500;
        throw refusal{std::move(what)};
    }
    if (loaded.version == 0) throw no_stream(stream);
    if (loaded.version < wanted) {
        throw error{errc::not_found, fmt::format("stream '{}' is at version {}, not yet at {}",
                                                 stream.str(), loaded.version, wanted)};
    }
    return json_reply(state_json(aggregate, stream, loaded), {{"ETag", etag_of(loaded.version)}});
}

}  // namespace recount::http
