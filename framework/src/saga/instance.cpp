// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "saga/instance.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "saga/fit.hpp"

namespace recount::detail {

using kind = reaction_output::kind;

std::optional<found_input> find_input(saga_descriptor const& saga, std::string_view type,
                                      int schema_version, bool timer) {
    std::optional<int> other_version;
    for (auto const& one : timer ? saga.timers : saga.events) {
        auto const index = index_of_version(one.versions, type, schema_version);
        if (index) return found_input{&one, *index};
        if (one.event.name == type) other_version = one.event.version;
    }
    if (!other_version) return std::nullopt;
    throw error{errc::unknown_type,
                fmt::format("saga {} knows {} up to version {}, and not version {}", saga.name,
                            type, *other_version, schema_version)};
}

found_input input_known(saga_descriptor const& saga, saga_input const& input) {
    if (auto const found = find_input(saga, input.type, input.schema_version, input.timer)) {
        return *found;
    }
    throw error{errc::unknown_type,
                fmt::format("saga {} has no {} {}", saga.name, input.timer ? "timer" : "event",
                            input.type)};
}

instance::instance(saga_descriptor const& saga, std::string id)
    : saga_{&saga}, id_{std::move(id)}, stream_{stream_name::of(saga.category(), id_)},
      state_{saga.reactor ? erased_object{nullptr, [](void*) {}} : saga.create()},
      ended_{saga.reactor} {}

saga_status instance::status() const noexcept {
    if (parked_) return saga_status::parked;
    if (diverged_) return saga_status::diverged;
    return ended_ ? saga_status::ended : saga_status::running;
}

void instance::tell(recorded_event const& row) {
    version_ = row.version;
    hash_ = row.hash;
    try {
        tell_content(row);
    } catch (std::exception const& failure) {
        cannot_tell(row, failure.what());
    }
}

void instance::cannot_tell(recorded_event const& row, std::string_view why) {
    version_ = row.version;
    hash_ = row.hash;
    if (!broken_.empty()) return;
    broken_ = fmt::format("version {} of its stream could not be told again: {}", row.version, why);
}

void instance::tell_content(recorded_event const& row) {
    auto const correlation = metadata_from_json(row.meta).correlation;
    if (row.type == saga_reacted) {
        auto one = reacted_from_json(row.payload);
        one.input.correlation = correlation;
        reacted(one.input, one.outputs, one.ended);
        // Where the state is lost, what is to be known of inputs and outputs is not.
        if (broken_.empty()) evolve(one.input);
    } else if (row.type == saga_held) {
        auto input = held_from_json(row.payload);
        input.correlation = correlation;
        held(input);
    } else if (row.type == saga_parked) {
        parked(parked_from_json(row.payload).because);
    } else if (row.type == saga_resumed) {
        parked_ = false;
        because_.clear();
    } else if (row.type == saga_refused) {
        refused(refused_from_json(row.payload), correlation);
    } else if (row.type == saga_ended) {
        forwarded_ = unrouted_ && command_id_of(row.id) == saga_commit_id(saga_->name, id_,
                                                                         unrouted_->trigger,
                                                                         "forwarded");
        ended(because_from_json(row.payload));
    } else if (row.type == saga_withdrawn) {
        withdrawn_.insert(withdrawn_from_json(row.payload));
    } else if (row.type == saga_acknowledged) {
        diverged_ = false;
    }
}

void instance::repaired(recorded_event const& row, deeds const& after) {
    version_ = row.version;
    hash_ = row.hash;
    try {
        repaired(repaired_from_json(row.payload), after);
    } catch (std::exception const& failure) {
        broken_.clear();
        cannot_tell(row, failure.what());
    }
}

void instance::repaired(repaired_row const& row, deeds const& after) {
    waiting_.clear();
    for (auto const& one : after.inputs()) {
        triggers_.insert(one.input.trigger);
        if (one.waiting) waiting_.push_back(one.input);
    }
    if (!row.problem.empty()) return;
    resend(row);
    started_ = row.started;
    ended_ = row.ended || saga_->reactor;
    diverged_ = row.diverged();
    timers_.clear();
    for (auto const& one : row.timers) {
        timers_[one.output.name] = timer_of(*saga_, id_, one.output, {});
    }
    if (ended_) waiting_.clear();
    if (saga_->reactor) return;
    state_ = saga_->create();
    broken_.clear();
    for (auto const& one : after.inputs()) {
        if (!one.waiting && !after.passes_over(one.input.trigger)) evolve(one.input);
    }
}

// What left it now is what a verdict would have to make up for.
void instance::resend(repaired_row const& row) {
    for (auto const& one : row.differences) {
        if (!one.did || one.what == repair_kind::diverged) continue;
        auto const known = std::ranges::find(sent_, one.did->key, &sent_command::key);
        if (known == sent_.end()) continue;
        if (one.what == repair_kind::amended) {
            known->undo = one.should->undo;
        } else {
            sent_.erase(known);
        }
    }
    for (auto const& one : row.outputs) {
        if (one.output.what == kind::command) sent_.push_back({one.output.key, one.output.undo});
    }
}

void instance::evolve(saga_input const& input) {
    auto const found = input_known(*saga_, input);
    if (found.of->evolve == nullptr) return;
    auto const event = found.of->decode(found.index, input.payload);
    ask(found.of->evolve, state_.get(), event.get(), input.about());
}

void instance::reacted(saga_input const& input, std::vector<saga_output> const& outputs,
                       bool ends) {
    triggers_.insert(input.trigger);
    std::erase_if(waiting_, [&](auto const& one) { return one.trigger == input.trigger; });
    forget_timer(input);
    take_outputs(outputs, input.correlation);
    if (ends) ended({});
}

// The one that has told this, and not one that was set under its name since.
void instance::forget_timer(saga_input const& input) {
    if (!input.timer) return;
    auto const set = timers_.find(input.name);
    if (set != timers_.end() && set->second.key == input.trigger) timers_.erase(set);
}

void instance::held(saga_input const& input) {
    if (!input.timer && waiting_.empty() && version_ <= 1 && id_ == to_string(input.trigger)) {
        unrouted_ = input;
    }
    triggers_.insert(input.trigger);
    forget_timer(input);
    waiting_.push_back(input);
}

void instance::parked(std::string because) {
    parked_ = true;
    because_ = std::move(because);
}

void instance::refused(refused_row const& row, std::optional<uuid> const& correlation) {
    std::erase(retried_, row.message);
    switch (row.what) {
        case verdict::kind::retry: retried_.push_back(row.message); break;
        case verdict::kind::skip:
            std::erase_if(sent_, [&](auto const& one) { return one.key == row.message; });
            break;
        case verdict::kind::compensate: sent_.clear(); break;
        case verdict::kind::park:
            retried_.push_back(row.message);
            parked(fmt::format("{} was refused: {}{}{}", row.command, row.code,
                               row.text.empty() ? "" : ": ", row.text));
            break;
    }
    take_outputs(row.outputs, correlation);
    if (row.ended) ended({});
}

void instance::moved_on(recount::version to, std::optional<digest> const& hash) {
    version_ = to;
    hash_ = hash;
}

void instance::take_outputs(std::vector<saga_output> const& outputs,
                            std::optional<uuid> correlation) {
    for (auto const& output : outputs) {
        switch (output.what) {
            case kind::command: sent_.push_back({output.key, output.undo}); break;
            case kind::timer:
                timers_[output.name] = timer_of(*saga_, id_, output, correlation);
                break;
            case kind::cancel: timers_.erase(output.name); break;
            case kind::effect: break;
        }
    }
}

void instance::ended(std::string because) {
    ended_ = true;
    timers_.clear();
    waiting_.clear();
    if (because.empty()) return;
    parked_ = false;
    diverged_ = false;
    because_ = std::move(because);
}

std::vector<uuid> instance::sent_behind(uuid const& key) const {
    auto at = std::find_if(sent_.begin(), sent_.end(), [&](auto const& s) { return s.key == key; });
    std::vector<uuid> keys;
    for (; at != sent_.end(); ++at) {
        if (at->key != key) keys.push_back(at->key);
    }
    return keys;
}

std::vector<saga_command> instance::undos_before(uuid const& key) const {
    std::vector<saga_command> undos;
    for (auto const& one : sent_) {
        if (one.key == key) break;
        if (one.undo) undos.push_back(*one.undo);
    }
    std::reverse(undos.begin(), undos.end());
    return undos;
}

saga_instance instance::row(timestamp updated_at) const {
    auto const now = status();
    auto const because = now == saga_status::diverged ? std::string{"history was corrected"}
                                                      : because_;
    return {std::string{saga_->name}, id_, now, version_, updated_at, because};
}

saga_timer timer_of(saga_descriptor const& saga, std::string const& instance,
                    saga_output const& output, std::optional<uuid> const& correlation) {
    return {output.key,    std::string{saga.name}, instance,       output.name, output.due_at,
            output.type,   output.schema_version,  output.payload, correlation};
}

outbox_message message_of(saga_descriptor const& saga, std::string const& instance,
                          saga_output const& output, uuid const& trigger,
                          std::optional<uuid> const& correlation, position k) {
    outbox_message made;
    made.key = output.key;
    made.kind = output.what == kind::command ? message_kind::command : message_kind::effect;
    made.saga = saga.name;
    made.instance = instance;
    made.trigger = trigger;
    made.ordinal = output.n;
    made.order_key = output.order;
    made.correlation = correlation;
    made.caused_at = k;
    if (output.what == kind::command) {
        made.type = output.command.name;
        made.body = to_json(output.command);
    } else {
        made.type = output.type;
        made.body = fmt::format(R"({{"type":"{}","schema_version":{},"payload":{}}})", output.type,
                                output.schema_version, output.payload);
    }
    return made;
}

}  // namespace recount::detail
