// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// From a plan to what is appended: every step becomes some of the five operations, every anchor has
// its place, and what no log should hold is refused with a reason.
//
//     auto const r = history::resolve(plan, fold, new_command_id());
//     for (auto& row : history::rows_for(r.payload)) …          // payload.hpp
//     if (history::footprint(r.payload, newer_fold) != r.footprint) conflict();
//
// Nothing is written, here or there: the fold is the history that the plan is judged against.
//
// Errors: history::plan_refused, with one problem for each step that cannot be.
// Cost: linear in the operations; for each stream in which something moves, one sort of its places;
// dedupe, exclude_all and revert_causation read their stream or the log. Thread safety: pure.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recount/core/error.hpp>
#include <recount/restructure/fold.hpp>
#include <recount/restructure/plan.hpp>

namespace recount::history {

enum class refusal : std::uint8_t {
    missing_reason,
    empty_plan,
    too_many_operations,
    unknown_target,
    unknown_anchor,
    self_anchor,          // put beside itself
    own_insert,           // excludes what it inserts itself, or carries it to another stream
    no_effect,            // no register would change
    too_deep,             // a place of more than 64 steps
    unknown_then,         // reinstated as at a position where nobody knew it
    invalid_content,
    sealed_period,
    unknown_restructure,
    written_since,        // undo: others have written the same registers
    not_alone,            // undo beside other steps
    too_large,            // more than a row, or a commit, can hold
};
[[nodiscard]] std::string_view to_string(refusal r) noexcept;

struct problem {
    refusal what;
    int step = 0;                  // of the plan, from 0; -1: the plan as a whole
    std::string sentence;
    std::vector<uuid> concerning{};  // written_since: the restructures that did
};

class plan_refused : public error {
public:
    explicit plan_refused(std::vector<problem> problems);
    [[nodiscard]] std::vector<problem> const& problems() const noexcept { return problems_; }

private:
    std::vector<problem> problems_;
};

// What the store knows and the history does not.
struct plan_rules {
    // Nothing that happened until then, in streams of the category, may change or come to be; nor
    // what was recorded up to a position. A plan that acknowledges "sealed:<category>" or
    // "sealed_position" is not held up by that seal.
    std::map<std::string, timestamp, std::less<>> sealed_until{};
    position sealed_through = 0;
    // Empty: the stream takes this content; else why not.
    std::function<std::string(content const&, std::string const& stream)> content_problem{};
};

struct resolved_plan {
    restructure_payload payload;
    std::string footprint;
    // The slots that stand beside a place which an undone restructure made; they stay there.
    std::vector<uuid> anchored_there{};
};

// `id` is the restructure's command id.
[[nodiscard]] resolved_plan resolve(recount::restructure const& plan, fold const& history,
                                    uuid const& id, plan_rules const& rules = {});

// The registers that the operations write, as they are in `history`, and the places of the anchors:
// 64 digits that are equal exactly if those are.
[[nodiscard]] std::string footprint(restructure_payload const& payload, fold const& history);
// The streams of the anchors: they are checked when it is appended, without a row.
[[nodiscard]] std::vector<std::string> checked_streams(restructure_payload const& payload,
                                                       fold const& history);

}  // namespace recount::history
