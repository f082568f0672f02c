// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Sagas: processes over several aggregates, written as pure functions.
//
//     struct transfer {
//         using events = recount::types<requested, debited, credited>;
//         using commands = recount::types<debit, credit, refund>;
//         using timers = recount::types<timed_out>;                   // left out: none
//         using reaction = recount::reaction<commands, timers>;
//         std::optional<account_id> to;
//         static recount::route route(requested const& e) { return recount::starts(e.transfer); }
//         static reaction react(transfer const&, requested const& e) { return {debit{…}}; }
//         static void evolve(transfer& t, requested const& e) { t.to = e.to; }
//         static recount::verdict failed(transfer const&, recount::refused const&);
//         …
//     };
//     RECOUNT_SAGA(transfer, "transfer", 1, to)
//
// `route(event[, info])` says which instance an event is for (route.hpp); `react(state, event[,
// info])` what follows from it (reaction.hpp), seeing the state before `evolve(state&, event[,
// info])`, which may be left out where nothing changes. Timers tell events too: those listed in
// `timers` have `react`, and perhaps `evolve`, but no route, since a timer is its instance's.
// `failed` (verdict.hpp) may be left out: then a command that is refused parks its instance.
// All of them are pure. One that throws parks its instance; what comes in for that one meanwhile
// waits, in order, until somebody has it resumed (saga/operations.hpp), and the others go on.
//
// An instance is a stream, `$saga.<name>-<id>`: its inputs, what it made of them, and what became
// of that (docs/adr/0050-sagas-live-in-the-log.md). Its state is the fold of its inputs. What
// leaves it has ids that are a function of the instance and the input, so each command, timer and
// effect happens once, also if the program is killed between any two steps.
// A saga that is new to a store begins with the first event of the log; with `static constexpr bool
// begins_now = true;` at the head that it finds.
// Not there yet: what a saga did is not looked at again when a restructure changes its inputs.
// Cost: a page of the feed is one append and one transaction, whatever it concerns.
#pragma once

#include <array>

#include <recount/aggregate/aggregate.hpp>
#include <recount/saga/descriptor.hpp>
#include <recount/saga/limits.hpp>

namespace recount {

struct saga_name {
    std::string_view name;
    int version;
};

template <class T>
concept saga_type = describe::described<T> && requires(T const* t) {
    { recount_saga_name(t) } -> std::same_as<saga_name>;
};

namespace detail {

// A list that the saga declares, else an empty one.
template <class S>
auto commands_of() {
    if constexpr (requires { typename S::commands; }) {
        return typename S::commands{};
    } else {
        return types<>{};
    }
}
template <class S>
auto timers_of() {
    if constexpr (requires { typename S::timers; }) {
        return typename S::timers{};
    } else {
        return types<>{};
    }
}
template <class S>
auto effects_of() {
    if constexpr (requires { typename S::effects; }) {
        return typename S::effects{};
    } else {
        return types<>{};
    }
}

template <class T>
inline constexpr bool is_reaction = false;
template <class C, class T, class E>
inline constexpr bool is_reaction<reaction<C, T, E>> = true;

template <class Part, class List>
inline constexpr bool all_in_list = false;
template <class... T, class List>
inline constexpr bool all_in_list<types<T...>, List> = (in_list<T, List> && ...);

template <class S, class Reaction>
inline constexpr bool reaction_is_declared = false;
template <class S, class C, class T, class E>
inline constexpr bool reaction_is_declared<S, reaction<C, T, E>> =
    all_in_list<C, decltype(commands_of<S>())> && all_in_list<T, decltype(timers_of<S>())> &&
    all_in_list<E, decltype(effects_of<S>())>;

template <class S, class E>
concept routes = requires(E const& e, info const& i) {
    { S::route(e, i) } -> std::convertible_to<recount::route>;
} || requires(E const& e) {
    { S::route(e) } -> std::convertible_to<recount::route>;
};
template <class S, class E>
concept reacts = requires(S const& s, E const& e, info const& i) { S::react(s, e, i); } ||
                 requires(S const& s, E const& e) { S::react(s, e); };
template <class S, class E>
concept saga_evolves = requires(S& s, E const& e, info const& i) { S::evolve(s, e, i); } ||
                       requires(S& s, E const& e) { S::evolve(s, e); };
template <class S>
concept judges_failures = requires(S const& s, refused const& no) {
    { S::failed(s, no) } -> std::convertible_to<verdict>;
};
template <class S>
concept names_failed = requires { &S::failed; };

template <class S, class E>
auto react_to(S const& state, E const& event, [[maybe_unused]] info const& about) {
    if constexpr (requires { S::react(state, event, about); }) {
        return S::react(state, event, about);
    } else {
        return S::react(state, event);
    }
}

// One check a pair, so that the compiler's message names both.
template <class Saga, class Event>
struct saga_routes_event {
    static_assert(event_type<Event>,
                  "recount: this event of the saga has no RECOUNT_EVENT before it");
    static_assert(routes<Saga, Event>,
                  "recount: the saga has no 'static recount::route route(Event const&[, info "
                  "const&])' for this event");
    static constexpr bool good = true;
};
template <class Saga, class Input>
struct saga_reacts_to {
    static_assert(event_type<Input>,
                  "recount: this event or timer of the saga has no RECOUNT_EVENT before it");
    static_assert(reacts<Saga, Input>,
                  "recount: the saga has no 'static reaction react(Saga const&, Event const&[, "
                  "info const&])' for this event or timer");
    static constexpr bool good = true;
};
template <class Saga, class Input>
struct saga_reaction_is_declared {
    using made = decltype(react_to(std::declval<Saga const&>(), std::declval<Input const&>(),
                                   std::declval<info const&>()));
    static_assert(is_reaction<made>,
                  "recount: 'react' of the saga returns a recount::reaction<commands[, timers[, "
                  "effects]]>");
    static_assert(reaction_is_declared<Saga, made>,
                  "recount: the reaction may hold commands, timers or effects which the saga does "
                  "not list in its 'commands', 'timers' and 'effects'");
    static constexpr bool good = true;
};
template <class S, class Input>
constexpr bool reaction_is_good() {
    if constexpr (reacts<S, Input>) {
        return saga_reaction_is_declared<S, Input>::good;
    } else {
        return true;   // said elsewhere
    }
}
template <class Part, class Command>
struct part_sends_command {
    static_assert(command_type<Command>,
                  "recount: this command of the saga or reactor has no RECOUNT_COMMAND before it");
    static constexpr bool good = true;
};
template <class Part, class Effect>
struct part_has_effect {
    static_assert(event_type<Effect>,
                  "recount: this effect of the saga or reactor has no RECOUNT_EVENT before it");
    static constexpr bool good = true;
};

template <class S, class E>
recount::route route_erased(void const* event, [[maybe_unused]] info const& about) {
    auto const& e = *static_cast<E const*>(event);
    if constexpr (requires { S::route(e, about); }) {
        return S::route(e, about);
    } else {
        return S::route(e);
    }
}

template <class S, class E>
reaction_parts react_erased(void const* state, void const* event, info const& about) {
    return react_to(*static_cast<S const*>(state), *static_cast<E const*>(event), about).parts();
}

template <class S, class E>
void evolve_saga(void* state, void const* event, [[maybe_unused]] info const& about) {
    auto& s = *static_cast<S*>(state);
    auto const& e = *static_cast<E const*>(event);
    if constexpr (requires { S::evolve(s, e, about); }) {
        S::evolve(s, e, about);
    } else {
        S::evolve(s, e);
    }
}
template <class S, class E>
constexpr auto evolve_of() noexcept -> void (*)(void*, void const*, info const&) {
    if constexpr (saga_evolves<S, E>) {
        return &evolve_saga<S, E>;
    } else {
        return nullptr;
    }
}

template <class S>
verdict failed_erased(void const* state, refused const& no) {
    return S::failed(*static_cast<S const*>(state), no);
}
template <class S>
constexpr auto failed_of() noexcept -> verdict (*)(void const*, refused const&) {
    static_assert(judges_failures<S> || !names_failed<S>,
                  "recount: 'failed' of a saga is 'static recount::verdict failed(Saga const&, "
                  "recount::refused const&)'");
    if constexpr (judges_failures<S>) {
        return &failed_erased<S>;
    } else {
        return nullptr;
    }
}

template <class S>
constexpr bool begins_now() noexcept {
    if constexpr (requires { S::begins_now; }) {
        return S::begins_now;
    } else {
        return false;
    }
}

// What sagas and reactors have alike.
template <class S, class Commands, class Effects>
struct output_tables;
template <class S, class... C, class... F>
struct output_tables<S, types<C...>, types<F...>> {
    static_assert((part_sends_command<S, C>::good && ...));
    static_assert((part_has_effect<S, F>::good && ...));
    static constexpr std::array<saga_command_descriptor, sizeof...(C)> commands{
        saga_command_descriptor{command_name_of<C>(), &describe::descriptor_of<C>}...};
    static constexpr std::array<event_version, sizeof...(F)> effects{
        event_version{event_name_of<F>(), &describe::descriptor_of<F>}...};
};

template <class S, class Events, class Timers>
struct saga_tables;
template <class S, class... E, class... T>
struct saga_tables<S, types<E...>, types<T...>> {
    static_assert((saga_routes_event<S, E>::good && ...));
    static_assert((saga_reacts_to<S, E>::good && ...));
    static_assert((saga_reacts_to<S, T>::good && ...));
    static_assert((reaction_is_good<S, E>() && ...));
    static_assert((reaction_is_good<S, T>() && ...));
    static_assert(events_are_stored_apart<S, types<E..., T...>>::good);
    static constexpr std::array<saga_input_descriptor, sizeof...(E)> events{
        saga_input_descriptor{event_name_of<E>(), &describe::descriptor_of<E>, versions_of<E>,
                              &decode_event<E>, &route_erased<S, E>, &react_erased<S, E>,
                              evolve_of<S, E>()}...};
    static constexpr std::array<saga_input_descriptor, sizeof...(T)> timers{
        saga_input_descriptor{event_name_of<T>(), &describe::descriptor_of<T>, versions_of<T>,
                              &decode_event<T>, nullptr, &react_erased<S, T>,
                              evolve_of<S, T>()}...};
    using outputs = output_tables<S, decltype(commands_of<S>()), decltype(effects_of<S>())>;
    static constexpr saga_name name = recount_saga_name(static_cast<S const*>(nullptr));
    static constexpr saga_descriptor table{name.name,
                                           name.version,
                                           false,
                                           begins_now<S>(),
                                           &describe::descriptor_of<S>,
                                           &create_object<S>,
                                           events,
                                           timers,
                                           outputs::commands,
                                           outputs::effects,
                                           failed_of<S>()};
};

[[nodiscard]] constexpr bool valid_saga_name(std::string_view name) noexcept {
    return valid_aggregate_category(name) && name.size() <= limits::saga_name_bytes_max;
}

}  // namespace detail

template <saga_type S>
[[nodiscard]] constexpr saga_descriptor const& saga_of() noexcept {
    return detail::saga_tables<S, typename S::events, decltype(detail::timers_of<S>())>::table;
}

}  // namespace recount

#define RECOUNT_SAGA(TYPE, NAME, VERSION, ...)                                                    \
    RECOUNT_DETAIL_STRUCTURE(TYPE, NAME __VA_OPT__(, ) __VA_ARGS__)                               \
    [[maybe_unused]] constexpr ::recount::saga_name recount_saga_name(TYPE const*) noexcept {     \
        return {NAME, VERSION};                                                                   \
    }                                                                                             \
    static_assert(::recount::detail::valid_saga_name(NAME) && (VERSION) >= 1,                     \
                  "recount: the saga " #TYPE                                                      \
                  " needs a name of at most 55 bytes like \"transfer\" and a version from 1");    \
    static_assert(::recount::saga_of<TYPE>().version == (VERSION));
