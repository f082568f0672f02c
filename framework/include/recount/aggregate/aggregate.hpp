// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Aggregates: the struct is the state; static overloads of `evolve` and `decide` are its behaviour.
//
//     struct account {
//         using id = account_id;
//         using events = recount::types<opened, deposited>;
//         using commands = recount::types<open, deposit>;
//         using decision = recount::decision<events>;
//         bool is_open = false;
//         money balance;
//         static void evolve(account& a, opened const&) { a.is_open = true; }
//         static void evolve(account& a, deposited const& e) { a.balance += e.amount; }
//         static decision decide(account const& a, open const& c) { … }
//         static decision decide(account const& a, deposit const& c, facts const& f) { … }
//     };
//     RECOUNT_AGGREGATE(account, "account", 1, is_open, balance)
//
// Streams are named `category-id`. A command names its stream by its only field of type `id`, else
// by `static id const& target(command const&)` in the aggregate. `evolve` must be total: it is run
// on corrected histories too, so it neither throws nor rejects. `decide` is pure; it may take
// `recount::facts const&` as a third argument. With `static constexpr int snapshot_every = 500;` a
// snapshot of the state is kept at every 500th event of a stream; then the state version must be
// raised with every change to what `evolve` makes of events. With `static void check(A const&,
// recount::invariants&)` it says what is to be true after every event (invariants.hpp). A missing
// overload does not compile, and the error names the aggregate and the event or command.
#pragma once

#include <array>
#include <string>
#include <type_traits>

#include <recount/aggregate/event_versions.hpp>

namespace recount {

struct aggregate_name {
    std::string_view category;
    int state_version;
};

template <class T>
concept aggregate_type = describe::described<T> && requires(T const* t) {
    { recount_aggregate_name(t) } -> std::same_as<aggregate_name>;
};

namespace detail {

// --- the id of a stream as text ---
inline std::string id_text(std::string const& id) { return id; }
inline std::string id_text(uuid const& id) { return to_string(id); }
template <std::integral T>
std::string id_text(T id) {
    return std::to_string(id);
}
template <class Tag, class R>
std::string id_text(strong_id<Tag, R> const& id) {
    return id_text(id.value);
}

template <class A, class C>
concept has_target = requires(C const& c) {
    { A::target(c) } -> std::convertible_to<typename A::id const&>;
};
template <class A, class C>
constexpr std::size_t id_fields() {
    return []<template <class...> class L, class... D>(L<D...>) {
        return (std::size_t{0} + ... +
                (std::same_as<decltype(describe::detail::member_type_of(D::pointer)),
                              typename A::id>
                     ? 1U
                     : 0U));
    }(boost::describe::describe_members<C, boost::describe::mod_public>{});
}

template <class A, class C>
std::string target_of(void const* command) {
    auto const& c = *static_cast<C const*>(command);
    if constexpr (has_target<A, C>) {
        return id_text(A::target(c));
    } else {
        std::string found;
        [&]<template <class...> class L, class... D>(L<D...>) {
            auto const look = [&](auto const& field) {
                if constexpr (std::same_as<std::remove_cvref_t<decltype(field)>,
                                           typename A::id>) {
                    found = id_text(field);
                }
            };
            (look(c.*D::pointer), ...);
        }(boost::describe::describe_members<C, boost::describe::mod_public>{});
        return found;
    }
}

template <class A, class E>
concept evolves = requires(A& a, E const& e) { A::evolve(a, e); };
template <class A, class C>
concept decides = requires(A const& a, C const& c, facts const& f) { A::decide(a, c, f); } ||
                  requires(A const& a, C const& c) { A::decide(a, c); };

// One check a pair, so that the compiler's message names both.
template <class Aggregate, class Event>
struct aggregate_evolves_with_event {
    static_assert(event_type<Event>,
                  "recount: this event of the aggregate has no RECOUNT_EVENT before it");
    static_assert(evolves<Aggregate, Event>,
                  "recount: the aggregate has no 'static void evolve(Aggregate&, Event const&)' "
                  "for this event");
    static constexpr bool good = true;
};
template <class Aggregate, class Command>
struct aggregate_decides_command {
    static_assert(command_type<Command>,
                  "recount: this command of the aggregate has no RECOUNT_COMMAND before it");
    static_assert(decides<Aggregate, Command>,
                  "recount: the aggregate has no 'static decision decide(Aggregate const&, Command "
                  "const&)' for this command");
    static_assert(has_target<Aggregate, Command> || id_fields<Aggregate, Command>() == 1,
                  "recount: the command names no stream: it needs exactly one field of type "
                  "Aggregate::id, or the aggregate a 'static id const& target(Command const&)'");
    static constexpr bool good = true;
};

template <class T>
erased_object create_object() {
    return {new T{}, [](void* o) { delete static_cast<T*>(o); }};
}

template <class A, class E>
void evolve_from_json(void* state, std::size_t index, std::string_view payload) {
    A::evolve(*static_cast<A*>(state), event_from_json<E>(index, payload));
}

template <class A, class C>
erased_decision decide_erased(void* state, void const* command, facts const& known) {
    auto& a = *static_cast<A*>(state);
    auto const& c = *static_cast<C const*>(command);
    typename A::decision const made = [&] {
        if constexpr (requires { A::decide(std::as_const(a), c, known); }) {
            return A::decide(std::as_const(a), c, known);
        } else {
            return A::decide(std::as_const(a), c);
        }
    }();
    erased_decision result;
    result.rejected = made.rejected();
    for (auto const& entry : made.entries()) {
        std::visit(
            [&]<class E>(E const& event) {
                result.events.push_back(
                    {event_name_of<E>(), describe::to_json(event), entry.effective_at});
                A::evolve(a, event);
            },
            entry.event);
    }
    return result;
}

template <class A>
constexpr std::int64_t snapshot_every() {
    if constexpr (requires { A::snapshot_every; }) {
        static_assert(A::snapshot_every >= 1,
                      "recount: an aggregate has a snapshot every so many events, from 1 on");
        return A::snapshot_every;
    } else {
        return 0;
    }
}

template <class A>
concept checks = requires(A const& a, invariants& holds) { A::check(a, holds); };
template <class A>
concept names_check = requires { &A::check; };

template <class A>
void check_erased(void const* state, invariants& holds) {
    A::check(*static_cast<A const*>(state), holds);
}

template <class A>
constexpr auto check_of() noexcept -> void (*)(void const*, invariants&) {
    static_assert(checks<A> || !names_check<A>,
                  "recount: 'check' of an aggregate is 'static void check(Aggregate const&, "
                  "recount::invariants&)'");
    if constexpr (checks<A>) {
        return &check_erased<A>;
    } else {
        return nullptr;
    }
}

template <class A, class Events, class Commands>
struct aggregate_tables;
template <class A, class... E, class... C>
struct aggregate_tables<A, types<E...>, types<C...>> {
    static_assert((aggregate_evolves_with_event<A, E>::good && ...));
    static_assert(events_are_stored_apart<A, types<E...>>::good);
    static_assert((aggregate_decides_command<A, C>::good && ...));
    static constexpr std::array<evolution_descriptor, sizeof...(E)> events{evolution_descriptor{
        event_name_of<E>(), &describe::descriptor_of<E>, versions_of<E>, &decode_event<E>,
        &evolve_from_json<A, E>}...};
    static constexpr std::array<command_descriptor, sizeof...(C)> commands{command_descriptor{
        command_name_of<C>(), &describe::descriptor_of<C>, &create_object<C>, &target_of<A, C>,
        &decide_erased<A, C>}...};
    static constexpr aggregate_name name = recount_aggregate_name(static_cast<A const*>(nullptr));
    static constexpr aggregate_descriptor table{name.category,       name.state_version,
                                                &describe::descriptor_of<A>,
                                                &create_object<A>,   events,
                                                commands,            snapshot_every<A>(),
                                                check_of<A>()};
};

[[nodiscard]] constexpr bool valid_aggregate_category(std::string_view name) noexcept {
    if (name.empty() || name.size() > 63 || name.front() < 'a' || name.front() > 'z') return false;
    for (auto const c : name) {
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return true;
}

}  // namespace detail

template <aggregate_type A>
[[nodiscard]] constexpr aggregate_descriptor const& aggregate_of() noexcept {
    return detail::aggregate_tables<A, typename A::events, typename A::commands>::table;
}

}  // namespace recount

#define RECOUNT_AGGREGATE(TYPE, CATEGORY, STATE_VERSION, ...)                            \
    RECOUNT_DETAIL_STRUCTURE(TYPE, CATEGORY __VA_OPT__(, ) __VA_ARGS__)                  \
    [[maybe_unused]] constexpr ::recount::aggregate_name recount_aggregate_name(         \
        TYPE const*) noexcept {                                                          \
        return {CATEGORY, STATE_VERSION};                                                \
    }                                                                                    \
    static_assert(::recount::detail::valid_aggregate_category(CATEGORY) &&               \
                      (STATE_VERSION) >= 1,                                              \
                  "recount: the aggregate " #TYPE                                        \
                  " needs a category like \"account\" and a state version from 1");      \
    static_assert(::recount::aggregate_of<TYPE>().state_version == (STATE_VERSION));
