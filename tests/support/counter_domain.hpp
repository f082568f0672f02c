// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// An aggregate whose state shows every event that made it, in order, and that has snapshots: for
// tests of where states come from.
//
//     counter with snapshots at each N-th event:  sample::counter_every<N>()
#pragma once

#include <vector>

#include <recount/aggregate/aggregate.hpp>
#include <recount/command/dispatcher.hpp>

namespace sample {

using counter_id = recount::strong_id<struct counter_tag>;

struct counted {
    counter_id counter;
    std::int64_t amount = 0;
};
RECOUNT_EVENT(counted, "counter.counted", 1, counter, amount)

struct count {
    counter_id counter;
    std::int64_t amount = 0;
    std::int64_t times = 1;            // events; 0: nothing to record, below: refused
};
RECOUNT_COMMAND(count, "counter.count", counter, amount, times)

struct counter {
    using id = counter_id;
    using events = recount::types<counted>;
    using commands = recount::types<count>;
    using decision = recount::decision<events>;
    static constexpr int snapshot_every = 5;

    std::int64_t sum = 0;
    std::vector<std::int64_t> last;    // up to 8 amounts
    std::int64_t events_seen = 0;

    static void evolve(counter& c, counted const& e) {
        c.sum += e.amount;
        ++c.events_seen;
        c.last.push_back(e.amount);
        if (c.last.size() > 8) c.last.erase(c.last.begin());
    }
    static decision decide(counter const&, count const& c) {
        if (c.times < 0) return recount::rejection{"negative"};
        decision made;
        for (auto left = c.times; left > 0; --left) made.add(counted{c.counter, c.amount});
        return made;
    }
};
RECOUNT_AGGREGATE(counter, "counter", 1, sum, last, events_seen)

// The same aggregate with another distance between snapshots, 0: without.
inline recount::aggregate_descriptor counter_every(std::int64_t events) {
    auto made = recount::aggregate_of<counter>();
    made.snapshot_every = events;
    return made;
}

inline recount::command_call call_of(recount::aggregate_descriptor const& aggregate,
                                     count const& command) {
    return {&aggregate, &aggregate.commands.front(), &command};
}

}  // namespace sample
