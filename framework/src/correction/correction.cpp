// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Preview, apply and undo: what an application adds to history::judge and history::append_plan.
#include <fmt/format.h>

#include <recount/app/application.hpp>
#include <recount/restructure/payload.hpp>

#include "correction/applied.hpp"
#include "correction/examination.hpp"
#include "correction/rows_to_come.hpp"
#include "correction/sagas_to_come.hpp"
#include "correction/undone.hpp"

namespace recount {

namespace {

std::vector<uuid> inserted_by(history::restructure_payload const& what) {
    std::vector<uuid> ids;
    for (auto const& o : what.ops) {
        if (std::holds_alternative<history::op::insert>(o.what)) {
            ids.push_back(history::target_of(o));
        }
    }
    return ids;
}

restructured result_of(uuid const& id, std::string title, appended const& done) {
    restructured result{id, std::move(title), done.last, {}, {}, done.repeated};
    for (auto const& row : done.events) {
        if (!row.stream.starts_with('$')) result.streams.push_back(row.stream);
    }
    return result;
}

}  // namespace

restructure_preview application::preview(restructure const& plan) {
    auto judged = history::judge(*log_, plan, detail::rules_of(parts_));
    auto const imagined = detail::imagine(judged);
    restructure_preview made;
    made.hash = judged.hash;
    made.as_of = judged.seen.as_of;
    made.streams = detail::examine(parts_, judged, imagined);
    made.deltas = imagined.after.delta(imagined.was_at, imagined.is_at);
    made.projections = detail::projections_after(*this, imagined);
    made.sagas = detail::sagas_after(*this, imagined, made.deltas);
    made.restructure = std::move(judged.resolved.payload);
    made.anchored_there = std::move(judged.resolved.anchored_there);
    return made;
}

restructured application::apply(restructure const& plan, std::string const& preview,
                                restructure_options const& options) {
    return detail::apply_with(*this, plan, options, {.preview = preview});
}

std::string check_plan(application& app, restructure const& plan) {
    auto const judged = history::judge(app.log(), plan, detail::rules_of(app.parts()));
    detail::check_judged(app.parts(), judged);
    return judged.hash;
}

restructured apply_checked(application& app, restructure const& plan,
                           plan_condition const& condition, restructure_options const& options) {
    return detail::apply_with(app, plan, options, {.condition = condition});
}

namespace detail {

uuid id_of(restructure_options const& options) {
    if (options.id) return *options.id;
    return options.key.empty() ? new_command_id()
                               : command_id_from_key(options.key, options.actor);
}

restructured apply_with(application& app, restructure const& plan,
                        restructure_options const& options, applied_how const& how) {
    history::append_options append;
    append.id = id_of(options);
    if (!how.preview.empty()) append.preview = how.preview;
    append.rules = rules_of(app.parts());
    if (!options.actor.empty()) append.meta.actor = options.actor;
    append.meta.correlation = options.correlation.value_or(append.id);
    append.meta.causation = options.causation;
    append.meta.app = app.program();
    std::vector<uuid> inserted;
    append.check = [&](history::judged_plan const& judged) {
        if (how.condition) how.condition(judged);
        check_judged(app.parts(), judged);
        inserted = inserted_by(judged.resolved.payload);
    };
    auto const done = history::append_plan_with(app.log(), plan, append, how.company);
    if (done.repeated) return *first_result(app.log(), append.id);
    auto result = result_of(append.id, plan.title(), done);
    result.inserted = std::move(inserted);
    return result;
}

std::optional<restructured> first_result(log& of, uuid const& id) {
    for (auto& [found, known] : of.find_commits(std::span{&id, 1})) {
        for (auto const& e : history::entries_of(std::move(known.rows))) {
            auto const* const what = std::get_if<history::restructure_payload>(&e.what);
            if (what == nullptr) continue;
            auto result = result_of(id, what->title, known.result);
            result.inserted = inserted_by(*what);
            result.repeated = true;
            return result;
        }
    }
    return {};
}

}  // namespace detail

restructure application::undo_plan(uuid const& id, std::string because) {
    auto const found = detail::restructure_alone(*log_, id);
    if (!found) {
        throw error{errc::not_found, fmt::format("no restructure {}", to_string(id))};
    }
    return restructure{fmt::format("undo: {}", found->what.title)}
        .because(std::move(because))
        .undo(id);
}

restructured application::undo(uuid const& id, std::string because,
                               restructure_options const& options) {
    return apply(undo_plan(id, std::move(because)), {}, options);
}

}  // namespace recount
