// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "saga/repair.hpp"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include <recount/restructure/read.hpp>

#include "saga/fit.hpp"
#include "saga/instance.hpp"
#include "saga/retold.hpp"

namespace recount::detail {

using kind = reaction_output::kind;

namespace {

// Compares what an instance did with what it should have done, and decides what follows.
class repairer {
public:
    repairer(saga_descriptor const& saga, deeds const& was, repair_cause const& cause,
             known_fates const& fates)
        : saga_{saga}, was_{was}, cause_{cause}, fates_{fates} {
        row().restructure = cause.restructure;
        row().k = cause.k;
    }

    repair_plan plan() {
        bool const again = was_.pending() && was_.pending()->restructure == cause_.restructure;
        if (!again) change_inputs();
        plan_.nothing = !again && row().inputs.empty() && row().removed.empty();
        if (plan_.nothing) return std::move(plan_);
        auto const inputs = inputs_after();
        should_ = retell(saga_, was_, inputs);
        if (should_->problem.empty() && !again && !was_.pending()) {
            before_ = retell(saga_, was_, was_.inputs());
            if (!before_->problem.empty()) before_.reset();
        }
        if (!should_->problem.empty()) return stopped(should_->problem);
        try {
            compare();
        } catch (std::exception const& failure) {
            return stopped(failure.what());
        }
        row().passed = std::move(should_->passed);
        row().started = should_->started;
        row().ended = should_->ended || was_.gave_up();
        set_timers();
        return std::move(plan_);
    }

private:
    saga_descriptor const& saga_;
    deeds const& was_;
    repair_cause const& cause_;
    known_fates const& fates_;
    repair_plan plan_{};
    std::optional<retold> should_{};
    std::optional<retold> before_{};                    // the same, of the inputs as they were
    struct taken_back {
        int order;
        std::vector<repair_output> outputs;
    };
    std::vector<taken_back> back_{};
    std::map<output_place, std::vector<repair_output>> forth_{};

    [[nodiscard]] repaired_row& row() noexcept { return plan_.row; }

    // Only that its inputs are others now is known; what follows must wait for a person.
    repair_plan stopped(std::string problem) {
        auto inputs = std::move(row().inputs);
        auto removed = std::move(row().removed);
        plan_ = {};
        row().restructure = cause_.restructure;
        row().k = cause_.k;
        row().inputs = std::move(inputs);
        row().removed = std::move(removed);
        row().problem = problem.empty() ? "an exception without a text" : std::move(problem);
        return std::move(plan_);
    }

    [[nodiscard]] placed_input const* input(uuid const& event) const {
        auto const found = std::ranges::find_if(
            was_.inputs(), [&](auto const& one) { return one.input.trigger == event; });
        return found == was_.inputs().end() ? nullptr : &*found;
    }

    // What was its own and was passed over, stays so.
    void change_inputs() {
        for (auto const& change : cause_.changes) {
            auto const* const known = input(change.event);
            if (!change.after) {
                if (known != nullptr) row().removed.push_back(change.event);
                continue;
            }
            if (known == nullptr && change.before) continue;
            auto now = *change.after;
            if (known != nullptr) {
                now.waiting = known->waiting;
                now.input.correlation = known->input.correlation;
                bool const same = known->at == now.at && known->input.type == now.input.type &&
                                  known->input.schema_version == now.input.schema_version &&
                                  known->input.payload == now.input.payload &&
                                  known->input.stream == now.input.stream &&
                                  known->input.effective_at == now.input.effective_at;
                if (same) continue;
            }
            row().inputs.push_back(std::move(now));
        }
    }

    // What comes to stand behind inputs that wait, waits; before one that was told, it is told.
    std::vector<placed_input> inputs_after() {
        auto inputs = changed(was_.inputs(), row().removed, row().inputs);
        auto const change_of = [&](placed_input const& one) {
            return std::ranges::find_if(row().inputs, [&](auto const& change) {
                return change.input.trigger == one.input.trigger;
            });
        };
        std::size_t told = 0;   // behind the last one that was told, and has not changed
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            if (!inputs[i].waiting && change_of(inputs[i]) == row().inputs.end()) told = i + 1;
        }
        bool waiting = false;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            auto& one = inputs[i];
            if (auto const change = change_of(one); change != row().inputs.end()) {
                bool const known = input(one.input.trigger) != nullptr;
                one.waiting = i >= told && (known ? one.waiting : waiting);
                change->waiting = one.waiting;
            }
            waiting = waiting || one.waiting;
        }
        return inputs;
    }

    // --- did and should --------------------------------------------------------------------------

    [[nodiscard]] static saga_output const* find(retold const& in, output_place const& of) {
        auto const found = in.outputs.find(of);
        return found == in.outputs.end() ? nullptr : &found->second;
    }
    // Not of this restructure's doing: perhaps the program has changed since.
    [[nodiscard]] bool is_as_before(output_place const& of) const {
        if (!before_) return false;
        auto const* const then = find(*before_, of);
        auto const* const now = find(*should_, of);
        if (then == nullptr || now == nullptr) return then == now;
        return says_the_same(*then, *now);
    }
    bool carry_over(output_place const& of) {
        if (!is_as_before(of)) return false;
        auto const open = was_.open().find(of);
        if (open != was_.open().end()) row().differences.push_back(open->second);
        return true;
    }

    void compare() {
        std::vector<std::pair<output_place, deed const*>> done;
        for (auto const& [of, one] : was_.done()) done.emplace_back(of, &one);
        std::ranges::sort(done, {}, [](auto const& one) { return one.second->order; });
        for (auto const& [of, did] : done) {
            auto const* const should = find(*should_, of);
            if (should != nullptr && says_the_same(did->output, *should)) continue;
            if (carry_over(of)) continue;
            if (did->given_up) {
                if (should != nullptr) differ(of, did, should, repair_kind::diverged);
            } else {
                resolve(of, *did, should);
            }
        }
        for (auto const& of : should_->order) {
            if (was_.done().contains(of) || carry_over(of)) continue;
            auto const* const should = find(*should_, of);
            if (was_.gave_up()) {
                differ(of, nullptr, should, repair_kind::diverged);
            } else {
                send(of, nullptr, *should, repair_kind::dispatched);
            }
        }
        collect();
    }

    void differ(output_place const& of, deed const* did, saga_output const* should,
                repair_kind what) {
        repair_difference one{of, {}, {}, what};
        if (did != nullptr) one.did = did->output;
        if (should != nullptr) one.should = *should;
        row().differences.push_back(std::move(one));
    }

    void resolve(output_place const& of, deed const& did, saga_output const* should) {
        auto const known = fates_.find(did.output.key);
        if (known == fates_.end()) {
            plan_.unknown.push_back(did.output);
            return;
        }
        bool const left = known->second == fate::out;
        if (should == nullptr) {
            bool const away = !left || (!was_.gave_up() && take_back(of, did));
            differ(of, &did, nullptr,
                   !left  ? repair_kind::withdrawn
                   : away ? repair_kind::compensated
                          : repair_kind::diverged);
            return;
        }
        // A reactor that began later has never done it, and is not to do it now.
        if (saga_.reactor && known->second == fate::never) return;
        if (was_.gave_up()) {
            differ(of, &did, should, repair_kind::diverged);
        } else if (left && amend(of, did, *should)) {
            differ(of, &did, should, repair_kind::amended);
        } else if (!left || take_back(of, did)) {
            send(of, &did, *should, repair_kind::reissued);
        } else {
            differ(of, &did, should, repair_kind::diverged);
        }
    }

    // --- what is sent ----------------------------------------------------------------------------

    [[nodiscard]] uuid key(output_place const& of, std::string_view what, std::size_t i = 0) const {
        return saga_repair_key(
            saga_.name, was_.id(), cause_.restructure,
            fmt::format("{}/{}/{}/{}", to_string(of.first), of.second, what, i));
    }

    void send(output_place const& of, deed const* did, saga_output should, repair_kind what) {
        should.key = key(of, "send");
        forth_[of].push_back({of.first, should});
        differ(of, did, &should, what);
    }

    [[nodiscard]] saga_repair_descriptor const* declared_for(saga_output const& output) const {
        bool const effect = output.what == kind::effect;
        auto const& name = effect ? output.type : output.command.name;
        auto const version = effect ? output.schema_version : output.command.version;
        auto const found = std::ranges::find_if(saga_.repairs, [&](auto const& one) {
            return one.effect == effect && one.name == name && one.version == version;
        });
        return found == saga_.repairs.end() ? nullptr : &*found;
    }

    [[nodiscard]] std::vector<repair_output> outputs(output_place const& of,
                                                     reaction_parts const& parts,
                                                     std::string_view what) const {
        saga_input about;
        about.trigger = of.first;
        std::vector<repair_output> made;
        auto list = outputs_of(parts, saga_.name, was_.id(), about);
        for (auto& output : list) {
            if (output.what != kind::command && output.what != kind::effect) {
                throw error{errc::invalid_argument,
                            "what makes up for an output holds commands and effects only"};
            }
            output.key = key(of, what, made.size());
            output.n = of.second;
            made.push_back({of.first, std::move(output)});
        }
        return made;
    }

    // False: nobody has declared how.
    bool take_back(output_place const& of, deed const& did) {
        if (did.output.what == kind::command) {
            if (!did.output.undo) return false;
            saga_output undo;
            undo.n = of.second;
            undo.key = key(of, "undo");
            undo.command = *did.output.undo;
            back_.push_back({did.order, {{of.first, std::move(undo)}}});
            return true;
        }
        auto const* const declared = declared_for(did.output);
        if (declared == nullptr || declared->compensate == nullptr) return false;
        auto const parts =
            ask(declared->compensate, should_->state.get(), did.output.payload);
        back_.push_back({did.order, outputs(of, parts, "undo")});
        return true;
    }

    bool amend(output_place const& of, deed const& did, saga_output const& should) {
        auto const* const declared = declared_for(did.output);
        if (!is_of_one_type(did.output, should) || declared == nullptr ||
            declared->amend == nullptr) {
            return false;
        }
        bool const effect = should.what == kind::effect;
        auto const parts = ask(
            declared->amend, should_->state.get(),
            effect ? did.output.payload : did.output.command.payload,
            effect ? should.payload : should.command.payload);
        auto made = outputs(of, parts, "amend");
        auto& to = forth_[of];
        to.insert(to.end(), made.begin(), made.end());
        return true;
    }

    // What is taken back first, the last one first; then the rest in the order of the inputs.
    void collect() {
        std::ranges::stable_sort(back_, std::greater{}, &taken_back::order);
        for (auto& one : back_) {
            for (auto& output : one.outputs) row().outputs.push_back(std::move(output));
        }
        for (auto const& of : should_->order) {
            auto const found = forth_.find(of);
            if (found == forth_.end()) continue;
            for (auto& output : found->second) row().outputs.push_back(std::move(output));
        }
    }

    // --- timers ----------------------------------------------------------------------------------

    [[nodiscard]] static bool same(set_timer const& a, set_timer const& b) {
        return a.trigger == b.trigger && a.output.n == b.output.n &&
               a.output.due_at == b.output.due_at && a.output.type == b.output.type &&
               a.output.payload == b.output.payload;
    }

    void set_timers() {
        if (row().ended) return;
        for (auto const& [name, timer] : should_->timers) {
            auto const set = was_.timers().find(name);
            bool const is_set = set != was_.timers().end();
            if (is_set && same(set->second, timer)) {
                row().timers.push_back({set->second.trigger, set->second.output});
                continue;
            }
            if (before_) {
                auto const then = before_->timers.find(name);
                if (then != before_->timers.end() && same(then->second, timer)) {
                    if (is_set) row().timers.push_back({set->second.trigger, set->second.output});
                    continue;
                }
            }
            auto anew = timer.output;
            anew.key = key({timer.trigger, anew.n}, "timer");
            row().timers.push_back({timer.trigger, std::move(anew)});
        }
    }
};

// Finds the instances that the versions of a slot are for.
class causes {
public:
    causes(saga_descriptor const& saga, repair_cause about)
        : saga_{saga}, about_{std::move(about)} {}

    void add(history::weighted_version const& change) {
        auto const& slot = change.version;
        bool const before = change.weight < 0;
        auto const found =
            find_input(saga_, slot.content->type, slot.content->schema_version, false);
        if (!found) return;
        auto one = input_of_slot(slot);
        std::string instance;
        try {
            instance = instance_of(*found, one.input);
        } catch (std::exception const& failure) {
            if (before) return;
            found_.unroutable.emplace_back(
                one.input, fmt::format("{} ({}) could not be routed: {}", slot.content->type,
                                       to_string(slot.event), failure.what()));
            return;
        }
        if (instance.empty()) return;
        auto& cause = found_.of.try_emplace(instance, about_).first->second;
        auto known = std::ranges::find(cause.changes, slot.event, &input_change::event);
        if (known == cause.changes.end()) {
            known = cause.changes.insert(known, input_change{slot.event, {}, {}});
        }
        (before ? known->before : known->after) = std::move(one);
    }
    [[nodiscard]] repair_causes result() && { return std::move(found_); }

private:
    saga_descriptor const& saga_;
    repair_cause about_;
    repair_causes found_{};

    [[nodiscard]] placed_input input_of_slot(history::slot_version const& slot) const {
        auto row = history::event_of(slot);
        row.commit_last = about_.k;
        auto one = placed(input_of(row));
        one.at = slot.at;
        return one;
    }
    // Empty: it is for none.
    [[nodiscard]] std::string instance_of(found_input const& found, saga_input const& input) const {
        if (saga_.reactor) return to_string(input.trigger);
        auto const event = found.of->decode(found.index, input.payload);
        auto const to = ask(found.of->route, event.get(), input.about());
        if (to.what == route::kind::ignore) return {};
        static_cast<void>(stream_name::of(saga_.category(), to.instance));
        return to.instance;
    }
};

}  // namespace

repair_causes causes_of(saga_descriptor const& saga, std::span<recorded_event const> rows,
                        std::span<history::weighted_version const> delta) {
    auto const& first = rows.front();
    repair_cause about{command_id_of(first.id), first.commit_last,
                       metadata_from_json(first.meta).correlation, {}};
    causes all{saga, std::move(about)};
    for (auto const& change : delta) all.add(change);
    return std::move(all).result();
}

repair_plan plan_repair(saga_descriptor const& saga, deeds const& was, repair_cause const& cause,
                        known_fates const& fates) {
    return repairer{saga, was, cause, fates}.plan();
}

void assume_told(saga_descriptor const& reactor, deeds& to, repair_cause const& cause) {
    if (!to.inputs().empty()) return;
    for (auto const& change : cause.changes) {
        if (!change.before) continue;
        auto const& input = change.before->input;
        auto const found = input_known(reactor, input);
        auto const event = found.of->decode(found.index, input.payload);
        auto const made = ask(found.of->react, nullptr, event.get(), input.about());
        // Its keys are those of a reactor, which has no instances.
        to.reacted({input, outputs_of(made, reactor.name, {}, input), false});
    }
}

}  // namespace recount::detail
