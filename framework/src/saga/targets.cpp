// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <fmt/format.h>

#include <recount/restructure/read.hpp>

#include "saga/work.hpp"

namespace recount::detail {

using target_kind = saga_target::kind;

std::vector<saga_target> targets_of(saga_descriptor const& saga,
                                    std::span<recorded_event const> page) {
    auto const own = saga.category() + "-";
    std::vector<saga_target> targets;
    for (auto const& row : page) {
        if (row.type == saga_resumed || row.type == saga_ended) {
            if (!row.stream.starts_with(own)) continue;
            targets.push_back(
                {.what = target_kind::act, .instance = row.stream.substr(own.size())});
            continue;
        }
        if (row.type.starts_with('$')) continue;
        auto const found = find_input(saga, row.type, row.schema_version, false);
        if (!found) continue;
        saga_target target;
        target.input = input_of(row);
        try {
            auto const event = found->of->decode(found->index, row.payload);
            auto const to = found->of->route(event.get(), target.input.about());
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

std::set<std::string> restructured_streams(std::span<recorded_event const> page) {
    std::set<std::string> streams;
    for (auto const& row : page) {
        if (history::is_restructure(row)) streams.insert(row.stream);
    }
    return streams;
}

}  // namespace recount::detail
