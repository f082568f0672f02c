// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The log on the command line as subscribers are told of it: `events --as changes` and
// `--as append_only`.
//
//     tell_changes(call, {.from = {.filter = filter, .until = k}});
//
// As JSON a line {"mark":k} follows what was told of each commit, and one more the end, if nothing
// was told of the last commits. Thread safety: none.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include <recount/restructure/append_only.hpp>
#include <recount/restructure/changes.hpp>

namespace recount {

class verb_call;

struct told_feed {
    history::change_options from{};
    std::int64_t left = std::numeric_limits<std::int64_t>::max();   // at most so many lines
    bool follow = false;                                            // go on as events come in
    bool colours = false;
};
int tell_changes(verb_call& call, told_feed const& wanted);
int tell_append_only(verb_call& call, told_feed const& wanted);

// Whole lines. `-` is retracted, `+` asserted; `~` corrected, with what was and what is below.
[[nodiscard]] std::string text_of(history::change const& c, bool colours);
[[nodiscard]] std::string text_of(history::append_only_event const& e, bool colours);

}  // namespace recount
