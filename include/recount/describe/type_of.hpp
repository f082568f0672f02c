// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// From a C++ type to its descriptor. Supported: bool, the sized integers, double, recount::decimal,
// std::string, recount::bytes, enums (RECOUNT_ENUM), std::optional, std::vector,
// std::map<std::string, T>, structures (RECOUNT_DESCRIBE and the macros built on it), std::variant
// of structures, recount::timestamp, date, duration, money, uuid and strong ids of any of these.
//
//     static_assert(recount::describe::described<deposited>);
//     auto const& d = recount::describe::descriptor_of<deposited>();
#pragma once

#include <array>
#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

#include <recount/core/bytes.hpp>
#include <recount/core/decimal.hpp>
#include <recount/core/money.hpp>
#include <recount/core/strong_id.hpp>
#include <recount/core/time.hpp>
#include <recount/core/uuid.hpp>
#include <recount/describe/descriptor.hpp>

namespace recount::describe {

namespace detail {

// Declared by the macros next to the type, found by argument-dependent lookup: the stored name.
template <class T>
concept named_structure = requires(T const* t) {
    { recount_structure_name(t) } -> std::convertible_to<std::string_view>;
};
template <class T>
concept described_enum = std::is_enum_v<T> && boost::describe::has_describe_enumerators<T>::value;

template <class T>
struct shape;  // specialised for each supported type; `shape<T>::table` is its descriptor

template <class T>
void assign(void* to, void const* from) {
    *static_cast<T*>(to) = *static_cast<T const*>(from);
}

template <class T, kind K>
struct scalar_shape {
    static bool equal(void const* a, void const* b) {
        return *static_cast<T const*>(a) == *static_cast<T const*>(b);
    }
    static constexpr type_descriptor make(std::string_view name) {
        type_descriptor d{};
        d.kind = K;
        d.name = name;
        d.assign = &assign<T>;
        d.equal = &equal;
        return d;
    }
};

#define RECOUNT_DETAIL_SCALAR(TYPE, KIND, NAME)                                     \
    template <>                                                                     \
    struct shape<TYPE> {                                                            \
        static constexpr type_descriptor table = scalar_shape<TYPE, KIND>::make(NAME); \
    };
RECOUNT_DETAIL_SCALAR(bool, kind::boolean, "bool")
RECOUNT_DETAIL_SCALAR(std::int8_t, kind::int8, "int8")
RECOUNT_DETAIL_SCALAR(std::int16_t, kind::int16, "int16")
RECOUNT_DETAIL_SCALAR(std::int32_t, kind::int32, "int32")
RECOUNT_DETAIL_SCALAR(std::int64_t, kind::int64, "int64")
RECOUNT_DETAIL_SCALAR(std::uint8_t, kind::uint8, "uint8")
RECOUNT_DETAIL_SCALAR(std::uint16_t, kind::uint16, "uint16")
RECOUNT_DETAIL_SCALAR(std::uint32_t, kind::uint32, "uint32")
RECOUNT_DETAIL_SCALAR(std::uint64_t, kind::uint64, "uint64")
RECOUNT_DETAIL_SCALAR(double, kind::float64, "double")
RECOUNT_DETAIL_SCALAR(recount::decimal, kind::decimal, "decimal")
RECOUNT_DETAIL_SCALAR(std::string, kind::string, "string")
RECOUNT_DETAIL_SCALAR(recount::bytes, kind::bytes, "bytes")
RECOUNT_DETAIL_SCALAR(recount::timestamp, kind::timestamp, "timestamp")
RECOUNT_DETAIL_SCALAR(recount::date, kind::date, "date")
RECOUNT_DETAIL_SCALAR(recount::duration, kind::duration, "duration")
RECOUNT_DETAIL_SCALAR(recount::money, kind::money, "money")
RECOUNT_DETAIL_SCALAR(recount::uuid, kind::uuid, "uuid")
#undef RECOUNT_DETAIL_SCALAR

}  // namespace detail

template <class T>
concept described = requires { detail::shape<std::remove_cv_t<T>>::table; };

template <class T>
[[nodiscard]] constexpr type_descriptor const& descriptor_of() noexcept {
    static_assert(described<T>,
                  "recount: this type has no description: use RECOUNT_DESCRIBE or RECOUNT_ENUM, or "
                  "one of the kinds listed in recount/describe/type_of.hpp");
    return detail::shape<std::remove_cv_t<T>>::table;
}

namespace detail {

// A strong id has one member, its representation, at its own address.
template <class Tag, class R>
struct shape<strong_id<Tag, R>> {
    using T = strong_id<Tag, R>;
    static bool equal(void const* a, void const* b) {
        return *static_cast<T const*>(a) == *static_cast<T const*>(b);
    }
    static constexpr type_descriptor make() {
        static_assert(sizeof(T) == sizeof(R) && std::is_standard_layout_v<T>);
        type_descriptor d = shape<R>::table;
        d.strong_id = true;
        d.assign = &assign<T>;
        d.equal = &equal;
        return d;
    }
    static constexpr type_descriptor table = make();
};

template <described_enum T>
struct shape<T> {
    static std::int64_t get(void const* o) {
        return static_cast<std::int64_t>(*static_cast<T const*>(o));
    }
    static void set(void* o, std::int64_t v) { *static_cast<T*>(o) = static_cast<T>(v); }
    static bool equal(void const* a, void const* b) { return get(a) == get(b); }
    static constexpr enumeration_operations operations{&get, &set};

    template <template <class...> class List, class... D>
    static constexpr std::array<enumerator_descriptor, sizeof...(D)> names(List<D...>) {
        return {enumerator_descriptor{D::name, static_cast<std::int64_t>(D::value)}...};
    }
    static constexpr auto enumerators = names(boost::describe::describe_enumerators<T>{});
    static constexpr type_descriptor make() {
        type_descriptor d{};
        d.kind = kind::enumeration;
        d.name = "enumeration";
        d.enumerators = enumerators;
        d.enumeration = &operations;
        d.assign = &assign<T>;
        d.equal = &equal;
        return d;
    }
    static constexpr type_descriptor table = make();
};

template <class T>
inline constexpr bool is_optional = false;
template <class E>
inline constexpr bool is_optional<std::optional<E>> = true;

template <class V>
bool equal_by_shape(V const& a, V const& b) {
    return descriptor_of<V>().equal(&a, &b);
}

template <class E>
struct shape<std::optional<E>> {
    using T = std::optional<E>;
    static_assert(!is_optional<E>, "recount: an optional of an optional has no JSON form");
    static void const* get(void const* o) {
        auto const& v = *static_cast<T const*>(o);
        return v ? &*v : nullptr;
    }
    static void* emplace(void* o) { return &static_cast<T*>(o)->emplace(); }
    static void reset(void* o) { static_cast<T*>(o)->reset(); }
    static bool equal(void const* a, void const* b) {
        auto const& x = *static_cast<T const*>(a);
        auto const& y = *static_cast<T const*>(b);
        return x.has_value() == y.has_value() && (!x || equal_by_shape<E>(*x, *y));
    }
    static constexpr optional_operations operations{&descriptor_of<E>, &get, &emplace, &reset};
    static constexpr type_descriptor make() {
        type_descriptor d{};
        d.kind = kind::optional;
        d.name = "optional";
        d.optional = &operations;
        d.assign = &assign<T>;
        d.equal = &equal;
        return d;
    }
    static constexpr type_descriptor table = make();
};

template <class E>
    requires(!std::same_as<E, std::byte>)
struct shape<std::vector<E>> {
    using T = std::vector<E>;
    static_assert(!std::same_as<E, bool>, "recount: use a vector of a small integer or enum");
    static_assert(!is_optional<E>, "recount: an absent element of a vector has no JSON form");
    static std::size_t size(void const* o) { return static_cast<T const*>(o)->size(); }
    static void const* at(void const* o, std::size_t i) { return &(*static_cast<T const*>(o))[i]; }
    static void* append(void* o) { return &static_cast<T*>(o)->emplace_back(); }
    static void clear(void* o) { static_cast<T*>(o)->clear(); }
    static bool equal(void const* a, void const* b) {
        auto const& x = *static_cast<T const*>(a);
        auto const& y = *static_cast<T const*>(b);
        if (x.size() != y.size()) return false;
        for (std::size_t i = 0; i < x.size(); ++i) {
            if (!equal_by_shape<E>(x[i], y[i])) return false;
        }
        return true;
    }
    static constexpr vector_operations operations{&descriptor_of<E>, &size, &at, &append, &clear};
    static constexpr type_descriptor make() {
        type_descriptor d{};
        d.kind = kind::vector;
        d.name = "vector";
        d.vector = &operations;
        d.assign = &assign<T>;
        d.equal = &equal;
        return d;
    }
    static constexpr type_descriptor table = make();
};

template <class E>
struct shape<std::map<std::string, E>> {
    using T = std::map<std::string, E>;
    static_assert(!is_optional<E>, "recount: an absent value of a map has no JSON form");
    static std::size_t size(void const* o) { return static_cast<T const*>(o)->size(); }
    static void each(void const* o, void* context,
                     void (*visit)(void*, std::string_view, void const*)) {
        for (auto const& [key, value] : *static_cast<T const*>(o)) visit(context, key, &value);
    }
    static void* emplace(void* o, std::string_view key) {
        auto const [at, fresh] = static_cast<T*>(o)->try_emplace(std::string{key});
        return fresh ? &at->second : nullptr;
    }
    static void clear(void* o) { static_cast<T*>(o)->clear(); }
    static bool equal(void const* a, void const* b) {
        auto const& x = *static_cast<T const*>(a);
        auto const& y = *static_cast<T const*>(b);
        if (x.size() != y.size()) return false;
        for (auto i = x.begin(), j = y.begin(); i != x.end(); ++i, ++j) {
            if (i->first != j->first || !equal_by_shape<E>(i->second, j->second)) return false;
        }
        return true;
    }
    static constexpr map_operations operations{&descriptor_of<E>, &size, &each, &emplace, &clear};
    static constexpr type_descriptor make() {
        type_descriptor d{};
        d.kind = kind::map;
        d.name = "map";
        d.map = &operations;
        d.assign = &assign<T>;
        d.equal = &equal;
        return d;
    }
    static constexpr type_descriptor table = make();
};

// In JSON the name of an alternative is all that tells it from the others.
template <class... A>
constexpr bool distinct_names() {
    std::array<std::string_view, sizeof...(A)> const names{
        recount_structure_name(static_cast<A const*>(nullptr))...};
    for (std::size_t i = 0; i < names.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (names[i] == names[j]) return false;
        }
    }
    return true;
}

template <class... A>
struct shape<std::variant<A...>> {
    using T = std::variant<A...>;
    static_assert((named_structure<A> && ...),
                  "recount: every alternative of a variant must be a described structure");
    static_assert(distinct_names<A...>(),
                  "recount: two alternatives of a variant have the same name");
    static std::size_t index(void const* o) { return static_cast<T const*>(o)->index(); }
    static void const* get(void const* o) {
        return std::visit([](auto const& v) -> void const* { return &v; },
                          *static_cast<T const*>(o));
    }
    template <std::size_t I>
    static void* emplace_one(void* o) {
        return &static_cast<T*>(o)->template emplace<I>();
    }
    static void* emplace(void* o, std::size_t i) {
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            using maker = void* (*)(void*);
            constexpr std::array<maker, sizeof...(A)> makers{&emplace_one<I>...};
            return makers[i](o);
        }(std::index_sequence_for<A...>{});
    }
    static bool equal(void const* a, void const* b) {
        if (index(a) != index(b)) return false;
        if (index(a) == std::variant_npos) return true;  // both lost their value to an exception
        return alternatives[index(a)]().equal(get(a), get(b));
    }
    using getter = type_descriptor const& (*)();
    static constexpr std::array<getter, sizeof...(A)> alternatives{&descriptor_of<A>...};
    static constexpr variant_operations operations{&index, &get, &emplace, alternatives};
    static constexpr type_descriptor make() {
        type_descriptor d{};
        d.kind = kind::variant;
        d.name = "variant";
        d.variant = &operations;
        d.assign = &assign<T>;
        d.equal = &equal;
        return d;
    }
    static constexpr type_descriptor table = make();
};

template <class C, class M>
M member_type_of(M C::*);

template <named_structure T>
struct shape<T> {
    template <class D>
    static void* get(void* o) {
        return &(static_cast<T*>(o)->*D::pointer);
    }
    template <template <class...> class List, class... D>
    static constexpr std::array<field_descriptor, sizeof...(D)> list(List<D...>) {
        return {field_descriptor{D::name, &descriptor_of<decltype(member_type_of(D::pointer))>,
                                 &get<D>}...};
    }
    static constexpr auto fields = list(
        boost::describe::describe_members<T, boost::describe::mod_public>{});
    static bool equal(void const* a, void const* b) {
        for (auto const& field : fields) {
            if (!field.type().equal(field.read(a), field.read(b))) return false;
        }
        return true;
    }
    static constexpr type_descriptor make() {
        type_descriptor d{};
        d.kind = kind::structure;
        d.name = recount_structure_name(static_cast<T const*>(nullptr));
        d.fields = fields;
        d.assign = &assign<T>;
        d.equal = &equal;
        return d;
    }
    static constexpr type_descriptor table = make();
};

// How many fields an aggregate has: the most initialisers it can be braced with. The search goes
// upwards past the count to fail, because fields may have no default.
struct any_field {
    template <class F>
    operator F() const noexcept;
};
template <class T, std::size_t... I>
constexpr bool braces(std::index_sequence<I...>) {
    return requires { T{(static_cast<void>(I), any_field{})...}; };
}
template <class T, std::size_t N = 0>
constexpr std::size_t field_count() {
    static_assert(N <= 64, "recount: at most 64 fields");
    if constexpr (!braces<T>(std::make_index_sequence<N + 1>{})) {
        return N;
    } else {
        return field_count<T, N + 1>();
    }
}

}  // namespace detail

}  // namespace recount::describe
