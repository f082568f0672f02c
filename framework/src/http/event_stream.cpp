// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/event_stream.hpp"

#include <fmt/format.h>

namespace recount::http::detail {

namespace {

// A line of its own for each line of the text, which a client joins again: a payload keeps the
// bytes it was stored with, and its white space may be line ends.
void add_data(std::string& text, std::string_view data) {
    for (;;) {
        auto const end = data.find_first_of("\r\n");
        text += "data: ";
        text += data.substr(0, end);
        text += '\n';
        if (end == std::string_view::npos) return;
        data.remove_prefix(end + (data.substr(end).starts_with("\r\n") ? 2 : 1));
    }
}

}  // namespace

void add_event(std::string& text, recorded_event const& event) {
    fmt::format_to(std::back_inserter(text), "id: {}\n", event.position);
    add_data(text, to_json(event));
    text += '\n';
}

namespace {

template <class Told> void add_told(std::string& text, Told const& told) {
    fmt::format_to(std::back_inserter(text), "id: {}\n", told.mark().text());
    add_data(text, to_json(told));
    text += '\n';
    if (told.last) add_mark(text, told.k);
}

}  // namespace

void add_event(std::string& text, history::change const& change) { add_told(text, change); }
void add_event(std::string& text, history::append_only_event const& event) {
    add_told(text, event);
}

void add_event(std::string& text, row_change const& change) { add_told(text, change); }

void add_mark(std::string& text, position through) {
    fmt::format_to(std::back_inserter(text), "id: {}\ndata: {{\"mark\":{}}}\n\n", through,
                   through);
}

void add_place(std::string& text, position through) {
    fmt::format_to(std::back_inserter(text), "id: {}\n\n", through);
}

void add_comment(std::string& text, std::string_view words) {
    fmt::format_to(std::back_inserter(text), ": {}\n\n", words);
}

void add_retry(std::string& text, int milliseconds) {
    fmt::format_to(std::back_inserter(text), "retry: {}\n\n", milliseconds);
}

}  // namespace recount::http::detail
