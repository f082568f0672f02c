// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// From a plan to an entry of the log: the part of the history that a plan speaks of is read, the
// plan is judged by it, and what was judged is appended.
//
//     auto const seen = history::judge(log, plan);                  // writes nothing
//     show(seen.resolved.payload);
//     auto const done = history::append_plan(log, plan, {.preview = seen.hash});
//
// With a preview what is appended is what was previewed, or it is a conflict: if another
// restructure has changed a register that this one writes, or a place that it names. Events that
// came since do not matter. Without one, the plan is judged by the history as it is then.
// A plan that is appended again under its id has its first result.
//
// Errors: plan_refused (resolve.hpp); errc::conflict for a preview that holds no more; those of
// log::append. Cost: the rows of the streams that the plan names and that its slots are or were in;
// the log from a command on, if it reverts one. Thread safety: from any thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include <recount/log/log.hpp>
#include <recount/restructure/resolve.hpp>

namespace recount::history {

// The streams that a plan names and in which the slots that it speaks of are or were. The history
// tells these streams as that of the whole log does.
struct gathered {
    fold history;
    std::map<std::string, std::vector<recorded_event>> rows;   // by stream
    position as_of = 0;
};
[[nodiscard]] gathered gather(log& from, recount::restructure const& plan);

struct judged_plan {
    gathered seen;
    resolved_plan resolved;
    std::string hash;        // of what is corrected and of what that was before: 64 digits
};
// By the rules that are given and the seals of the log. `id`: of the restructure; nil for a
// preview, whose inserted slots have ids that stand for theirs.
[[nodiscard]] judged_plan judge(log& from, recount::restructure const& plan,
                                plan_rules const& rules = {}, uuid const& id = {});

struct append_options {
    uuid id = new_command_id();              // the restructure's
    std::optional<std::string> preview{};    // its hash
    plan_rules rules{};
    metadata meta{};                         // actor: the plan's, unless it is given
    // Called with what will be appended, as long as nobody else can restructure; throws to refuse.
    // Called again if its streams have got other events until they are written (standstill.hpp):
    // what it did not object to is what is appended.
    std::function<void(judged_plan const&)> check{};
};
[[nodiscard]] appended append_plan(log& to, recount::restructure const& plan,
                                   append_options const& options = {});

}  // namespace recount::history
