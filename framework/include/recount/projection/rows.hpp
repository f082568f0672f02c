// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The rows of a projection as its handlers see them: a map from key to row that is loaded and
// written once a batch.
//
//     static void on(recount::rows<balance_row>& r, deposited const& e, int weight) {
//         r[e.account].balance += weight * e.amount;      // created when it is not there
//     }
//
// The key is the value of the row's key field, or a tuple of them where there are several. Its
// fields are of kinds that sort: no money, double, optional or container. A handler does not change
// them. Rows of another group are out of reach. References stay valid until the handler returns.
// Cost: a look-up in memory; the batch pays one query to load and one to write.
#pragma once

#include <tuple>
#include <utility>

#include <recount/projection/unit_of_work.hpp>

namespace recount {

template <auto... Members>
struct key_members {};
// recount::key<&row::account>, or (recount::key<&row::day, &row::account>) in parentheses.
template <auto... Members>
inline constexpr key_members<Members...> key{};

namespace detail {

template <class C, class M>
M pointed_to(M C::*);

// What sorts in memory as it does in SQL; money and doubles, for two, do not.
[[nodiscard]] constexpr bool sortable(describe::kind k) noexcept {
    using describe::kind;
    switch (k) {
        case kind::float64:
        case kind::optional:
        case kind::vector:
        case kind::map:
        case kind::structure:
        case kind::variant:
        case kind::money: return false;
        default: return true;
    }
}

inline std::string_view enumerator_of(describe::type_descriptor const& type, void const* value) {
    auto const number = type.enumeration->get(value);
    for (auto const& one : type.enumerators) {
        if (one.value == number) return one.name;
    }
    return {};
}

// Less than zero, zero or more, as in SQL: enums are kept, and so sorted, by name.
template <class T>
int key_order_of(T const& a, T const& b) {
    if constexpr (describe::descriptor_of<T>().kind == describe::kind::enumeration) {
        auto const& type = describe::descriptor_of<T>();
        return enumerator_of(type, &a).compare(enumerator_of(type, &b));
    } else {
        return a < b ? -1 : b < a ? 1 : 0;
    }
}

template <class K>
struct key_traits;
template <auto... Members>
struct key_traits<key_members<Members...>> {
    static constexpr std::size_t size = sizeof...(Members);
    static constexpr bool good =
        size > 0 &&
        (sortable(describe::descriptor_of<decltype(pointed_to(Members))>().kind) && ...);
    using tuple = std::tuple<decltype(pointed_to(Members))...>;
    using type = std::conditional_t<size == 1, std::tuple_element_t<0, tuple>, tuple>;

    template <class Row>
    static Row probe(type const& key) {
        Row row{};
        if constexpr (size == 1) {
            ((row.*Members = key), ...);
        } else {
            [&]<std::size_t... I>(std::index_sequence<I...>) {
                ((row.*Members = std::get<I>(key)), ...);
            }(std::make_index_sequence<size>{});
        }
        return row;
    }
    template <class Row>
    static bool less(void const* a, void const* b) {
        auto const& x = *static_cast<Row const*>(a);
        auto const& y = *static_cast<Row const*>(b);
        int order = 0;
        static_cast<void>(
            (((order = key_order_of(x.*Members, y.*Members)) == 0) && ...));
        return order < 0;
    }
};

}  // namespace detail

template <class Row>
concept row_type = describe::described<Row> && requires(Row const* r) { recount_row_key(r); };

template <row_type Row>
using row_key_members = decltype(recount_row_key(static_cast<Row const*>(nullptr)));
template <row_type Row>
using row_key = typename detail::key_traits<row_key_members<Row>>::type;

template <class Row>
class rows {
public:
    explicit rows(unit_of_work& unit) noexcept : unit_{&unit} {}

    // The row with this key; a fresh one, its key set, when there is none.
    Row& operator[](row_key<Row> const& key) {
        auto const wanted = probe(key);
        return *static_cast<Row*>(unit_->get_or_create(&wanted));
    }
    // nullptr when there is none.
    [[nodiscard]] Row* find(row_key<Row> const& key) {
        auto const wanted = probe(key);
        return static_cast<Row*>(unit_->find(&wanted));
    }
    void erase(row_key<Row> const& key) {
        auto const wanted = probe(key);
        unit_->erase(&wanted);
    }
    // The row with the greatest key in the event's group, nullptr if the group has none: for tables
    // with a row an event, such as the lines of a statement. Keyed projections only.
    [[nodiscard]] Row const* last() { return static_cast<Row const*>(unit_->last()); }

private:
    static Row probe(row_key<Row> const& key) {
        return detail::key_traits<row_key_members<Row>>::template probe<Row>(key);
    }
    unit_of_work* unit_;
};

}  // namespace recount
