// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Projections: a row struct becomes a SQL table, handlers keep it true.
//
//     struct balance_row { account_id account; money balance; std::int64_t movements; };
//     RECOUNT_ROW(balance_row, 1, recount::key<&balance_row::account>, account, balance, movements)
//
//     struct account_balances {
//         using row = balance_row;
//         using events = recount::types<deposited, withdrawn>;
//         static void on(recount::rows<row>& r, deposited const& e, int weight);
//         static void on(recount::rows<row>& r, withdrawn const& e, int weight);
//     };
//     RECOUNT_PROJECTION(account_balances, "account_balances", 1)
//
// A handler is `on(rows<row>&, event const&[, info const&][, int weight])`. With a weight (+1 told,
// −1 taken back) the projection is invertible: a correction costs what it changes, and a row that
// no event is left of is gone. Without, it is keyed: a correction tells the groups that it touches
// again. All rows of a group (`static auto group(event const&[, info const&])`, default the stream)
// depend only on that group's events, in order; a group may have events of many streams.
// Handlers that mix the two forms do not compile. The table is `name__v<version>`, the view `name`;
// raise the version whenever rows or handlers change, and the new table is built beside the old
// one.
#pragma once

#include <array>

#include <recount/aggregate/aggregate.hpp>
#include <recount/projection/rows.hpp>

namespace recount {

struct projection_name {
    std::string_view name;
    int version;
};

template <class T>
concept projection_type = requires(T const* t) {
    { recount_projection_name(t) } -> std::same_as<projection_name>;
};

namespace detail {

template <class P, class E>
concept weighted_handler =
    requires(rows<typename P::row>& r, E const& e, info const& i) { P::on(r, e, i, 1); } ||
    requires(rows<typename P::row>& r, E const& e) { P::on(r, e, 1); };
template <class P, class E>
concept plain_handler =
    requires(rows<typename P::row>& r, E const& e, info const& i) { P::on(r, e, i); } ||
    requires(rows<typename P::row>& r, E const& e) { P::on(r, e); };

template <class P, class E>
concept grouped_by_itself = requires(E const& e, info const& i) { P::group(e, i); } ||
                            requires(E const& e) { P::group(e); };

template <class Projection, class Event>
struct projection_handles_event {
    static_assert(event_type<Event>,
                  "recount: this event of the projection has no RECOUNT_EVENT before it");
    static_assert(weighted_handler<Projection, Event> || plain_handler<Projection, Event>,
                  "recount: the projection has no 'static void on(rows<row>&, Event const&[, info "
                  "const&][, int weight])' for this event");
    static constexpr bool good = true;
};

template <class P, class E>
void handle(unit_of_work& unit, void const* event, info const& about, int weight) {
    unit.weigh(weight);
    rows<typename P::row> r{unit};
    auto const& e = *static_cast<E const*>(event);
    if constexpr (requires { P::on(r, e, about, weight); }) {
        P::on(r, e, about, weight);
    } else if constexpr (requires { P::on(r, e, weight); }) {
        P::on(r, e, weight);
    } else if constexpr (requires { P::on(r, e, about); }) {
        P::on(r, e, about);
    } else {
        P::on(r, e);
    }
}

template <class P, class E>
std::string group_of(void const* event, info const& about) {
    auto const& e = *static_cast<E const*>(event);
    if constexpr (requires { P::group(e, about); }) {
        return id_text(P::group(e, about));
    } else if constexpr (requires { P::group(e); }) {
        return id_text(P::group(e));
    } else {
        return std::string{about.stream};
    }
}

template <class Row>
struct row_tables {
    template <auto... Members>
    static constexpr std::array<std::size_t, sizeof...(Members)> indexes(key_members<Members...>) {
        return {index_of<Members>()...};
    }
    template <auto Member>
    static constexpr std::size_t index_of() {
        std::size_t found = 0;
        std::size_t index = 0;
        [&]<template <class...> class L, class... D>(L<D...>) {
            auto const look = [&](auto pointer) {
                if constexpr (std::same_as<decltype(pointer), decltype(Member)>) {
                    if (pointer == Member) found = index;
                }
                ++index;
            };
            (look(D::pointer), ...);
        }(boost::describe::describe_members<Row, boost::describe::mod_public>{});
        return found;
    }
    static constexpr auto key_fields = indexes(row_key_members<Row>{});
    static constexpr row_descriptor table{
        recount_row_version(static_cast<Row const*>(nullptr)), &describe::descriptor_of<Row>,
        key_fields, &create_object<Row>,
        &key_traits<row_key_members<Row>>::template less<Row>};
};

template <class P, class Events>
struct projection_tables;
template <class P, class... E>
struct projection_tables<P, types<E...>> {
    static_assert(row_type<typename P::row>,
                  "recount: the row of this projection has no RECOUNT_ROW before it");
    static_assert((projection_handles_event<P, E>::good && ...));
    static_assert(events_are_stored_apart<P, types<E...>>::good);
    static constexpr bool invertible = (weighted_handler<P, E> && ...);
    static_assert(invertible || !(weighted_handler<P, E> || ...),
                  "recount: the projection mixes handlers with and without a weight: all of them "
                  "take 'int weight', or none does");
    static constexpr std::array<handler_descriptor, sizeof...(E)> handlers{
        handler_descriptor{event_name_of<E>(), &describe::descriptor_of<E>, versions_of<E>,
                           &decode_event<E>, &handle<P, E>, &group_of<P, E>}...};
    static constexpr projection_name name =
        recount_projection_name(static_cast<P const*>(nullptr));
    static constexpr projection_descriptor table{name.name, name.version,
                                                 &row_tables<typename P::row>::table, invertible,
                                                 handlers, (grouped_by_itself<P, E> || ...)};
};

// SQL names: at most 55 bytes, so that `name__v<version>` and its kin fit into 63; and no double
// underscore, so that no projection has the name of another one's table.
inline constexpr int projection_version_max = 99'999;
[[nodiscard]] constexpr bool valid_table_name(std::string_view name) noexcept {
    return valid_aggregate_category(name) && name.size() <= 55 &&
           name.find("__") == std::string_view::npos;
}

}  // namespace detail

template <projection_type P>
[[nodiscard]] constexpr projection_descriptor const& projection_of() noexcept {
    return detail::projection_tables<P, typename P::events>::table;
}

}  // namespace recount

#define RECOUNT_ROW(TYPE, VERSION, KEY, ...)                                                      \
    RECOUNT_DETAIL_STRUCTURE(TYPE, #TYPE __VA_OPT__(, ) __VA_ARGS__)                              \
    [[maybe_unused]] constexpr int recount_row_version(TYPE const*) noexcept { return VERSION; }  \
    [[maybe_unused]] constexpr auto recount_row_key(TYPE const*) noexcept { return KEY; }         \
    static_assert(::recount::detail::key_traits<::recount::row_key_members<TYPE>>::good,          \
                  "recount: the row " #TYPE                                                       \
                  " needs at least one key field, of kinds that sort: no money, double, "         \
                  "optional or container");

#define RECOUNT_PROJECTION(TYPE, NAME, VERSION)                                            \
    [[maybe_unused]] constexpr ::recount::projection_name recount_projection_name(         \
        TYPE const*) noexcept {                                                            \
        return {NAME, VERSION};                                                            \
    }                                                                                      \
    static_assert(::recount::detail::valid_table_name(NAME) && (VERSION) >= 1 &&           \
                      (VERSION) <= ::recount::detail::projection_version_max,              \
                  "recount: the projection " #TYPE                                         \
                  " needs a name of at most 55 bytes like \"account_balances\", without a "\
                  "double underscore, and a version from 1 to 99999");                     \
    static_assert(::recount::projection_of<TYPE>().version == (VERSION));
