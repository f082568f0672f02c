// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a command handler answers: events, nothing, or a rejection.
//
//     static decision decide(account const& a, withdraw const& c) {
//         if (a.balance < c.amount) return rejection{"overdrawn"};
//         return withdrawn{c.account, c.amount};
//     }
//
// Several events: `return {opened{…}, deposited{…}}`. An event that happened at another time than
// now: `recount::effective(deposited{…}, when)`. Nothing: `return {}`.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <recount/core/time.hpp>
#include <recount/core/uuid.hpp>

namespace recount {

template <class... T>
struct types {};

namespace detail {
template <class T, class List>
inline constexpr bool in_list = false;
template <class T, class... L>
inline constexpr bool in_list<T, types<L...>> = (std::same_as<T, L> || ...);
}  // namespace detail

// A business "no". The code is stable and an adjective (`not_open`); the text is for people.
struct rejection {
    std::string code;
    std::string text{};
    friend bool operator==(rejection const&, rejection const&) = default;
};

template <class Event>
struct effective_event {
    Event event;
    timestamp when;
};
template <class Event>
[[nodiscard]] effective_event<Event> effective(Event event, timestamp when) {
    return {std::move(event), when};
}

// What a handler may know beside the state: nothing else is pure.
struct facts {
    timestamp now;
    std::string actor;      // who asked; empty in-process
    uuid command_id;
    std::optional<uuid> correlation;
};

namespace detail {
// An event of the list, plain or with its time.
template <class T, class List>
inline constexpr bool decidable = in_list<T, List>;
template <class T, class List>
inline constexpr bool decidable<effective_event<T>, List> = in_list<T, List>;
}  // namespace detail

template <class Events>
class decision;

template <class... E>
class decision<types<E...>> {
public:
    using any_event = std::variant<E...>;
    struct entry {
        any_event event;
        std::optional<timestamp> effective_at;
    };

    decision() = default;
    decision(recount::rejection no) : rejected_{std::move(no)} {}
    template <class... X>
        requires(sizeof...(X) > 0 && (detail::decidable<X, types<E...>> && ...))
    decision(X... entries) {
        entries_.reserve(sizeof...(X));
        (add(std::move(entries)), ...);
    }

    // Adds an event to those decided so far.
    template <class X>
        requires(detail::in_list<X, types<E...>>)
    decision& add(X event) {
        entries_.push_back({std::move(event), std::nullopt});
        return *this;
    }
    template <class X>
        requires(detail::in_list<X, types<E...>>)
    decision& add(effective_event<X> timed) {
        entries_.push_back({std::move(timed.event), timed.when});
        return *this;
    }

    [[nodiscard]] std::optional<recount::rejection> const& rejected() const noexcept {
        return rejected_;
    }
    [[nodiscard]] std::vector<entry> const& entries() const noexcept { return entries_; }

private:
    std::vector<entry> entries_;
    std::optional<recount::rejection> rejected_;
};

}  // namespace recount
