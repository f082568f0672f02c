// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A saga or reactor at run time: constant tables of plain functions, made by RECOUNT_SAGA and
// RECOUNT_REACTOR. Everything that runs them is compiled once over these.
//
//     auto const& s = recount::saga_of<transfer>();
//     for (auto const& e : s.events) fmt::print("{} {}\n", e.event.name, e.event.version);
//
// Thread safety: constant; from any thread. Lifetimes: static, never destroyed. What is passed
// through void* must be of the type that the same table made. Errors: `decode` throws
// errc::invalid_json, which names the field; what the functions of the saga throw goes through.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <recount/projection/descriptor.hpp>
#include <recount/saga/reaction.hpp>
#include <recount/saga/route.hpp>
#include <recount/saga/verdict.hpp>

namespace recount {

// An event of the feed, or what a timer tells.
struct saga_input_descriptor {
    event_name event;
    describe::type_descriptor const& (*shape)();
    std::span<event_version const> versions;            // all that are read, oldest first
    erased_object (*decode)(std::size_t index, std::string_view payload);   // of such a version
    recount::route (*route)(void const* event, info const& about);          // null: no event
    // `state` is as it was before the event; null for a reactor.
    reaction_parts (*react)(void const* state, void const* event, info const& about);
    void (*evolve)(void* state, void const* event, info const& about);      // null: changes nothing
};

struct saga_command_descriptor {
    command_name command;
    describe::type_descriptor const& (*shape)();
};

// What makes up for a command or effect that should not have left, or makes another of it.
struct saga_repair_descriptor {
    std::string_view name;                              // of the command or effect
    int version;
    bool effect;
    // Of the state that corrected history leads to. Null: not declared.
    reaction_parts (*amend)(void const* state, std::string_view did, std::string_view should);
    reaction_parts (*compensate)(void const* state, std::string_view did);   // of effects
};

struct saga_descriptor {
    std::string_view name;
    int version;
    bool reactor;                                       // without state, routes and timers
    bool begins_now;                                    // a new one passes over what was before
    describe::type_descriptor const& (*state)();        // null for a reactor
    erased_object (*create)();
    std::span<saga_input_descriptor const> events;
    std::span<saga_input_descriptor const> timers;
    std::span<saga_command_descriptor const> commands;
    std::span<event_version const> effects;
    verdict (*failed)(void const* state, refused const& no);   // null: parks
    std::span<saga_repair_descriptor const> repairs{};  // one a command and effect

    [[nodiscard]] std::string category() const { return "$saga." + std::string{name}; }
};

}  // namespace recount
