// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/command/dispatcher.hpp>

#include <fmt/core.h>

#include "command/batch_round.hpp"
#include "command/state_loader.hpp"
#include "command/warm_states.hpp"

namespace recount {

json_text canonical_command(command_descriptor const& c, void const* object) {
    auto text = fmt::format(R"({{"name":"{}","version":{},"payload":)", c.command.name,
                            c.command.version);
    describe::write_json(text, c.shape(), object);
    text += '}';
    return json_text::trusted(std::move(text));
}

namespace {

void evolve(aggregate_descriptor const& a, void* state, recorded_event const& e) {
    for (auto const& known : a.events) {
        auto const index = index_of_version(known.versions, e.type, e.schema_version);
        if (!index) continue;
        try {
            known.evolve(state, *index, e.payload);
            return;
        } catch (error const& failure) {
            throw error{failure.code(), fmt::format("event {} at position {}: {}", e.type,
                                                    e.position, failure.what())};
        }
    }
    throw error{errc::unknown_type,
                fmt::format("aggregate {} does not know {} version {}, which stands in {} at "
                            "version {} (position {})",
                            a.category, e.type, e.schema_version, e.stream, e.version,
                            e.position)};
}

}  // namespace

void evolve_all(aggregate_descriptor const& a, void* state,
                std::span<recorded_event const> events) {
    for (auto const& e : events) evolve(a, state, e);
}

dispatcher::dispatcher(log& to, std::string program, clock_function clock,
                       warm_options const& warm)
    : log_{to}, program_{std::move(program)}, clock_{std::move(clock)},
      loader_{std::make_unique<detail::state_loader>(to)},
      warm_{std::make_shared<detail::warm_states>(warm.states_max, warm.bytes_max)} {}
dispatcher::~dispatcher() = default;

loaded_state dispatcher::load(aggregate_descriptor const& a, stream_name const& stream,
                              state_cut const& cut) {
    if (!cut.empty()) return loader_->load_at(a, stream, cut);
    return loader_->load({&a, &stream, warm_->find(a, stream.str())});
}

outcome dispatcher::dispatch(command_call const& call) {
    batch::round alone{{&call, 1}};
    batch one{*this};
    auto results = one.run(alone, false);
    if (auto const* failed = std::get_if<error>(&results.front())) throw *failed;
    return std::get<outcome>(std::move(results.front()));
}

}  // namespace recount
