// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <iterator>

#include <fmt/format.h>

#include <recount/core/text.hpp>

#include "app/summary_json.hpp"
#include "http/api_routes.hpp"
#include "http/media.hpp"

namespace recount::http {

namespace {

feed_filter filter_of(api_call const& call) {
    feed_filter filter;
    if (auto const category = call.parameter("category")) {
        filter.categories.emplace_back(*category);
    }
    if (auto const type = call.parameter("type")) filter.types.emplace_back(*type);
    return filter;
}

struct found_events {
    std::vector<recorded_event> events;
    position through = 0;      // everything up to here was looked at
    position head = 0;
};

// At least `limit` events that pass, or all that there are; looks at so many positions at the most,
// so that a filter which lets nothing through does not hold a worker for long. Ends where a commit
// ends.
found_events read_page(recount::log& log, position after, feed_filter const& filter,
                       std::size_t limit) {
    constexpr int pages_max = 16;
    bool const all = filter == feed_filter{};
    found_events found;
    found.through = after;
    for (int pages = 0; pages < pages_max && found.events.size() < limit; ++pages) {
        auto page = log.read_feed(found.through, filter, all ? limit : limits::page_events_default);
        std::move(page.events.begin(), page.events.end(), std::back_inserter(found.events));
        found.through = page.through;
        found.head = page.head;
        if (page.caught_up || all) break;
    }
    if (found.events.size() <= limit) return found;
    auto end = found.events.begin() + static_cast<std::ptrdiff_t>(limit);
    while (end != found.events.end() && end->commit_last == std::prev(end)->commit_last) ++end;
    if (end == found.events.end()) return found;
    found.events.erase(end, found.events.end());
    found.through = found.events.back().commit_last;
    return found;
}

// A client that comes back says what it saw last; then `from` is what it began with.
live_events follow(api_call const& call) {
    if (call.parameter("limit")) {
        throw bad_request("limit: a live feed has no end; it is for pages of JSON");
    }
    live_events live{call.number("from", 1).value_or(1) - 1, filter_of(call), &call.app.log()};
    // A browser that has seen no event yet may send an empty one.
    if (auto const last = call.header("last-event-id"); last && !last->empty()) {
        live.after = whole_number("Last-Event-ID", *last, 0);
    }
    auto const head = call.app.log().head().position;
    if (live.after > head) {
        throw bad_request(fmt::format("the log is at position {}: there is nothing to go on from "
                                      "at {}",
                                      head, live.after));
    }
    return live;
}

}  // namespace

reply read_events(api_call const& call) {
    if (accepted_media{call.asked}.names(media_events)) return follow(call);
    auto const from = call.number("from", 1).value_or(1);
    auto const found =
        read_page(call.app.log(), from - 1, filter_of(call), call.limit("limit"));
    std::string list;
    for (auto const& e : found.events) append_item(list, to_json(e));
    return json_reply(fmt::format(R"({{"events":[{}],"next":{},"head":{}}})", list,
                                  found.through + 1, found.head));
}

reply read_event(api_call const& call) {
    return json_reply(
        story_json(story_of(call.app.log(), uuid_from_string(call.places.front()))));
}

}  // namespace recount::http
