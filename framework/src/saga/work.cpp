// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "saga/work.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <recount/saga/limits.hpp>

#include "projection/telling.hpp"
#include "saga/fit.hpp"

namespace recount::detail {

using target_kind = saga_target::kind;

void saga_work::begin(std::vector<saga_target> targets, position written, timestamp now) {
    targets_.assign(std::make_move_iterator(targets.begin()),
                    std::make_move_iterator(targets.end()));
    written_ = written;
    now_ = now;
    drafts_.clear();
    commits_.clear();
    triggers_.clear();
    commit_of_.clear();
    unfit_.clear();
    wanted_.clear();
    deeds_.clear();
    fates_.clear();
    fates_wanted_.clear();
    attempts_ = 0;
    recovered_ = false;
    if (warm_.size() > limits::saga_instances_warm_max) warm_.clear();
    for (auto const& target : targets_) {
        if (!target.input.trigger.is_nil()) wanted_.insert(target.input.trigger);
        // What an operator did is in the log, and not in memory.
        if (target.what == target_kind::act) warm_.erase(target.instance);
        // What another worker has said of a command is, too.
        if (target.known || target.taken) warm_.erase(target.instance);
        if (target.repair) {
            wanted_.insert(target.repair->restructure);
            warm_.erase(target.instance);
        }
        if (target.what != target_kind::timer) continue;
        // One that is not set any more has perhaps fired, and its outputs are in the log alone.
        auto const known = warm_.find(target.instance);
        if (known == warm_.end()) continue;
        auto const& set = known->second->timers();
        auto const found = set.find(target.input.name);
        if (found == set.end() || found->second.key != target.input.trigger) warm_.erase(known);
    }
}

std::vector<stream_name> saga_work::missing() {
    std::set<std::string_view> seen;
    std::vector<stream_name> streams;
    for (auto const& target : targets_) {
        if (target.done || warm_.contains(target.instance)) continue;
        if (!seen.insert(target.instance).second) continue;
        streams.push_back(stream_name::of(saga_.category(), target.instance));
    }
    return streams;
}

void saga_work::on_rows(std::span<stream_name const> wanted,
                        std::map<std::string, std::vector<recorded_event>> const& rows) {
    static std::vector<recorded_event> const none;
    for (auto const& stream : wanted) {
        auto const found = rows.find(stream.str());
        load(std::string{stream.id()}, found == rows.end() ? none : found->second);
    }
}

// Whether the tables may not have been told of a row that is in the stream.
bool saga_work::unwritten(recorded_event const& row, bool resumed) const {
    if (row.type == saga_ended) return row.position > written_;
    if (row.type == saga_repaired) {
        auto const known = repaired_from_json(row.payload);
        return resumed || known.k > written_ || wanted_.contains(known.restructure);
    }
    if (row.type != saga_reacted) return false;
    if (resumed) return true;
    auto const input = reacted_from_json(row.payload).input;
    // A timer has no position. That of its row is behind the checkpoint of whoever died with it:
    // an event that sets the timer anew may be read before the old one is found to be due.
    auto const at = input.timer ? row.position : input.position;
    return at > written_ || wanted_.contains(input.trigger);
}

void saga_work::load(std::string const& id, std::vector<recorded_event> const& rows) {
    auto one = std::make_unique<instance>(saga_, id);
    one->follow(rows.empty());
    auto& to = drafts_[id];
    bool resumed = false;   // by what the tables have not seen yet: what waited may have gone on
    auto const all = tells_deeds(id, rows)
                         ? &deeds_.insert_or_assign(id, deeds{id}).first->second
                         : nullptr;
    auto const tell = [&](recorded_event const& row) {
        if (all != nullptr) all->tell(row);
        if (all != nullptr && row.type == saga_repaired) {
            one->repaired(row, *all);
        } else {
            one->tell(row);
        }
    };
    auto const take = [&](recorded_event const& row) {
        bool const act = row.type == saga_resumed || row.type == saga_acknowledged;
        if (act && row.position > written_) resumed = true;
        if (row.type == saga_refused) note_known(row);
        if (!unwritten(row, resumed)) {
            tell(row);
            return;
        }
        recovered_ = true;
        auto const before = one->timers();
        auto const sent = one->sent();
        auto const retried = one->retried();
        tell(row);
        to.touched = true;
        to.updated_at = row.recorded_at;
        take_timers(to, before, one->timers());
        if (row.type == saga_ended) {
            for (auto const& command : sent) to.changes.withdrawn.push_back(command.key);
            return;
        }
        if (row.type == saga_repaired) {
            take_repair(to, id, repaired_from_json(row.payload),
                        metadata_from_json(row.meta).correlation);
            resumed = true;
            return;
        }
        auto const told = reacted_from_json(row.payload);
        if (told.ended) withdraw(to, retried);
        take_outputs(to, id, told.outputs, told.input.trigger,
                     metadata_from_json(row.meta).correlation, told.input.k);
    };
    for (auto const& row : rows) {
        try {
            take(row);
        } catch (std::exception const& failure) {
            one->cannot_tell(row, failure.what());
        }
    }
    // What a written row behind it has moved or cancelled is not set again.
    std::erase_if(to.set, [&](auto const& set) {
        auto const now = one->timers().find(set.first);
        bool const gone = now == one->timers().end() || now->second.key != set.second.key;
        if (gone) to.gone.emplace(set.first, set.second.key);
        return gone;
    });
    if (!rows.empty()) to.updated_at = rows.back().recorded_at;
    // That it does not go on must be seen, whoever died before it could be.
    to.touched = to.touched || one->holds();
    warm_.insert_or_assign(id, std::move(one));
}

void saga_work::take_outputs(draft& to, std::string const& id,
                             std::vector<saga_output> const& outputs, uuid const& trigger,
                             std::optional<uuid> const& correlation, position k) {
    for (auto const& output : outputs) {
        if (output.what != reaction_output::kind::command &&
            output.what != reaction_output::kind::effect) {
            continue;
        }
        to.changes.messages.push_back(message_of(saga_, id, output, trigger, correlation, k));
    }
}

// A saga that has come to its end sends no command once more that was refused.
void saga_work::withdraw(draft& to, std::vector<uuid> const& retried) {
    to.changes.withdrawn.insert(to.changes.withdrawn.end(), retried.begin(), retried.end());
}

void saga_work::take_timers(draft& to, timers const& before, timers const& after) {
    for (auto const& [name, timer] : before) {
        auto const now = after.find(name);
        if (now != after.end() && now->second.key == timer.key) continue;
        to.set.erase(name);
        to.gone.emplace(name, timer.key);
    }
    for (auto const& [name, timer] : after) {
        auto const was = before.find(name);
        if (was != before.end() && was->second.key == timer.key) continue;
        to.set.insert_or_assign(name, timer);
    }
}

void saga_work::plan() {
    // A step may add to the list.
    for (std::size_t i = 0; i < targets_.size(); ++i) {
        if (targets_[i].done || !warm_.contains(targets_[i].instance)) continue;
        targets_[i].done = true;
        step(targets_[i]);
    }
}

void saga_work::step(saga_target const& target) {
    auto& one = *warm_.at(target.instance);
    auto const before = one.timers();
    auto& to = drafts_[target.instance];
    switch (target.what) {
        case target_kind::event: tell_event(one, target); break;
        case target_kind::unroutable:
            if (!one.knows(target.input.trigger)) hold(one, target.input, target.because);
            break;
        case target_kind::act: act(one); break;
        case target_kind::timer: fire(one, target); break;
        case target_kind::refusal: refuse(one, target); break;
        case target_kind::undeliverable: undeliverable(one, target); break;
        case target_kind::repair: repair(one, target); break;
    }
    take_timers(to, before, one.timers());
}

void saga_work::tell_event(instance& one, saga_target const& target) {
    if (one.knows(target.input.trigger)) return;
    drain(one);
    if (one.has_ended()) return;
    switch (target.routed) {
        case route::kind::ignore: return;
        case route::kind::starts: break;
        case route::kind::continues:
        case route::kind::ends:
            if (!one.started()) return;
            break;
        case route::kind::must_start:
            if (!one.started()) break;
            hold(one, target.input,
                 fmt::format("{} must start a new instance, and there is one already",
                             target.input.type));
            return;
        case route::kind::must_exist:
            if (one.started()) break;
            hold(one, target.input,
                 fmt::format("{} needs an instance that is there, and there is none",
                             target.input.type));
            return;
    }
    react_or_hold(one, target.input, target.routed == route::kind::ends);
}

void saga_work::act(instance& one) {
    drafts_[one.id()].touched = true;
    auto const known = deeds_.find(one.id());
    if (known != deeds_.end() && known->second.pending() && !one.holds()) {
        // The repair that could not be done, once more; then what waits.
        auto const& row = *known->second.pending();
        saga_target again{.what = target_kind::repair, .instance = one.id()};
        again.repair =
            std::make_shared<repair_cause const>(repair_cause{row.restructure, row.k, {}, {}});
        targets_.push_back(std::move(again));
    } else if (one.unrouted()) {
        if (!one.has_ended() || one.was_forwarded()) forward(one);
    } else {
        drain(one);
    }
}

// What waited while it was parked, in order.
void saga_work::drain(instance& one) {
    while (!one.holds() && !one.has_ended() && !one.waiting().empty()) {
        auto const input = one.waiting().front();
        bool ends = false;
        std::string failure;
        try {
            auto const found = input_known(saga_, input);
            if (found.of->route != nullptr) {
                auto const event = found.of->decode(found.index, input.payload);
                auto const routed = ask(found.of->route, event.get(), input.about());
                ends = routed.what == route::kind::ends;
            }
            failure = react(one, input, ends);
        } catch (std::exception const& thrown) {
            failure = thrown.what();
        }
        if (!failure.empty()) park(one, input.trigger, input.correlation, failure);
    }
}

// An event that `route` threw at, now that somebody has it tried again.
void saga_work::forward(instance& one) {
    auto const input = *one.unrouted();
    try {
        auto const found = input_known(saga_, input);
        auto const event = found.of->decode(found.index, input.payload);
        auto const to = ask(found.of->route, event.get(), input.about());
        if (to.instance == one.id()) {
            drain(one);   // it was routed, and held for another reason
            return;
        }
        if (to.what != route::kind::ignore) {
            static_cast<void>(stream_name::of(saga_.category(), to.instance));
            wanted_.insert(input.trigger);
            targets_.push_back({.instance = to.instance, .routed = to.what, .input = input});
        }
        if (one.has_ended()) return;
        auto const because = to.what == route::kind::ignore ? std::string{"it is for no instance"}
                                                            : "it is for " + to.instance;
        append(one, input, "forwarded", {{saga_ended, because_json(because)}});
        one.ended(because);
    } catch (std::exception const& failure) {
        if (!one.is_parked()) park(one, input.trigger, input.correlation, failure.what());
    }
}

void saga_work::fire(instance& one, saga_target const& target) {
    auto const& input = target.input;
    auto const& set = one.timers();
    auto& to = drafts_[one.id()];
    auto const found = set.find(input.name);
    if (found == set.end() || found->second.key != input.trigger) {
        // The table has what the log knows better.
        to.touched = true;
        to.gone.emplace(input.name, input.trigger);
        if (found != set.end()) to.set.insert_or_assign(input.name, found->second);
        return;
    }
    drain(one);
    react_or_hold(one, input, false);
}

void saga_work::react_or_hold(instance& one, saga_input const& input, bool ends) {
    if (one.holds()) {
        hold(one, input, {});
        return;
    }
    auto const failure = react(one, input, ends);
    if (!failure.empty()) hold(one, input, failure);
}

std::string saga_work::react(instance& one, saga_input const& input, bool ends) {
    auto& to = drafts_[one.id()];
    auto const unfit = unfit_.find({one.id(), input.trigger});
    if (unfit != unfit_.end()) return unfit->second;
    if (!one.broken().empty()) return one.broken();
    if (to.dirty) return "its state is lost";
    try {
        auto const found = input_known(saga_, input);
        auto const event = found.of->decode(found.index, input.payload);
        auto const made = ask(found.of->react, one.state(), event.get(), input.about());
        reacted_row row{input, outputs_of(made, saga_.name, one.id(), input), made.ended || ends};
        auto text = to_json(row);
        if (auto why = misfit(text.str()); !why.empty()) return why;
        to.dirty = true;
        one.evolve(input);
        to.dirty = false;
        append(one, input, "reacted", {{saga_reacted, std::move(text)}});
        if (row.ended) withdraw(to, one.retried());
        one.reacted(input, row.outputs, row.ended);
        take_outputs(to, one.id(), row.outputs, input.trigger, input.correlation, input.k);
        return {};
    } catch (std::exception const& failure) {
        return *failure.what() == '\0' ? "an exception without a text" : failure.what();
    }
}

// It waits, and whatever comes after it does. Of a parked instance no reason is given again.
void saga_work::hold(instance& one, saga_input const& input, std::string const& thrown) {
    bool const holds = one.holds();
    auto const because = storable(thrown);
    auto const why = holds ? std::string{to_string(one.status())} : because;
    auto kept = input;
    auto text = held_json(kept, why);
    if (!misfit(text.str()).empty()) {
        kept.payload = "null";   // the log has it under its id, for a person
        text = held_json(kept, why);
    }
    std::vector<std::pair<std::string_view, json_text>> rows;
    rows.emplace_back(saga_held, std::move(text));
    if (!holds) rows.emplace_back(saga_parked, to_json(parked_row{input.trigger, because}));
    append(one, input, "held", std::move(rows));
    one.held(kept);
    if (!holds) one.parked(because);
}

void saga_work::park(instance& one, uuid const& trigger, std::optional<uuid> const& correlation,
                     std::string const& thrown) {
    auto const because = storable(thrown);
    saga_input about;
    about.trigger = trigger;
    about.correlation = correlation;
    append(one, about, fmt::format("parked/{}", one.version()),
           {{saga_parked, to_json(parked_row{trigger, because})}});
    one.parked(because);
}

void saga_work::append(instance& one, saga_input const& about, std::string_view step,
                       std::vector<std::pair<std::string_view, json_text>> rows) {
    auto& to = drafts_[one.id()];
    auto& made = commits_.emplace_back();
    made.id = saga_commit_id(saga_.name, one.id(), about.trigger, step);
    made.of_framework = true;
    made.meta.correlation = about.correlation;
    made.meta.causation = about.trigger;
    if (about.k > 0) made.meta.basis = about.k;
    made.meta.app = program_;
    made.expectations.push_back(
        {one.stream(), expectation::exactly(one.version()), one.hash()});
    if (!to.commits.empty()) made.follows = commits_[to.commits.back()].id;
    for (auto& [type, payload] : rows) {
        made.events.push_back({one.stream(), std::string{type}, 1, std::move(payload), {}});
    }
    one.moved_on(one.version() + static_cast<version>(rows.size()), std::nullopt);
    to.touched = true;
    to.commits.push_back(commits_.size() - 1);
    triggers_.push_back(about.trigger);
    commit_of_.push_back(one.id());
}

std::vector<commit> saga_work::take_commits() {
    std::vector<commit> taken;
    taken.reserve(commits_.size());
    for (auto& one : commits_) {
        commit left;
        left.id = one.id;
        left.expectations = one.expectations;
        taken.push_back(std::exchange(one, std::move(left)));
    }
    return taken;
}

std::vector<command_at_once> saga_work::at_once() const {
    std::vector<command_at_once> list;
    for (auto const& [id, to] : drafts_) {
        if (to.commits.empty() || to.changes.messages.empty()) continue;
        auto const known = warm_.find(id);
        if (known == warm_.end() || !known->second->is_followed() || known->second->holds()) {
            continue;
        }
        // Behind all that the instance has done: had any of it lost its place, nothing is sent.
        auto const step = to.commits.back();
        auto const& messages = to.changes.messages;
        auto const first = std::ranges::find(messages, message_kind::command, &outbox_message::kind);
        if (first == messages.end()) continue;
        // Whether a step goes through is to depend on a command of another instance once at most.
        bool const alone = to.commits.size() == 1 && messages.size() == 1;
        list.push_back({&*first, step, alone && attempts_ == 0});
    }
    return list;
}

// What was accepted needs no row; an instance with a row in the tables has its commands sent from
// there, one after the other.
void saga_work::leave_out(std::unordered_set<uuid> const& accepted) {
    for (auto& [id, to] : drafts_) {
        auto& messages = to.changes.messages;
        std::erase_if(messages, [&](auto const& m) { return accepted.contains(m.key); });
        bool const waits = std::ranges::any_of(
            messages, [](auto const& m) { return m.kind == message_kind::command; });
        auto const known = warm_.find(id);
        if (waits && known != warm_.end()) known->second->follow(false);
    }
}

bool saga_work::on_appended(std::span<append_result const> results,
                            std::unordered_set<uuid> const& accepted) {
    assert_that(results.size() == commits_.size(), "each commit has one result");
    std::set<std::string> again;
    overtaken_ = false;
    for (std::size_t i = 0; i < results.size(); ++i) {
        auto const& id = commit_of_[i];
        if (auto const* done = std::get_if<appended>(&results[i])) {
            // It was there: perhaps with more behind it, and told to the tables by nobody.
            if (done->repeated) {
                again.insert(id);
                overtaken_ = true;
            }
            auto const& last = done->events.back();
            auto const known = warm_.find(id);
            if (known != warm_.end() && known->second->version() == last.version) {
                known->second->moved_on(last.version, last.hash);
            }
            drafts_[id].updated_at = done->recorded_at;
            continue;
        }
        auto const& failure = std::get<error>(results[i]);
        if (failure.code() == errc::command_id_taken) note_taken(commits_[i].id);
        // Somebody else was there first: decided again at once, and not after a pause.
        bool const overtaken = failure.code() == errc::conflict ||
                               failure.code() == errc::command_id_taken;
        if (!overtaken) {
            if (may_pass(failure)) throw failure;
            auto const fresh = unfit_.try_emplace({id, triggers_[i]}, failure.what()).second;
            if (!fresh) throw failure;   // not even that it is held can be stored
        }
        again.insert(id);
        auto const& found = failure.conflict();
        auto const& on = commits_[i].expectations.front().expected;
        if (!found || found->actual_version != on.exact_version()) overtaken_ = true;
    }
    commits_.clear();
    triggers_.clear();
    commit_of_.clear();
    for (auto& [id, one] : drafts_) one.commits.clear();
    fates_wanted_.clear();
    leave_out(accepted);
    for (auto const& id : again) redo(id);
    if (again.empty()) return true;
    if (++attempts_ < limits::saga_attempts_max) return false;
    throw error{errc::timed_out, fmt::format("saga {}: others write to {} all the time",
                                             saga_.name, *again.begin())};
}

void saga_work::redo(std::string const& id) {
    warm_.erase(id);
    drafts_.erase(id);
    for (auto& target : targets_) {
        if (target.instance == id) target.done = false;
    }
}

saga_changes saga_work::changes() {
    saga_changes all;
    auto const move_to = [](auto& to, auto& from) {
        to.insert(to.end(), std::make_move_iterator(from.begin()),
                  std::make_move_iterator(from.end()));
    };
    for (auto& [id, one] : drafts_) {
        auto const known = warm_.find(id);
        if (one.touched && known != warm_.end() && known->second->exists()) {
            all.instances.push_back(known->second->row(one.updated_at));
        }
        move_to(all.messages, one.changes.messages);
        move_to(all.done, one.changes.done);
        move_to(all.moved, one.changes.moved);
        move_to(all.withdrawn, one.changes.withdrawn);
        move_to(all.superseded, one.changes.superseded);
        for (auto& [name, timer] : one.set) all.timers.push_back(std::move(timer));
        for (auto const& [name, key] : one.gone) {
            all.cancelled.push_back({std::string{saga_.name}, id, name, key});
        }
        // What has ended is hardly asked for again.
        if (one.dirty || (known != warm_.end() && known->second->has_ended())) warm_.erase(id);
    }
    drafts_.clear();
    return all;
}

void saga_work::forget() {
    warm_.clear();
    drafts_.clear();
    targets_.clear();
    commits_.clear();
    triggers_.clear();
    commit_of_.clear();
}

}  // namespace recount::detail
