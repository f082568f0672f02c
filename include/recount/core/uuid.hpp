// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// UUIDs (RFC 9562) and the ids of commands and events made of them. The low 16 bits of an event id
// are its ordinal in the commit; the same id with those bits zero is the command id.
//
//     auto command = recount::new_command_id();             // UUIDv7, low 16 bits zero
//     auto same = recount::command_id_from_key("import-7");  // UUIDv8, the same for ever
//     auto third = recount::event_id(command, 2);
//
// Thread safety: all functions from any thread. Ids made by one process grow.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace recount {

struct uuid {
    std::array<std::byte, 16> octets{};
    friend constexpr auto operator<=>(uuid const&, uuid const&) = default;
    friend constexpr bool operator==(uuid const&, uuid const&) = default;
    [[nodiscard]] constexpr bool is_nil() const noexcept { return *this == uuid{}; }
};

[[nodiscard]] std::string to_string(uuid const& id);       // lower case, with hyphens
// Throws errc::invalid_argument; only the form 8-4-4-4-12 is taken, in either case.
[[nodiscard]] uuid uuid_from_string(std::string_view text);
[[nodiscard]] bool is_uuid(std::string_view text) noexcept;

[[nodiscard]] uuid new_command_id();
// From SHA-256("recount/command/1" 0x00 actor 0x00 key). An actor is empty in-process.
[[nodiscard]] uuid command_id_from_key(std::string_view key, std::string_view actor = {});

inline constexpr std::uint32_t ordinal_max = 0xFFFF;
[[nodiscard]] constexpr std::uint16_t ordinal_of(uuid const& id) noexcept {
    return static_cast<std::uint16_t>((static_cast<unsigned>(id.octets[14]) << 8U) |
                                      static_cast<unsigned>(id.octets[15]));
}
[[nodiscard]] constexpr uuid event_id(uuid command, std::uint16_t ordinal) noexcept {
    command.octets[14] = static_cast<std::byte>(ordinal >> 8U);
    command.octets[15] = static_cast<std::byte>(ordinal & 0xFFU);
    return command;
}
[[nodiscard]] constexpr uuid command_id_of(uuid event) noexcept { return event_id(event, 0); }

}  // namespace recount

template <>
struct std::hash<recount::uuid> {
    std::size_t operator()(recount::uuid const& id) const noexcept {
        auto const half = std::bit_cast<std::array<std::uint64_t, 2>>(id.octets);
        auto const mixed = [](std::uint64_t x) {   // the finalizer of MurmurHash3, by A. Appleby
            x = (x ^ (x >> 33U)) * 0xFF51'AFD7'ED55'8CCDU;
            x = (x ^ (x >> 33U)) * 0xC4CE'B9FE'1A85'EC53U;
            return x ^ (x >> 33U);
        };
        return static_cast<std::size_t>(mixed(mixed(half[0]) ^ half[1]));
    }
};
