// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Where somebody begins who follows the log, or what was made of it, by request.
//
//     auto const after = live ? live_begin_of(call) : begin_of(call);
//     check_reached(call, after);
//
// All throw a refusal for what cannot be meant.
#pragma once

#include <initializer_list>

#include <recount/restructure/change_mark.hpp>

#include "http/api_call.hpp"

namespace recount::http {

// Behind what is in front of `from`.
[[nodiscard]] history::change_mark begin_of(api_call const& call);

// How a Last-Event-ID is read: as a mark, or as the position that ids of recorded events are.
using mark_reader = history::change_mark (*)(std::string_view text);
[[nodiscard]] history::change_mark mark_seen(std::string_view text);
[[nodiscard]] history::change_mark position_seen(std::string_view text);

// A client that comes back says what it saw last; then `from` is what it began with.
[[nodiscard]] history::change_mark live_begin_of(api_call const& call,
                                                 mark_reader read = &mark_seen);

// The log must have come as far as that.
void check_reached(api_call const& call, history::change_mark const& after);

// A live feed takes none of these parameters.
void check_for_pages_only(api_call const& call, std::initializer_list<std::string_view> names);

}  // namespace recount::http
