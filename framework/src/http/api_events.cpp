// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <iterator>

#include <fmt/format.h>

#include <recount/core/text.hpp>
#include <recount/restructure/append_only.hpp>
#include <recount/restructure/changes.hpp>
#include <recount/restructure/read.hpp>

#include "app/summary_json.hpp"
#include "http/api_routes.hpp"
#include "http/feed_begin.hpp"
#include "http/media.hpp"
#include "http/told_readers.hpp"

namespace recount::http {

namespace {

feed_form form_of(api_call const& call) {
    auto const word = call.parameter("as").value_or("recorded");
    if (word == "recorded") return feed_form::recorded;
    if (word == "changes") return feed_form::changes;
    if (word == "append_only") return feed_form::append_only;
    if (word == "corrected" || word == "annotated") {
        throw bad_request(fmt::format("as={}: the whole log is told as recorded, changes or "
                                      "append_only; one stream is told as {} at "
                                      "/streams/{{name}}/events",
                                      word, word),
                          "not_supported");
    }
    throw bad_request(fmt::format("as: expected recorded, changes or append_only, found '{}'",
                                  excerpt(word)));
}

feed_filter filter_of(api_call const& call) {
    feed_filter filter;
    if (auto const category = call.parameter("category")) {
        filter.categories.emplace_back(*category);
    }
    if (auto const type = call.parameter("type")) filter.types.emplace_back(*type);
    if (auto const stream = call.parameter("stream")) {
        filter.stream = stream_name{std::string{*stream}};
    }
    return filter;
}

// A page looks at so many pages of the log at the most, so that a filter which lets nothing through
// does not hold a worker for long.
constexpr int pages_max = 16;

struct found_events {
    std::vector<recorded_event> events;
    position first_after = 0;  // where it began
    position through = 0;      // everything up to here was looked at
    position head = 0;
    position known_at = 0;     // the head, or `at` as it was used
};

void cut_at(found_events& found, position end) {
    found.known_at = end;
    std::erase_if(found.events, [&](auto const& e) { return e.commit_last > end; });
    found.through = std::max(found.first_after, std::min(found.through, end));
}

// At least `limit` events that pass, or all that there are. Ends where a commit ends.
found_events read_page(recount::log& log, history::change_options const& wanted,
                       std::size_t limit) {
    auto const& filter = wanted.filter;
    bool const all = filter == feed_filter{};
    found_events found;
    found.through = found.first_after = wanted.after.k;
    auto const end = wanted.until ? std::optional{history::round_down(log, *wanted.until)}
                                  : std::nullopt;
    for (int pages = 0; pages < pages_max && found.events.size() < limit; ++pages) {
        auto page = log.read_feed(found.through, filter, all ? limit : limits::page_events_default);
        std::move(page.events.begin(), page.events.end(), std::back_inserter(found.events));
        found.through = page.through;
        found.head = page.head;
        if (page.caught_up || all || (end && found.through >= *end)) break;
    }
    if (found.events.size() > limit) {
        auto last = found.events.begin() + static_cast<std::ptrdiff_t>(limit);
        while (last != found.events.end() && last->commit_last == std::prev(last)->commit_last) {
            ++last;
        }
        if (last != found.events.end()) {
            found.events.erase(last, found.events.end());
            found.through = found.events.back().commit_last;
        }
    }
    found.known_at = found.head;
    if (end) cut_at(found, *end);
    return found;
}

// As much of the same of one of the readers: `list` says where its pages have their items.
template <class Reader, class List>
reply told_page(api_call const& call, history::change_options wanted, std::size_t limit,
                std::string_view name, List list) {
    auto known = call.readers.take<Reader>(wanted);
    auto reader = known ? std::move(*known) : Reader{call.app.log(), wanted};
    auto page = reader.next(limit);
    std::string items;
    std::size_t count = 0;
    for (int pages = 1;; ++pages, page = reader.next(limit - count)) {
        for (auto const& item : page.*list) append_item(items, to_json(item));
        count += (page.*list).size();
        if (page.caught_up || count >= limit || pages == pages_max) break;
    }
    // `from` of the next page begins behind a whole commit.
    wanted.after = {page.through};
    call.readers.set_aside(std::move(wanted), std::move(reader));
    return json_reply(fmt::format(R"({{"{}":[{}],"next":{},"head":{},"known_at":{}}})", name,
                                  items, page.through + 1, page.head, page.known_at));
}

reply recorded_page(recount::log& log, history::change_options const& wanted, std::size_t limit) {
    auto const found = read_page(log, wanted, limit);
    std::string list;
    for (auto const& e : found.events) append_item(list, to_json(e));
    return json_reply(fmt::format(R"({{"events":[{}],"next":{},"head":{},"known_at":{}}})", list,
                                  found.through + 1, found.head, found.known_at));
}

live_events follow(api_call const& call, feed_form form) {
    check_for_pages_only(call, {"limit", "at"});
    bool const by_position = form == feed_form::recorded;
    auto const after = live_begin_of(call, by_position ? &position_seen : &mark_seen);
    check_reached(call, after);
    return {after.k, filter_of(call), &call.app.log(), form, after.ordinal};
}

}  // namespace

reply read_events(api_call const& call) {
    auto const form = form_of(call);
    if (accepted_media{call.asked}.names(media_events)) return follow(call, form);
    history::change_options wanted;
    wanted.after = begin_of(call);
    wanted.filter = filter_of(call);
    wanted.until = call.number("at", 0);
    auto const limit = call.limit("limit");
    if (form == feed_form::changes) {
        return told_page<history::change_reader>(call, std::move(wanted), limit, "changes",
                                                 &history::changes_page::changes);
    }
    if (form == feed_form::append_only) {
        return told_page<history::append_only_reader>(call, std::move(wanted), limit, "events",
                                                      &history::append_only_page::events);
    }
    return recorded_page(call.app.log(), wanted, limit);
}

reply read_event(api_call const& call) {
    return json_reply(
        story_json(story_of(call.app.log(), uuid_from_string(call.places.front()))));
}

}  // namespace recount::http
