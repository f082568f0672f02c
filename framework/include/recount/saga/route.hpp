// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Which instance of a saga an event is for, if any.
//
//     static recount::route route(requested const& e) { return recount::starts(e.transfer); }
//     static recount::route route(debited const& e) {
//         return e.transfer ? recount::continues(*e.transfer) : recount::ignore();
//     }
//     static recount::route route(cancelled const& e) { return recount::ends(e.transfer); }
//
// What comes to an instance that has ended is passed over.
// Thread safety: values. Errors: none here; an id that no stream can have parks the instance.
#pragma once

#include <string>
#include <utility>

#include <recount/aggregate/aggregate.hpp>

namespace recount {

struct route {
    enum class kind : std::uint8_t {
        ignore,        // it is none of the saga's business
        starts,        // a new instance, or one that is there already
        continues,     // an instance that is there; passed over if there is none
        ends,          // likewise, and after the reaction it has ended
        must_start,    // a new instance: one that is there already is parked
        must_exist,    // an instance that is there: one that is not is made, and parked
    };
    kind what = kind::ignore;
    std::string instance{};

    route() = default;
    route(kind k, std::string id) : what{k}, instance{std::move(id)} {}
    // So that `recount::ignore` without brackets is one, too.
    route(route (*make)()) : route{make()} {}                                       // NOLINT
};

// Ids are text, UUIDs, integers, or strong ids of those.
template <class Id>
[[nodiscard]] route starts(Id const& id) {
    return {route::kind::starts, detail::id_text(id)};
}
template <class Id>
[[nodiscard]] route continues(Id const& id) {
    return {route::kind::continues, detail::id_text(id)};
}
template <class Id>
[[nodiscard]] route ends(Id const& id) {
    return {route::kind::ends, detail::id_text(id)};
}
template <class Id>
[[nodiscard]] route must_start(Id const& id) {
    return {route::kind::must_start, detail::id_text(id)};
}
template <class Id>
[[nodiscard]] route must_exist(Id const& id) {
    return {route::kind::must_exist, detail::id_text(id)};
}
[[nodiscard]] inline route ignore() { return {}; }

}  // namespace recount
