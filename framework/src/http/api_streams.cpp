// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <algorithm>

#include <fmt/format.h>

#include <recount/core/text.hpp>

#include "app/stream_view.hpp"
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

// What says which history is asked for. What cannot be understood is the request's fault.
template <class Read> auto asked_for(std::string_view parameter, Read const& read) {
    try {
        return read();
    } catch (error const& failure) {
        throw bad_request(fmt::format("{}: {}", parameter, failure.what()));
    }
}

history::read_cut cut_of(api_call const& call) {
    history::read_cut cut;
    cut.version = call.number("version", 1);
    cut.known_at = call.number("at", 0);
    if (auto const until = call.parameter("as_of")) {
        cut.effective_until = asked_for("as_of", [&] { return end_of_time_named(*until); });
    }
    return cut;
}

// Whether there is a restructure anywhere in the log; a stream without them is read page by page.
bool ever_restructured(recount::log& log) {
    return std::ranges::any_of(log.list_types(), [](auto const& type) {
        return type.type == history::restructured_type;
    });
}

bool exists(recount::log& log, stream_name const& stream) {
    return !log.read_stream(stream, {.limit = 1}).events.empty();
}

// A page of what the log has recorded, as it stands there: entry and version are the same.
reply recorded_page(api_call const& call, stream_name const& stream, version from, direction way) {
    auto const page = call.app.log().read_stream(stream, {from, way, call.limit("limit")});
    // Nothing from there on; is there anything at all?
    if (page.events.empty() && !exists(call.app.log(), stream)) throw no_stream(stream);
    std::string list;
    for (auto const& e : page.events) append_item(list, to_json(e));
    std::string next;
    if (page.more) {
        auto const last = page.events.back().version;
        next = fmt::format(R"(,"next":{})", way == direction::forward ? last + 1 : last - 1);
    }
    return json_reply(
        fmt::format(R"({{"events":[{}]{},"known_at":{}}})", list, next, page.as_of));
}

// A page of entries that are counted from 1 on in the order of the view.
template <class Entry, class ToJson>
std::string page_json(std::vector<Entry> const& all, std::int64_t from, direction way,
                      std::size_t limit, std::string_view name, ToJson const& to_json_of) {
    auto const end = static_cast<std::int64_t>(all.size());
    bool const forward = way == direction::forward;
    auto at = forward ? std::max<std::int64_t>(from, 1) : from == 0 ? end : std::min(from, end);
    std::string list;
    for (; at >= 1 && at <= end && limit > 0; at += forward ? 1 : -1, --limit) {
        append_item(list, to_json_of(all[static_cast<std::size_t>(at) - 1]));
    }
    auto text = fmt::format(R"("{}":[{}])", name, list);
    if (at >= 1 && at <= end) text += fmt::format(R"(,"next":{})", at);
    return text;
}

}  // namespace

reply read_stream(api_call const& call) {
    stream_name const stream{std::string{call.places.front()}};
    auto const way = direction_of(call);
    auto const from = call.number("from", 1).value_or(0);
    auto const limit = call.limit("limit");
    auto const how = asked_for("as", [&] {
        return stream_as_named(call.parameter("as").value_or("corrected"));
    });
    auto const cut = cut_of(call);
    auto& log = call.app.log();
    bool const as_stored = how == stream_as::recorded ||
                           (how == stream_as::corrected && !ever_restructured(log));
    if (cut.empty() && as_stored) return recorded_page(call, stream, from, way);
    auto const view = view_of(log, stream, how, cut);
    if (view.version == 0 && !exists(log, stream)) throw no_stream(stream);
    auto const page =
        how == stream_as::annotated
            ? page_json(view.slots, from, way, limit, "slots",
                        [&](auto const& slot) { return slot_json(slot, stream.str()); })
            : page_json(view.events, from, way, limit, "events",
                        [](auto const& e) { return to_json(e); });
    return json_reply(fmt::format(R"({{{},"known_at":{}}})", page, view.known_at));
}

reply read_state(api_call const& call) {
    stream_name const stream{std::string{call.places.front()}};
    auto const& aggregate = call.app.aggregate(stream.category());
    auto const cut = cut_of(call);
    loaded_state loaded{aggregate.create(), 0, 0};
    try {
        loaded = known_state(call.app, stream, cut);
    } catch (error const& failure) {
        auto what = details_of(failure);
        // JSON that is wrong stands in the log, and is nobody's request.
        if (failure.code() == errc::invalid_json) what.status = 500;
        throw refusal{std::move(what)};
    }
    // A restructure takes a version in each stream that it touches, so the tag changes with it.
    return json_reply(state_json(aggregate, stream, loaded), {{"ETag", etag_of(loaded.version)}});
}

}  // namespace recount::http
