// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "saga/one_append.hpp"

#include <utility>

namespace recount::detail {

namespace {

std::vector<append_result> at(std::span<std::size_t const> places,
                              std::span<append_result const> results) {
    std::vector<append_result> list;
    list.reserve(places.size());
    for (auto const place : places) list.push_back(results[place]);
    return list;
}

}  // namespace

std::vector<append_result> one_append::of_steps(std::span<append_result const> results) const {
    return at(steps, results);
}

std::vector<append_result> one_append::of_commands(std::span<append_result const> results) const {
    return at(commands, results);
}

one_append in_one(std::vector<commit> steps, std::span<command_at_once const> at_once,
                  std::span<std::size_t const> index, std::vector<std::optional<commit>> drafts) {
    one_append one;
    one.commits.reserve(steps.size() + drafts.size());
    one.steps.resize(steps.size());
    std::vector<bool> later(steps.size());
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        if (drafts[i] && drafts[i]->follows) later[at_once[index[i]].step] = true;
    }
    auto const place = [&](std::size_t step) -> commit& {
        one.steps[step] = one.commits.size();
        return one.commits.emplace_back(std::move(steps[step]));
    };
    for (std::size_t step = 0; step < steps.size(); ++step) {
        if (!later[step]) place(step);
    }
    for (std::size_t i = 0; i < drafts.size(); ++i) {
        if (!drafts[i]) continue;
        auto const& from = at_once[index[i]];
        auto const step = steps[from.step].id;
        if (drafts[i]->follows) place(from.step).follows = drafts[i]->follows;
        drafts[i]->follows = step;
        one.commands.push_back(one.commits.size());
        one.commits.push_back(std::move(*drafts[i]));
    }
    return one;
}

}  // namespace recount::detail
