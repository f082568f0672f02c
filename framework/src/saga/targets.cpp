// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <fmt/format.h>

#include "saga/fit.hpp"
#include "saga/work.hpp"

namespace recount::detail {

using target_kind = saga_target::kind;

std::vector<saga_target> targets_of(saga_descriptor const& saga,
                                    std::span<recorded_event const> page) {
    auto const own = saga.category() + "-";
    std::vector<saga_target> targets;
    for (auto const& row : page) {
        if (row.type == saga_resumed || row.type == saga_ended || row.type == saga_acknowledged) {
            if (!row.stream.starts_with(own)) continue;
            targets.push_back(
                {.what = target_kind::act, .instance = row.stream.substr(own.size())});
            continue;
        }
        if (saga.reactor || row.type.starts_with('$')) continue;
        auto const found = find_input(saga, row.type, row.schema_version, false);
        if (!found) continue;
        saga_target target;
        target.input = input_of(row);
        try {
            auto const event = found->of->decode(found->index, row.payload);
            auto const to = ask(found->of->route, event.get(), target.input.about());
            if (to.what == route::kind::ignore) continue;
            static_cast<void>(stream_name::of(saga.category(), to.instance));
            target.routed = to.what;
            target.instance = to.instance;
        } catch (std::exception const& failure) {
            target.what = target_kind::unroutable;
            target.instance = to_string(row.id);
            target.because = fmt::format("{} at position {} could not be routed: {}", row.type,
                                         row.position, failure.what());
        }
        targets.push_back(std::move(target));
    }
    return targets;
}

std::vector<saga_target> repairs_of(saga_descriptor const& saga,
                                    std::span<recorded_event const> rows,
                                    std::span<history::weighted_version const> delta) {
    auto causes = causes_of(saga, rows, delta);
    std::vector<saga_target> targets;
    for (auto& [instance, cause] : causes.of) {
        saga_target target{.what = target_kind::repair, .instance = instance};
        target.repair = std::make_shared<repair_cause const>(std::move(cause));
        targets.push_back(std::move(target));
    }
    for (auto& [input, because] : causes.unroutable) {
        saga_target target{.what = target_kind::unroutable,
                           .instance = to_string(input.trigger),
                           .input = std::move(input)};
        target.because = std::move(because);
        targets.push_back(std::move(target));
    }
    return targets;
}

}  // namespace recount::detail
