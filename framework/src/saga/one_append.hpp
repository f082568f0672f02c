// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Steps of sagas and the commands that they lead to, as one list of commits.
//
//     auto one = in_one(work.take_commits(), at_once, index, batch.draft(calls, behind));
//     auto const results = log.append_batch(one.commits);
//     batch.settle(one.of_commands(results)), work.on_appended(one.of_steps(results), …);
//
// A command follows the step that it comes from: it is never in the log without it. A command that
// was decided on what another one writes must also follow that one, and a commit follows one other
// only; so then it is the step that follows the other command.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "saga/work.hpp"

namespace recount::detail {

struct one_append {
    std::vector<commit> commits;
    std::vector<std::size_t> steps;       // where each is in commits
    std::vector<std::size_t> commands;    // of the drafts that are commits

    [[nodiscard]] std::vector<append_result> of_steps(
        std::span<append_result const> results) const;
    [[nodiscard]] std::vector<append_result> of_commands(
        std::span<append_result const> results) const;
};

// `index`: which of `at_once` each draft is of.
[[nodiscard]] one_append in_one(std::vector<commit> steps,
                                std::span<command_at_once const> at_once,
                                std::span<std::size_t const> index,
                                std::vector<std::optional<commit>> drafts);

}  // namespace recount::detail
