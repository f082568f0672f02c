// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// An aggregate at run time: constant tables of plain functions, made by RECOUNT_AGGREGATE. Loading,
// deciding, retrying and appending are compiled once over them.
//
//     auto const& a = recount::aggregate_of<account>();
//     auto state = a.create();
//     a.events[0].evolve(state.get(), 0, payload);     // the oldest form of its first event
//
// Thread safety: constant; from any thread. Lifetimes: static, never destroyed. What is passed
// through void* must be of the type that the same table made: nothing checks it again.
// Errors: `decode` throws errc::invalid_json, which names the field; what `decide` throws goes
// through. Cost: a call through a plain function pointer.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <recount/aggregate/decision.hpp>
#include <recount/aggregate/invariants.hpp>
#include <recount/describe/json.hpp>
#include <recount/describe/macros.hpp>

namespace recount {

// An object of a type only its descriptor knows.
using erased_object = std::unique_ptr<void, void (*)(void*)>;

struct decided_event {
    event_name type;
    json_text payload;
    std::optional<timestamp> effective_at;
};

struct erased_decision {
    std::optional<rejection> rejected;
    std::vector<decided_event> events;
};

// One form in which an event may be stored (event_versions.hpp).
struct event_version {
    event_name event;
    describe::type_descriptor const& (*shape)();
};

// The index of a stored type and version in such a list; nothing if the list does not have it.
[[nodiscard]] std::optional<std::size_t> index_of_version(std::span<event_version const> versions,
                                                          std::string_view type,
                                                          int version) noexcept;

struct evolution_descriptor {
    event_name event;
    describe::type_descriptor const& (*shape)();
    std::span<event_version const> versions;   // all that are read, oldest first, `event` last
    // The newest form of a payload of the version at `index`. Throws as `evolve` does.
    erased_object (*decode)(std::size_t index, std::string_view payload);
    // Decodes a payload of the version at `index` and applies it. Throws errc::invalid_json for a
    // payload that does not fit the description.
    void (*evolve)(void* state, std::size_t index, std::string_view payload);
};

struct command_descriptor {
    command_name command;
    describe::type_descriptor const& (*shape)();
    erased_object (*create)();
    std::string (*target)(void const* command);   // the id part of its stream's name
    // Decides on `state` and then evolves it by what was decided.
    erased_decision (*decide)(void* state, void const* command, facts const& known);
};

struct aggregate_descriptor {
    std::string_view category;
    int state_version;
    describe::type_descriptor const& (*state)();
    erased_object (*create)();
    std::span<evolution_descriptor const> events;
    std::span<command_descriptor const> commands;
    std::int64_t snapshot_every = 0;              // events of a stream; 0: no snapshots
    void (*check)(void const* state, invariants& holds) = nullptr;   // null: declares none
};

}  // namespace recount
