// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Preview, apply and undo: what an application adds to history::judge and history::append_plan.
#include <fmt/format.h>

#include <recount/app/application.hpp>
#include <recount/restructure/payload.hpp>

#include "correction/examination.hpp"
#include "correction/rows_to_come.hpp"
#include "correction/undone.hpp"

namespace recount {

namespace {

// Read back from the log: a repeated plan has the first result.
std::vector<uuid> inserted_by(log& of, uuid const& restructure) {
    std::vector<uuid> ids;
    for (auto const& [id, known] : of.find_commits(std::span{&restructure, 1})) {
        for (auto const& e : history::entries_of(known.rows)) {
            auto const* const what = std::get_if<history::restructure_payload>(&e.what);
            if (what == nullptr) continue;
            for (auto const& o : what->ops) {
                if (std::holds_alternative<history::op::insert>(o.what)) {
                    ids.push_back(history::target_of(o));
                }
            }
        }
    }
    return ids;
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
    made.restructure = std::move(judged.resolved.payload);
    made.anchored_there = std::move(judged.resolved.anchored_there);
    return made;
}

restructured application::apply(restructure const& plan, std::string const& preview,
                                restructure_options const& options) {
    history::append_options how;
    how.id = options.id                ? *options.id
             : options.key.empty()     ? new_command_id()
                                       : command_id_from_key(options.key, options.actor);
    if (!preview.empty()) how.preview = preview;
    how.rules = detail::rules_of(parts_);
    if (!options.actor.empty()) how.meta.actor = options.actor;
    how.meta.correlation = options.correlation.value_or(how.id);
    how.meta.causation = options.causation;
    how.meta.app = program();
    how.check = [this](history::judged_plan const& judged) {
        detail::check_examined(detail::examine(parts_, judged, detail::imagine(judged),
                                               detail::examined::without_commands));
    };
    auto const done = history::append_plan(*log_, plan, how);
    restructured result{how.id, plan.title(), done.last, {}, {}, done.repeated};
    for (auto const& row : done.events) result.streams.push_back(row.stream);
    result.inserted = inserted_by(*log_, how.id);
    return result;
}

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
