// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Where a slot stands in the corrected history: a node of one order tree. Places are made once and
// never renumbered; between two of them there is always room for another.
//
//     auto const second = history::place::root(2);                  // the event at position 2
//     auto const late = second.child(history::side::after, 10, 0);  // put after it, at 10
//     late.text();                                                  // "2.0>10.0"
//     late > second && late < history::place::root(3);          // true
//
// Order is the in-order walk of the tree: roots ascending; what was put before a node stands left
// of it, the newest last; what was put after it stands right of it, the newest first. So whatever
// is put beside a node last stands right at it.
//
// The entry that makes a place is named by its position, which is not known while the entry is
// being made: until then it is `own_position`, later than any other, and is written 0.
//
// Thread safety: a value. Errors: child() throws errc::limit_exceeded past 64 steps. Cost: places
// are bytes that compare as the places do, 11 for a root (no allocation) and 11 more a step.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <recount/core/limits.hpp>
#include <recount/log/event.hpp>

namespace recount::history {

// The position of the entry that is being made.
inline constexpr position own_position = std::numeric_limits<position>::max();

enum class side : std::uint8_t { before, after };

class place {
public:
    place() = default;  // nowhere; before every other
    // The root of the entry at `p`: 0 is its own slot, n + 1 the end as its n-th operation saw it.
    [[nodiscard]] static place root(position p, std::uint16_t index = 0);
    // "12.0>40.2<51.0", 0 standing for the position `own`. Nothing for any other text.
    [[nodiscard]] static std::optional<place> from_text(std::string_view text, position own);

    [[nodiscard]] place child(side s, position p, std::uint16_t operation) const;
    [[nodiscard]] bool nowhere() const noexcept { return key_.empty(); }
    [[nodiscard]] std::size_t steps() const noexcept;
    // Of the entry that made it; 0 of nowhere.
    [[nodiscard]] position made_at() const;
    [[nodiscard]] std::optional<place> parent() const;  // nothing: it is a root, or nowhere
    // `own` is written 0, and so is own_position.
    [[nodiscard]] std::string text(position own = own_position) const;
    // Bytes that compare, byte by byte, as the places do.
    [[nodiscard]] std::string const& key() const noexcept { return key_; }

    friend std::strong_ordering operator<=>(place const& a, place const& b) noexcept {
        return a.key_.compare(b.key_) <=> 0;
    }
    friend bool operator==(place const& a, place const& b) noexcept { return a.key_ == b.key_; }

private:
    std::string key_;
};

}  // namespace recount::history

template <>
struct std::hash<recount::history::place> {
    std::size_t operator()(recount::history::place const& p) const noexcept {
        return std::hash<std::string>{}(p.key());
    }
};
