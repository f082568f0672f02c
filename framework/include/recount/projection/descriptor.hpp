// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Rows and projections at run time: constant tables made by RECOUNT_ROW and RECOUNT_PROJECTION.
// The runner, the row stores, the generated tables and HTTP are compiled once over them.
//
//     auto const& p = recount::projection_of<account_balances>();
//     for (auto const& h : p.handlers) fmt::print("{} {}\n", h.event.name, h.event.version);
//
// Thread safety: constant; from any thread. Lifetimes: static, never destroyed; an `info` refers to
// the event that is being told. Errors: `decode` throws errc::invalid_json, which names the field.
// Cost: a call through a plain function pointer.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include <recount/aggregate/descriptor.hpp>
#include <recount/log/event.hpp>

namespace recount {

namespace detail {

[[noreturn]] void refuse_id(std::string_view text, std::string_view wanted);

// The reverse of id_text.
template <class Id>
[[nodiscard]] Id id_from_text(std::string_view text) {
    if constexpr (requires { typename Id::representation; }) {
        return Id{id_from_text<typename Id::representation>(text)};
    } else if constexpr (std::same_as<Id, uuid>) {
        return uuid_from_string(text);
    } else if constexpr (std::integral<Id>) {
        Id value{};
        auto const* const end = text.data() + text.size();
        auto const read = std::from_chars(text.data(), end, value);
        if (read.ec != std::errc{} || read.ptr != end) refuse_id(text, "a number");
        return value;
    } else {
        return Id{std::string{text}};
    }
}

}  // namespace detail

// What a handler may know of an event beside its content.
struct info {
    recount::position position = 0;
    std::string_view stream;
    recount::version version = 0;
    uuid id;
    timestamp recorded_at;
    timestamp effective_at;

    // The stream's name without its category: whose event it is now. An event that a restructure
    // moved to another stream keeps its content, and the id in there is that of the stream before.
    [[nodiscard]] std::string_view stream_id() const noexcept {
        return stream.substr(stream.find('-') + 1);
    }
    // The same as an aggregate's id: `r[i.stream_id<account_id>()].balance += e.amount`. Throws
    // errc::invalid_argument for a stream whose id is no such value.
    template <class Id>
    [[nodiscard]] Id stream_id() const {
        return detail::id_from_text<Id>(stream_id());
    }
};

struct row_descriptor {
    int version;
    describe::type_descriptor const& (*shape)();
    std::span<std::size_t const> key_fields;            // indexes into the shape's fields
    erased_object (*create)();
    bool (*key_less)(void const* a, void const* b);     // by the key fields, in their order
};

class unit_of_work;

struct handler_descriptor {
    event_name event;
    describe::type_descriptor const& (*shape)();
    std::span<event_version const> versions;            // all that are read, oldest first
    erased_object (*decode)(std::size_t index, std::string_view payload);   // of such a version
    // weight: +1 told, −1 taken back; only invertible handlers look at it.
    void (*on)(unit_of_work& rows, void const* event, info const& about, int weight);
    std::string (*group)(void const* event, info const& about);
};

struct projection_descriptor {
    std::string_view name;
    int version;
    row_descriptor const* rows;
    bool invertible;                                    // the handlers take a weight
    std::span<handler_descriptor const> handlers;
    bool own_group = false;                             // it has a `group` of its own

    // A keyed projection with groups of its own notes the streams of each: a correction tells a
    // group again from all of them.
    [[nodiscard]] bool notes_streams() const noexcept { return !invertible && own_group; }
    [[nodiscard]] std::string table() const {
        return std::string{name} + "__v" + std::to_string(version);
    }
};

}  // namespace recount
