// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The five operations by which a restructure corrects history. Targets are event ids.
//
//     history::operation wrong{0, history::op::exclude{twice}, {"account-a"}};
//     history::operation typo{1, history::op::replace{e4, right_content}, {"account-a"}};
//
// A slot is what an event id stands for in the corrected history: it has three registers, presence,
// content and place (with its stream), and an operation writes some of them. These are the resolved
// forms, as they stand in the log; a plan (plan.hpp) is what a person writes.
//
// Thread safety: values; contents and origins are shared and never change.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <recount/restructure/place.hpp>

namespace recount::history {

// What a slot says. The effective time is always explicit.
struct content {
    std::string type;
    int schema_version = 1;
    std::string payload;  // the bytes as stored
    timestamp effective_at;
    friend bool operator==(content const&, content const&) = default;
};
using content_ptr = std::shared_ptr<content const>;

// The row of the log that first carried a slot's id.
struct origin {
    recount::position position = 0;
    timestamp recorded_at;
    recount::version version = 0;
    std::string stream;
    std::string meta;  // the bytes as stored
    digest hash{};
    recount::position commit_last = 0;  // of its commit
    friend bool operator==(origin const&, origin const&) = default;
};
using origin_ptr = std::shared_ptr<origin const>;

// A set of the registers of a slot.
class registers {
public:
    static constexpr std::uint8_t presence = 1, contents = 2, place = 4;

    constexpr registers() = default;
    constexpr registers(std::uint8_t bits) : bits_{bits} {}  // NOLINT: presence is a set of one
    [[nodiscard]] static constexpr registers all() { return {presence | contents | place}; }
    [[nodiscard]] constexpr bool has(std::uint8_t one) const noexcept { return (bits_ & one) != 0; }
    [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }
    [[nodiscard]] constexpr std::uint8_t bits() const noexcept { return bits_; }
    friend constexpr bool operator==(registers, registers) = default;

private:
    std::uint8_t bits_ = 0;
};

// Beside what a slot is put. In the log an anchor carries its own place, so that it can be read
// without the history of the slot it names.
struct anchor {
    enum class kind : std::uint8_t { after, before, end, keep };
    kind what = kind::end;
    uuid event{};               // of after and before
    history::place at{};        // of after and before: where that slot stood
    friend bool operator==(anchor const&, anchor const&) = default;
};

// A slot as it stands after an operation, carried in the row of the stream it comes to: that
// stream can then be read alone. `at` is set where the operation makes no new place.
struct brought_slot {
    content_ptr content;
    bool present = true;
    std::optional<place> at;
    origin_ptr origin;
};

namespace op {

struct replace {
    uuid event;
    content_ptr content;
};
struct exclude {
    uuid event;
};
struct insert {
    uuid event;  // the restructure's id with the low 16 bits 0x8000 + n
    std::string to;
    history::anchor anchor;  // not keep
    content_ptr content;
};
struct move {
    uuid event;
    std::string from;
    std::string to;
    history::anchor anchor;
    std::optional<brought_slot> brought;  // from another stream
};
struct reinstate {
    uuid event;
    std::string from;
    std::string to;
    registers which;
    position as_at = 0;  // a knowledge position
    std::optional<brought_slot> brought;
};

}  // namespace op

struct operation {
    int n = 0;  // within its restructure
    std::variant<op::replace, op::exclude, op::insert, op::move, op::reinstate> what;
    std::vector<std::string> streams{};  // that it touches, in byte order: it stands in their rows
};

[[nodiscard]] uuid const& target_of(operation const& o) noexcept;
[[nodiscard]] registers written_by(operation const& o) noexcept;
[[nodiscard]] anchor const* anchor_of(operation const& o) noexcept;  // null: it has none

[[nodiscard]] constexpr uuid inserted_id(uuid const& restructure, int n) noexcept {
    return event_id(restructure, static_cast<std::uint16_t>(0x8000 + n));
}
[[nodiscard]] constexpr bool inserted_by(uuid const& event, uuid const& restructure) noexcept {
    return ordinal_of(event) >= 0x8000 && command_id_of(event) == restructure;
}

}  // namespace recount::history
