// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a piece of work does for instances whose history was corrected.
#include <algorithm>

#include <fmt/format.h>

#include "saga/fit.hpp"
#include "saga/work.hpp"

namespace recount::detail {

using target_kind = saga_target::kind;
using output_kind = reaction_output::kind;

namespace {

// What is left of a repair whose row cannot be stored: that it is to be done, when a person has
// it tried again.
repaired_row undone(repaired_row row, std::string_view why) {
    row.passed.clear();
    row.differences.clear();
    row.outputs.clear();
    row.timers.clear();
    row.started = true;
    row.ended = false;
    row.problem = why;
    return row;
}

}  // namespace

// Most instances are never repaired; what they did is not kept then.
bool saga_work::tells_deeds(std::string const& id, std::vector<recorded_event> const& rows) const {
    return std::ranges::any_of(rows, [](auto const& row) { return row.type == saga_repaired; }) ||
           std::ranges::any_of(targets_, [&](auto const& target) {
               return target.what == target_kind::repair && target.instance == id;
           });
}

void saga_work::repair(instance& one, saga_target const& target) {
    auto& known = deeds_.at(one.id());
    auto const& cause = *target.repair;
    bool const again = cause.changes.empty();
    if (known.was_repaired_for(cause.restructure) && !again) return;
    saga_input about;
    about.trigger = cause.restructure;
    about.correlation = cause.correlation;
    about.k = cause.k;
    if (auto const unfit = unfit_.find({one.id(), about.trigger}); unfit != unfit_.end()) {
        park(one, about.trigger, about.correlation,
             fmt::format("the repair after restructure {} cannot be stored: {}",
                         to_string(cause.restructure), unfit->second));
        return;
    }
    if (saga_.reactor) assume_told(saga_, known, cause);
    auto const plan = plan_repair(saga_, known, cause, fates_);
    if (plan.nothing) return;
    // A reactor has no state that would have to be told of inputs without a difference; and what
    // goes by an instance that there is not goes by, as it does when it is recorded there.
    bool const idle = plan.unknown.empty() && plan.row.differences.empty() &&
                      plan.row.problem.empty();
    if (idle && !one.exists() && (saga_.reactor || !plan.row.started)) return;
    if (saga_.reactor && !plan.row.problem.empty()) {
        throw error{errc::refused, fmt::format("reactor {}, restructure {}: {}", saga_.name,
                                               to_string(cause.restructure), plan.row.problem)};
    }
    for (auto const& output : plan.unknown) {
        fates_wanted_.push_back({one.id(), cause.restructure, output.key,
                                 output.what == output_kind::effect});
    }
    if (!plan.unknown.empty()) return;
    auto row = plan.row;
    auto text = to_json(row);
    if (auto const why = misfit(text.str()); !why.empty()) {
        row = undone(std::move(row), why);
        text = to_json(row);
    }
    if (auto const why = misfit(text.str()); !why.empty()) {
        if (one.is_parked()) return;
        park(one, about.trigger, about.correlation,
             fmt::format("the repair after restructure {} cannot be stored: {}",
                         to_string(cause.restructure), why));
        return;
    }
    std::vector<std::pair<std::string_view, json_text>> rows;
    rows.emplace_back(saga_repaired, std::move(text));
    bool const parks = !row.problem.empty() && !one.is_parked();
    auto const because = fmt::format("the repair after restructure {} could not be done: {}",
                                     to_string(cause.restructure), storable(row.problem));
    if (parks) rows.emplace_back(saga_parked, to_json(parked_row{about.trigger, because}));
    append(one, about, again ? fmt::format("repaired/{}", one.version()) : "repaired",
           std::move(rows));
    known.repaired(row);
    one.repaired(row, known);
    if (parks) one.parked(because);
    take_repair(drafts_[one.id()], one.id(), row, about.correlation);
    drain(one);
}

void saga_work::on_fates(known_fates const& found) {
    fates_.insert(found.begin(), found.end());
    // Their streams have moved on.
    auto const wanted = std::exchange(fates_wanted_, {});
    for (auto const& one : wanted) redo(one.instance);
}

void saga_work::take_repair(draft& to, std::string const& id, repaired_row const& row,
                            std::optional<uuid> const& correlation) {
    auto const& inputs = deeds_.at(id).inputs();
    for (auto const& [trigger, output] : row.outputs) {
        auto message = message_of(saga_, id, output, trigger, correlation, row.k);
        if (saga_.reactor) {
            message.instance.clear();
            auto const input = std::ranges::find_if(
                inputs, [&](auto const& one) { return one.input.trigger == message.trigger; });
            if (message.kind == message_kind::command) {
                message.order_key = input == inputs.end() ? id : input->input.stream;
            }
        }
        to.changes.messages.push_back(std::move(message));
    }
    for (auto const& one : row.differences) {
        if (!one.did) continue;
        // One that is in no table yet is entered as withdrawn, so that nobody can enter it later.
        bool const effect = one.did->what == output_kind::effect;
        if (effect && !saga_.reactor && one.what != repair_kind::diverged) {
            to.changes.messages.push_back(
                message_of(saga_, id, *one.did, one.of.first, correlation, row.k));
        }
        if (one.what != repair_kind::diverged) to.changes.withdrawn.push_back(one.did->key);
        to.changes.superseded.push_back({one.did->key, to_string(row.restructure)});
    }
    to.touched = true;
}

}  // namespace recount::detail
