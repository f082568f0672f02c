// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The text of server-sent events (WHATWG HTML, section 9.2): pure functions that append to a text.
//
//     add_event(text, page.events.front());   // "id: 17\ndata: {…}\n\n"
//     add_comment(text, "still here");        // ": still here\n\n"
#pragma once

#include <string>
#include <string_view>

#include <recount/projection/row_changes.hpp>
#include <recount/restructure/append_only.hpp>
#include <recount/restructure/changes.hpp>

namespace recount::http::detail {

void add_event(std::string& text, recorded_event const& event);
// With the mark behind it, if it is the last of its commit.
void add_event(std::string& text, history::change const& change);
void add_event(std::string& text, history::append_only_event const& event);
void add_event(std::string& text, row_change const& change);
// Only the place to go on from: a client that comes back asks for what is behind it.
void add_place(std::string& text, position through);
// The same as data: "id: 8\ndata: {"mark":8}\n\n".
void add_mark(std::string& text, position through);
void add_comment(std::string& text, std::string_view words);
// How long a client is to wait before it connects again.
void add_retry(std::string& text, int milliseconds);

}  // namespace recount::http::detail
