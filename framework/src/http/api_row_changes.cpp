// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What became of the rows of a projection: in pages, and as it happens.
#include <fmt/format.h>

#include <recount/projection/row_changes.hpp>

#include "http/api_routes.hpp"
#include "http/feed_begin.hpp"
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

}  // namespace

reply read_row_changes(api_call const& call) {
    auto const& p = call.app.projection(call.places.front());
    bool const live = accepted_media{call.asked}.names(media_events);
    auto const after = live ? live_begin_of(call) : begin_of(call);
    check_reached(call, after);
    if (live) {
        check_for_pages_only(call, {"limit"});
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
