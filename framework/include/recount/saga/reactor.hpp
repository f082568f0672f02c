// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Reactors: an event leads to commands and effects, without a state and without a memory.
//
//     struct large_deposits {
//         using events = recount::types<deposited>;
//         using commands = recount::types<review>;
//         static recount::reaction<commands> react(deposited const& e) {
//             if (e.amount < money{1'000'000, "EUR"}) return {};
//             return review{e.account};
//         }
//     };
//     RECOUNT_REACTOR(large_deposits, "large_deposits", 1)
//
// `react(event[, info])` is pure. What it answers goes to the outbox together with the reactor's
// checkpoint, under ids that are a function of the event; commands from one stream's events leave
// in order. A command that is refused is kept as dead (`outbox list`), and can be replayed. A `react`
// that throws stops the reactor until the program is mended, as a projection's handler does.
#pragma once

#include <recount/saga/saga.hpp>

namespace recount {

struct reactor_name {
    std::string_view name;
    int version;
};

template <class T>
concept reactor_type = requires(T const* t) {
    { recount_reactor_name(t) } -> std::same_as<reactor_name>;
};

namespace detail {

template <class R, class E>
concept reactor_reacts = requires(E const& e, info const& i) { R::react(e, i); } ||
                         requires(E const& e) { R::react(e); };

template <class Reactor, class Event>
struct reactor_reacts_to_event {
    static_assert(event_type<Event>,
                  "recount: this event of the reactor has no RECOUNT_EVENT before it");
    static_assert(reactor_reacts<Reactor, Event>,
                  "recount: the reactor has no 'static reaction react(Event const&[, info "
                  "const&])' for this event");
    static constexpr bool good = true;
};

template <class R, class E>
auto reactor_react_to(E const& event, [[maybe_unused]] info const& about) {
    if constexpr (requires { R::react(event, about); }) {
        return R::react(event, about);
    } else {
        return R::react(event);
    }
}

template <class Reactor, class Event>
struct reactor_reaction_is_declared {
    using made = decltype(reactor_react_to<Reactor>(std::declval<Event const&>(),
                                                    std::declval<info const&>()));
    static_assert(is_reaction<made>,
                  "recount: 'react' of the reactor returns a recount::reaction<commands[, "
                  "types<>[, effects]]>");
    static_assert(reaction_is_declared<Reactor, made>,
                  "recount: the reaction may hold commands or effects which the reactor does not "
                  "list in its 'commands' and 'effects', or timers, which a reactor has not");
    static constexpr bool good = true;
};

template <class R, class E>
constexpr bool reactor_reaction_is_good() {
    if constexpr (reactor_reacts<R, E>) {
        return reactor_reaction_is_declared<R, E>::good;
    } else {
        return true;   // said elsewhere
    }
}

template <class R, class E>
reaction_parts reactor_react_erased(void const*, void const* event, info const& about) {
    return reactor_react_to<R>(*static_cast<E const*>(event), about).parts();
}

template <class R, class Events>
struct reactor_tables;
template <class R, class... E>
struct reactor_tables<R, types<E...>> {
    static_assert((reactor_reacts_to_event<R, E>::good && ...));
    static_assert((reactor_reaction_is_good<R, E>() && ...));
    static_assert(events_are_stored_apart<R, types<E...>>::good);
    static_assert(std::same_as<decltype(timers_of<R>()), types<>>,
                  "recount: a reactor has no timers, for it has no state: make it a saga");
    static constexpr std::array<saga_input_descriptor, sizeof...(E)> events{
        saga_input_descriptor{event_name_of<E>(), &describe::descriptor_of<E>, versions_of<E>,
                              &decode_event<E>, nullptr, &reactor_react_erased<R, E>,
                              nullptr}...};
    using outputs = output_tables<R, decltype(commands_of<R>()), decltype(effects_of<R>())>;
    static constexpr reactor_name name = recount_reactor_name(static_cast<R const*>(nullptr));
    static constexpr saga_descriptor table{name.name,       name.version, true,
                                           begins_now<R>(), nullptr,      nullptr,
                                           events,          {},           outputs::commands,
                                           outputs::effects, nullptr};
};

}  // namespace detail

template <reactor_type R>
[[nodiscard]] constexpr saga_descriptor const& reactor_of() noexcept {
    return detail::reactor_tables<R, typename R::events>::table;
}

}  // namespace recount

#define RECOUNT_REACTOR(TYPE, NAME, VERSION)                                                      \
    [[maybe_unused]] constexpr ::recount::reactor_name recount_reactor_name(                      \
        TYPE const*) noexcept {                                                                   \
        return {NAME, VERSION};                                                                   \
    }                                                                                             \
    static_assert(::recount::detail::valid_saga_name(NAME) && (VERSION) >= 1,                     \
                  "recount: the reactor " #TYPE                                                   \
                  " needs a name of at most 55 bytes like \"large_deposits\" and a version from " \
                  "1");                                                                           \
    static_assert(::recount::reactor_of<TYPE>().version == (VERSION));
