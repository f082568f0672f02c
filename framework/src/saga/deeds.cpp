// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "saga/deeds.hpp"

#include <algorithm>

namespace recount::detail {

using kind = reaction_output::kind;

void deeds::tell(recorded_event const& row) {
    if (row.type == saga_reacted) {
        auto one = reacted_from_json(row.payload);
        one.input.correlation = metadata_from_json(row.meta).correlation;
        reacted(one);
    } else if (row.type == saga_held) {
        auto one = placed(held_from_json(row.payload));
        one.input.correlation = metadata_from_json(row.meta).correlation;
        one.waiting = true;
        inputs_.push_back(std::move(one));
    } else if (row.type == saga_refused) {
        refused(refused_from_json(row.payload));
    } else if (row.type == saga_repaired) {
        repaired(repaired_from_json(row.payload));
        if (!open_.empty()) opened_at_ = row.recorded_at;
    } else if (row.type == saga_acknowledged) {
        acknowledged();
    } else if (row.type == saga_withdrawn) {
        withdrawn_.insert(withdrawn_from_json(row.payload));
    } else if (row.type == saga_ended) {
        gave_up_ = true;
        timers_.clear();
    }
}

void deeds::put(output_place const& of, saga_output output) {
    done_.insert_or_assign(of, deed{std::move(output), ++order_});
}

void deeds::reacted(reacted_row const& row) {
    auto const known = std::ranges::find_if(inputs_, [&](auto const& one) {
        return one.input.trigger == row.input.trigger;
    });
    if (known == inputs_.end()) {
        inputs_.push_back(placed(row.input));
    } else {
        known->waiting = false;
    }
    if (row.input.timer) {
        auto const set = timers_.find(row.input.name);
        if (set != timers_.end() && set->second.output.key == row.input.trigger) {
            timers_.erase(set);
        }
    }
    for (auto const& output : row.outputs) {
        output_place const of{row.input.trigger, output.n};
        switch (output.what) {
            case kind::command:
            case kind::effect: put(of, output); break;
            case kind::timer:
                setters_.emplace(output.key, of);
                timers_.insert_or_assign(output.name, set_timer{of.first, output});
                break;
            case kind::cancel: timers_.erase(output.name); break;
        }
    }
    if (row.ended) timers_.clear();
}

void deeds::refused(refused_row const& row) {
    auto const found = std::ranges::find_if(
        done_, [&](auto const& one) { return one.second.output.key == row.message; });
    if (row.ended) {
        gave_up_ = true;
        timers_.clear();
    }
    if (row.what == verdict::kind::skip) {
        if (found != done_.end()) found->second.given_up = true;
        return;
    }
    if (row.what != verdict::kind::compensate) return;
    auto const at = found == done_.end() ? order_ + 1 : found->second.order;
    for (auto& [of, one] : done_) {
        if (one.output.what != kind::command) continue;
        if (one.order >= at || one.output.undo) one.given_up = true;
    }
}

void deeds::repaired(repaired_row const& row) {
    repaired_for_.insert(row.restructure);
    inputs_ = changed(std::move(inputs_), row.removed, row.inputs);
    pending_.reset();
    if (!row.problem.empty()) {
        pending_ = row;
        return;
    }
    passed_ = {row.passed.begin(), row.passed.end()};
    open_.clear();
    for (auto const& one : row.differences) {
        switch (one.what) {
            case repair_kind::withdrawn:
            case repair_kind::compensated: done_.erase(one.of); break;
            case repair_kind::dispatched:
            case repair_kind::reissued: put(one.of, *one.should); break;
            case repair_kind::amended: {
                auto now = *one.should;
                now.key = one.did->key;
                auto const known = done_.find(one.of);
                if (known != done_.end()) known->second.output = std::move(now);
                break;
            }
            case repair_kind::diverged: open_.insert_or_assign(one.of, one); break;
        }
    }
    if (!open_.empty()) opened_ = row;
    timers_.clear();
    for (auto const& one : row.timers) {
        setters_.insert_or_assign(one.output.key, output_place{one.trigger, one.output.n});
        timers_.insert_or_assign(one.output.name, set_timer{one.trigger, one.output});
    }
}

// From now on what it did counts as what it should have done.
void deeds::acknowledged() {
    for (auto& [of, one] : open_) {
        if (!one.should) {
            done_.erase(of);
            continue;
        }
        auto now = *one.should;
        if (one.did) now.key = one.did->key;
        auto const known = done_.find(of);
        if (known == done_.end()) {
            put(of, std::move(now));
        } else {
            known->second.output = std::move(now);
        }
    }
    open_.clear();
}

std::optional<output_place> deeds::setter_of(uuid const& timer) const {
    auto const found = setters_.find(timer);
    if (found == setters_.end()) return std::nullopt;
    return found->second;
}

namespace {

// Behind the last event before it; a timer that fired before it happened stays before it.
std::vector<placed_input>::iterator place_in(std::vector<placed_input>& inputs,
                                             placed_input const& one) {
    auto at = inputs.begin();
    for (auto i = inputs.begin(); i != inputs.end(); ++i) {
        if (!i->input.timer && i->at < one.at) at = i + 1;
    }
    while (at != inputs.end() && at->input.timer &&
           at->input.fired_at < one.input.effective_at) {
        ++at;
    }
    return at;
}

}  // namespace

std::vector<placed_input> changed(std::vector<placed_input> inputs,
                                  std::vector<uuid> const& removed,
                                  std::vector<placed_input> const& changes) {
    std::erase_if(inputs, [&](auto const& one) {
        return std::ranges::find(removed, one.input.trigger) != removed.end();
    });
    for (auto const& change : changes) {
        auto const known = std::ranges::find_if(inputs, [&](auto const& one) {
            return one.input.trigger == change.input.trigger;
        });
        if (known != inputs.end() && known->at == change.at) {
            *known = change;
            continue;
        }
        if (known != inputs.end()) inputs.erase(known);
        inputs.insert(place_in(inputs, change), change);
    }
    return inputs;
}

}  // namespace recount::detail
