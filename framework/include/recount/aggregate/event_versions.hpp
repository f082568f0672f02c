// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Events change their shape; what is stored does not. The newer struct says how it is made from
// the one before, and handlers only ever see the newest.
//
//     struct deposited_v1 { account_id account; std::int64_t cents; };
//     RECOUNT_EVENT(deposited_v1, "account.deposited", 1, account, cents)
//
//     struct deposited {
//         account_id account;
//         money amount;
//         static deposited upcast(deposited_v1 const& old) {
//             return {old.account, money{old.cents, "EUR"}};
//         }
//     };
//     RECOUNT_EVENT(deposited, "account.deposited", 2, account, amount)
//
// Version 3 is made from version 2, and so on: a chain. It must reach from version 1 to the newest,
// or the first aggregate or projection that names the event does not compile. An event that gets
// another stored name begins again at version 1, with an upcast from the last one of the old name.
// An upcast is pure and total: it neither throws nor asks anybody.
// Cost: an old event is decoded once and moved through as many functions as it is versions old.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

#include <recount/aggregate/descriptor.hpp>

namespace recount::detail {

template <class Function>
struct upcast_signature;
template <class New, class Old>
struct upcast_signature<New (*)(Old)> {
    using made = New;
    using older = std::remove_cvref_t<Old>;
};
template <class New, class Old>
struct upcast_signature<New (*)(Old) noexcept> : upcast_signature<New (*)(Old)> {};

template <class E>
concept has_upcast = requires { typename upcast_signature<decltype(&E::upcast)>::older; };
template <has_upcast E>
using older_version_of = typename upcast_signature<decltype(&E::upcast)>::older;

// One check a pair, so that the compiler's message names both.
template <class Event, int OlderVersion>
struct event_is_made_from_version {
    static_assert(has_upcast<Event>,
                  "recount: stored events of this older version could not be read: the event needs "
                  "one 'static Event upcast(Older const&)' from it");
    static constexpr bool good = true;
};
template <class Event, class Older>
struct event_upcast_from {
    static_assert(event_type<Older>,
                  "recount: the argument of this event's upcast has no RECOUNT_EVENT before it");
    static constexpr event_name now = event_name_of<Event>();
    static constexpr event_name then = event_name_of<Older>();
    static_assert(now.name == then.name ? then.version == now.version - 1 : now.version == 1,
                  "recount: an upcast is from the version before, or for version 1 of a new name "
                  "from the last version of the old one");
    static_assert(std::same_as<typename upcast_signature<decltype(&Event::upcast)>::made, Event>,
                  "recount: the upcast of this event makes something else");
    static constexpr bool good = true;
};

template <class E>
constexpr std::size_t version_count() noexcept {
    if constexpr (has_upcast<E>) {
        static_assert(event_upcast_from<E, older_version_of<E>>::good);
        return version_count<older_version_of<E>>() + 1;
    } else {
        constexpr event_name name = event_name_of<E>();
        if constexpr (name.version > 1) {
            static_assert(event_is_made_from_version<E, name.version - 1>::good);
        }
        return 1;
    }
}

template <class E, std::size_t N>
constexpr void list_versions(std::array<event_version, N>& into) noexcept {
    if constexpr (has_upcast<E>) list_versions<older_version_of<E>>(into);
    into[version_count<E>() - 1] = {event_name_of<E>(), &describe::descriptor_of<E>};
}

// Oldest first; the last one is E itself.
template <class E>
inline constexpr auto versions_of = [] {
    std::array<event_version, version_count<E>()> list{};
    list_versions<E>(list);
    return list;
}();

// An event stored as the version at `index` of versions_of<E>.
template <class E>
E event_from_json([[maybe_unused]] std::size_t index, std::string_view payload) {
    if constexpr (has_upcast<E>) {
        if (index + 1 < version_count<E>()) {
            return E::upcast(event_from_json<older_version_of<E>>(index, payload));
        }
    }
    return describe::from_json<E>(payload);
}

template <class E>
erased_object decode_event(std::size_t index, std::string_view payload) {
    return {new E(event_from_json<E>(index, payload)), [](void* o) { delete static_cast<E*>(o); }};
}

// No (name, version) is read by two events of one list.
template <class... E>
constexpr bool distinct_versions(types<E...>) noexcept {
    constexpr std::size_t total = (std::size_t{0} + ... + version_count<E>());
    std::array<event_name, total> all{};
    std::size_t count = 0;
    bool distinct = true;
    auto const add = [&](event_version const& version) {
        for (std::size_t i = 0; i < count; ++i) {
            if (all[i].name == version.event.name && all[i].version == version.event.version) {
                distinct = false;
            }
        }
        all[count++] = version.event;
    };
    ([&] { for (auto const& version : versions_of<E>) add(version); }(), ...);
    return distinct;
}

template <class Part, class Events>
struct events_are_stored_apart {
    static_assert(distinct_versions(Events{}),
                  "recount: two events of this part are stored under one name and version: list "
                  "the newest only, its upcast reads the older ones");
    static constexpr bool good = true;
};

}  // namespace recount::detail
