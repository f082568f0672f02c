// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What became of the rows of a projection: in pages, and as it happens.
#include <fmt/format.h>

#include <recount/core/text.hpp>
#include <recount/projection/row_changes.hpp>

#include "http/api_routes.hpp"
#include "http/media.hpp"

namespace recount::http {

namespace {

refusal not_kept(projection_descriptor const& p) {
    return {{.status = 409,
             .code = "not_kept",
             .detail = fmt::format("the changes of projection {} are not kept; from when on they "
                                   "are is said by: projections keep-changes {}",
                                   p.name, p.name)}};
}

refusal gone(projection_descriptor const& p, position since) {
    return {{.status = 410,
             .code = "changes_gone",
             .detail = fmt::format("the changes of projection {} are kept from behind position {} "
                                   "on: read its rows anew, and go on behind their position",
                                   p.name, since),
             .members = {{"since", std::to_string(since)}}}};
}

row_changes_page read(api_call const& call, projection_descriptor const& p,
                      history::change_mark const& after, std::size_t limit) {
    auto page = row_changes_of(call.app.row_tables()).read_changes(p, after, limit);
    if (!page.since) throw not_kept(p);
    if (after.k < *page.since) throw gone(p, *page.since);
    return page;
}

history::change_mark begin_of(api_call const& call, bool live) {
    history::change_mark after{call.number("from", 1).value_or(1) - 1};
    auto const last = live ? call.header("last-event-id") : std::nullopt;
    if (last && !last->empty()) {
        auto const seen = history::change_mark::from_text(*last);
        if (!seen) {
            throw bad_request(fmt::format("Last-Event-ID: expected a position, or k.ordinal, "
                                          "found '{}'",
                                          excerpt(*last)));
        }
        after = *seen;
    }
    auto const head = call.app.log().head().position;
    if (after.k > head) {
        throw bad_request(fmt::format("the log is at position {}: there is nothing to go on from "
                                      "at {}",
                                      head, after.text()));
    }
    return after;
}

}  // namespace

reply read_row_changes(api_call const& call) {
    auto const& p = call.app.projection(call.places.front());
    bool const live = accepted_media{call.asked}.names(media_events);
    auto const after = begin_of(call, live);
    if (live) {
        if (call.parameter("limit")) {
            throw bad_request("limit: a live feed has no end; it is for pages of JSON");
        }
        constexpr std::size_t one = 1;
        static_cast<void>(read(call, p, after, one));   // so that a failure has its status
        live_events wanted{.after = after.k, .feed = &call.app.log(), .ordinal = after.ordinal};
        wanted.rows = [&kept = row_changes_of(call.app.row_tables()), &p](
                          history::change_mark const& mark, std::size_t limit) {
            return kept.read_changes(p, mark, limit);
        };
        return wanted;
    }
    auto const page = read(call, p, after, call.limit("limit"));
    std::string list;
    for (auto const& c : page.changes) append_item(list, to_json(c));
    return json_reply(fmt::format(R"({{"changes":[{}],"next":{},"position":{}}})", list,
                                  page.through + 1, page.at));
}

}  // namespace recount::http
