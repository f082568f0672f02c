// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/uuid.hpp>

#include <atomic>
#include <chrono>

#include <fmt/core.h>
#include <openssl/rand.h>

#include <recount/core/error.hpp>
#include <recount/core/hex.hpp>
#include <recount/core/sha256.hpp>
#include <recount/core/text.hpp>

namespace recount {

namespace {

constexpr bool hyphen_at(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

// Milliseconds in the upper bits and a counter in the lower 12, so that ids of one process grow
// even within a millisecond; when the counter is used up it borrows from the next one (RFC 9562,
// 6.2, method 3).
std::uint64_t next_tick() {
    static std::atomic<std::uint64_t> last{0};
    auto const now = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    auto wanted = static_cast<std::uint64_t>(now) << 12U;
    auto seen = last.load(std::memory_order_relaxed);
    for (;;) {
        auto const next = wanted > seen ? wanted : seen + 1;
        if (last.compare_exchange_weak(seen, next, std::memory_order_relaxed)) return next;
    }
}

}  // namespace

std::string to_string(uuid const& id) {
    std::string text(36, '-');
    std::size_t at = 0;
    for (auto const octet : id.octets) {
        if (hyphen_at(at)) ++at;
        for (char const digit : detail::hex_of(octet)) text[at++] = digit;
    }
    return text;
}

bool is_uuid(std::string_view text) noexcept {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (hyphen_at(i) ? text[i] != '-' : detail::hex_digit(text[i]) < 0) return false;
    }
    return true;
}

uuid uuid_from_string(std::string_view text) {
    if (!is_uuid(text)) {
        throw error{errc::invalid_argument,
                    fmt::format("expected a UUID like 0198c0de-0000-7000-8000-000000000000, "
                                "found '{}'",
                                excerpt(text))};
    }
    uuid id;
    std::size_t octet = 0;
    for (std::size_t i = 0; i < text.size(); ++octet) {
        if (hyphen_at(i)) ++i;
        id.octets[octet] = static_cast<std::byte>(detail::hex_digit(text[i]) * 16 +
                                                  detail::hex_digit(text[i + 1]));
        i += 2;
    }
    return id;
}

uuid new_command_id() {
    uuid id;
    auto const tick = next_tick();
    for (std::size_t i = 0; i < 6; ++i)
        id.octets[i] = static_cast<std::byte>((tick >> (52U - 8U * i)) & 0xFFU);
    id.octets[6] = static_cast<std::byte>(0x70U | ((tick >> 8U) & 0x0FU));
    id.octets[7] = static_cast<std::byte>(tick & 0xFFU);
    // Drawn in blocks: a call of the generator costs more than the rest of an id.
    constexpr std::size_t block = 4096;
    constexpr std::size_t wanted = 6;
    thread_local std::array<unsigned char, block> random;
    thread_local std::size_t used = block;
    if (used + wanted > block) {
        assert_that(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1,
                    "no random bytes to make ids of");
        used = 0;
    }
    for (std::size_t i = 0; i < wanted; ++i) id.octets[8 + i] = std::byte{random[used++]};
    id.octets[8] = (id.octets[8] & std::byte{0x3F}) | std::byte{0x80};
    return id;
}

uuid command_id_from_key(std::string_view key, std::string_view actor) {
    constexpr std::string_view zero{"\0", 1};
    thread_local hasher one;
    auto const full =
        one.raw("recount/command/1").raw(zero).raw(actor).raw(zero).raw(key).finish();
    uuid id;
    for (std::size_t i = 0; i < id.octets.size(); ++i) id.octets[i] = full[i];
    id.octets[6] = (id.octets[6] & std::byte{0x0F}) | std::byte{0x80};
    id.octets[8] = (id.octets[8] & std::byte{0x3F}) | std::byte{0x80};
    return event_id(id, 0);
}

}  // namespace recount
