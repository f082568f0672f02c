// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/feed_begin.hpp"

#include <fmt/format.h>

#include <recount/core/text.hpp>

namespace recount::http {

history::change_mark begin_of(api_call const& call) {
    return {call.number("from", 1).value_or(1) - 1};
}

history::change_mark mark_seen(std::string_view text) {
    if (auto const mark = history::change_mark::from_text(text)) return *mark;
    throw bad_request(fmt::format("Last-Event-ID: expected a position, or k.ordinal, found '{}'",
                                  excerpt(text)));
}

history::change_mark position_seen(std::string_view text) {
    return {whole_number("Last-Event-ID", text, 0)};
}

history::change_mark live_begin_of(api_call const& call, mark_reader read) {
    auto const from = begin_of(call);
    auto const last = call.header("last-event-id");
    // A browser that has seen no event yet may send an empty one.
    return last && !last->empty() ? read(*last) : from;
}

void check_reached(api_call const& call, history::change_mark const& after) {
    auto const head = call.app.log().head().position;
    if (after.k <= head) return;
    throw bad_request(fmt::format("the log is at position {}: there is nothing to go on from "
                                  "at {}",
                                  head, after.text()));
}

void check_for_pages_only(api_call const& call, std::initializer_list<std::string_view> names) {
    for (auto const name : names) {
        if (!call.parameter(name)) continue;
        throw bad_request(fmt::format("{}: a live feed has no end; it is for pages of JSON", name));
    }
}

}  // namespace recount::http
