// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Which state of an aggregate is wanted, if not the one of now.
//
//     bank.state<account>(ada);                                       // as it is
//     bank.state<account>(ada, recount::as_known_at{4711});           // what we believed then
//     bank.state<account>(ada, recount::at_version{3});
//     bank.state<account>(ada, recount::as_effective_until{month_end});
//     bank.state<account>(ada, history::read_cut{.known_at = 4711, .effective_until = month_end});
//
// A state is made of the corrected history of its stream. A position inside a commit means the end
// of the commit before, a version inside one the end of that commit.
// Thread safety: a value.
#pragma once

#include <recount/restructure/read_cut.hpp>

namespace recount {

struct as_known_at {
    position k = 0;        // what the log held at this position
};
struct at_version {
    version v = 0;         // of the stream as recorded
};
struct as_effective_until {
    timestamp t;           // what had happened by then, as it is known now
};

// Conversions are wanted: a call says one of the above.
struct state_cut : history::read_cut {
    state_cut() = default;
    state_cut(history::read_cut const& c) : read_cut{c} {}                        // NOLINT
    state_cut(as_known_at c) : read_cut{.known_at = c.k} {}                       // NOLINT
    state_cut(at_version c) : read_cut{.version = c.v} {}                         // NOLINT
    state_cut(as_effective_until c) : read_cut{.effective_until = c.t} {}         // NOLINT
    // A version alone; 0: as it is now.
    state_cut(recount::version v) {                                               // NOLINT
        if (v != 0) version = v;
    }
};

}  // namespace recount
