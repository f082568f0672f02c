// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "saga/step.hpp"

#include <iterator>
#include <unordered_set>

namespace recount::detail {

namespace {

template <class Row>
void move_behind(std::vector<Row>& to, std::vector<Row>& more) {
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

template <class Row>
std::unordered_set<uuid> keys_of(std::vector<Row> const& rows) {
    std::unordered_set<uuid> keys;
    for (auto const& row : rows) keys.insert(row.key);
    return keys;
}

// A timer that is set and cancelled here is neither. If the tables have it all the same, from a
// worker that died, it is cancelled when it is due.
void leave_out_cancelled(saga_changes& all) {
    if (all.timers.empty() || all.cancelled.empty()) return;
    auto const set = keys_of(all.timers);
    std::unordered_set<uuid> both;
    std::erase_if(all.cancelled, [&](auto const& name) {
        return name.key && set.contains(*name.key) && (both.insert(*name.key), true);
    });
    std::erase_if(all.timers, [&](auto const& timer) { return both.contains(timer.key); });
}

}  // namespace

void add(saga_changes& to, saga_changes more) {
    move_behind(to.instances, more.instances);
    move_behind(to.messages, more.messages);
    move_behind(to.done, more.done);
    move_behind(to.moved, more.moved);
    move_behind(to.withdrawn, more.withdrawn);
    move_behind(to.superseded, more.superseded);
    move_behind(to.timers, more.timers);
    move_behind(to.cancelled, more.cancelled);
    leave_out_cancelled(to);
}

}  // namespace recount::detail
