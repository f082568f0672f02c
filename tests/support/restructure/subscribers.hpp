// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Subscribers of a log, as simple as they can be, and law 17: at every mark they know the corrected
// history of every stream, whatever the pages, restarts and repetitions were. Some are flawed, and
// must be found out.
//
//     auto const log = random_log_of_kinds(c);
//     CHECK(follow_changes(c, store, log, random_filter(c)) == "");
//
// `store` must be empty: the commits of the log are appended while it is followed.
#pragma once

#include <string>

#include <recount/restructure/append_only.hpp>
#include <recount/restructure/changes.hpp>

#include "support/restructure/laws.hpp"

namespace recount::tests {

// Two categories, streams of the framework, types that restructures change.
[[nodiscard]] world random_log_of_kinds(choices& c);
inline std::vector<std::string> const streams_of_kinds{"account-a", "account-b", "account-c",
                                                       "card-a",    "$saga.cards-1"};
// Often an empty one.
[[nodiscard]] feed_filter random_filter(choices& c);

enum class flaw {
    none,
    forgets_nothing,      // a retraction is none of its business
    sorts_by_position,    // as if a move changed nothing
    takes_twice           // what comes again is taken again
};
// Empty: the law holds.
[[nodiscard]] std::string follow_changes(choices& c, recount::log& store, world const& log,
                                         feed_filter const& filter, flaw how = flaw::none);
[[nodiscard]] std::string follow_append_only(choices& c, recount::log& store, world const& log,
                                             feed_filter const& filter);

// All there is to tell, page by page; `limit` of each page.
[[nodiscard]] std::vector<history::change> all_changes(recount::log& from,
                                                       history::change_options options = {},
                                                       std::size_t limit = 3);
[[nodiscard]] std::vector<history::append_only_event> all_append_only(
    recount::log& from, history::change_options options = {}, std::size_t limit = 3);

}  // namespace recount::tests
