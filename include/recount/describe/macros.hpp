// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The macros that describe an application's types. Each stands after its type, in the same
// namespace, and lists every field: a forgotten one does not compile.
//
//     struct deposited { account_id account; money amount; };
//     RECOUNT_EVENT(deposited, "account.deposited", 1, account, amount)
//
//     RECOUNT_DESCRIBE(type, fields…)                    a structure used inside others
//     RECOUNT_ENUM(type, values…)                        stored by the names of its values
//     RECOUNT_EVENT(type, "name", version, fields…)      an event: stored name, schema version
//     RECOUNT_COMMAND(type, "name", fields…)             a command
//
// Stored names are dotted and in lower case; they and the version are what the log holds, so the
// C++ type may be renamed at will. The types must be aggregates with public members.
#pragma once

#include <string_view>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <recount/describe/type_of.hpp>

namespace recount {

// What RECOUNT_EVENT and RECOUNT_COMMAND know besides the fields.
struct event_name {
    std::string_view name;
    int version;
};
struct command_name {
    std::string_view name;
    int version;
};

template <class T>
concept event_type = describe::described<T> && requires(T const* t) {
    { recount_event_name(t) } -> std::same_as<event_name>;
};
template <class T>
concept command_type = describe::described<T> && requires(T const* t) {
    { recount_command_name(t) } -> std::same_as<command_name>;
};
template <event_type T>
[[nodiscard]] constexpr event_name event_name_of() noexcept {
    return recount_event_name(static_cast<T const*>(nullptr));
}
template <command_type T>
[[nodiscard]] constexpr command_name command_name_of() noexcept {
    return recount_command_name(static_cast<T const*>(nullptr));
}

namespace detail {

// Stored names: parts of [a-z][a-z0-9_]* joined by dots.
[[nodiscard]] constexpr bool valid_stored_name(std::string_view name) noexcept {
    bool start = true;
    for (auto const c : name) {
        bool const letter = c >= 'a' && c <= 'z';
        bool const other = (c >= '0' && c <= '9') || c == '_';
        if (c == '.' ? start : !(letter || (other && !start))) return false;
        start = c == '.';
    }
    return !start && name.size() <= 200;
}

}  // namespace detail

}  // namespace recount

#define RECOUNT_DETAIL_STRUCTURE(TYPE, NAME, ...)                                                 \
    BOOST_DESCRIBE_STRUCT(TYPE, (), (__VA_ARGS__))                                                \
    [[maybe_unused]] constexpr ::std::string_view recount_structure_name(TYPE const*) noexcept {  \
        return NAME;                                                                              \
    }                                                                                             \
    static_assert(::std::is_aggregate_v<TYPE>,                                                    \
                  "recount: " #TYPE " must be an aggregate: no constructors, no private fields"); \
    static_assert(!::std::is_aggregate_v<TYPE> ||                                                 \
                      ::recount::describe::detail::field_count<TYPE>() ==                         \
                          ::boost::mp11::mp_size<::boost::describe::describe_members<             \
                              TYPE, ::boost::describe::mod_public>>::value,                       \
                  "recount: the description of " #TYPE " does not list every one of its fields");

#define RECOUNT_DESCRIBE(TYPE, ...) RECOUNT_DETAIL_STRUCTURE(TYPE, #TYPE __VA_OPT__(, ) __VA_ARGS__)

#define RECOUNT_ENUM(TYPE, ...) BOOST_DESCRIBE_ENUM(TYPE, __VA_ARGS__)

#define RECOUNT_EVENT(TYPE, NAME, VERSION, ...)                                                \
    RECOUNT_DETAIL_STRUCTURE(TYPE, NAME __VA_OPT__(, ) __VA_ARGS__)                            \
    [[maybe_unused]] constexpr ::recount::event_name recount_event_name(TYPE const*) noexcept { \
        return {NAME, VERSION};                                                                \
    }                                                                                          \
    static_assert(::recount::detail::valid_stored_name(NAME) && (VERSION) >= 1,                \
                  "recount: the event " #TYPE                                                  \
                  " needs a name like \"account.deposited\" and a version from 1");

#define RECOUNT_COMMAND(TYPE, NAME, ...)                                              \
    RECOUNT_DETAIL_STRUCTURE(TYPE, NAME __VA_OPT__(, ) __VA_ARGS__)                   \
    [[maybe_unused]] constexpr ::recount::command_name recount_command_name(          \
        TYPE const*) noexcept {                                                       \
        return {NAME, 1};                                                             \
    }                                                                                 \
    static_assert(::recount::detail::valid_stored_name(NAME),                         \
                  "recount: the command " #TYPE " needs a name like \"account.deposit\"");
