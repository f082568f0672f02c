// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// SHA-256 (FIPS 180-4), from OpenSSL, and the field encoding that every hash of Recount uses.
//
//     auto digest = recount::sha256("abc");
//     auto text = recount::to_hex(digest);          // "ba7816bf…"
//
// Thread safety: free functions from any thread; a hasher belongs to one thread.
// Cost: about 0.4 µs a call and 2 ns a byte.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace recount {

using digest = std::array<std::byte, 32>;

[[nodiscard]] digest sha256(std::string_view bytes);
[[nodiscard]] digest sha256(std::span<std::byte const> bytes);

// Lower-case hexadecimal.
[[nodiscard]] std::string to_hex(std::span<std::byte const> bytes);
// Throws errc::invalid_argument unless `hex` is exactly 64 hexadecimal digits.
[[nodiscard]] digest digest_from_hex(std::string_view hex);

// Feeds the parts of a hash one after another. `field` is F(x) of docs/reference/hash.md: a
// four-byte big-endian length, then the bytes. Integers are eight bytes big-endian.
class hasher {
public:
    hasher();
    ~hasher();
    hasher(hasher const&) = delete;
    hasher& operator=(hasher const&) = delete;

    hasher& raw(std::string_view bytes);
    hasher& raw(std::span<std::byte const> bytes);
    hasher& integer(std::int64_t value);
    hasher& field(std::string_view bytes);
    hasher& field(std::span<std::byte const> bytes);
    hasher& field_integer(std::int64_t value);  // F of the eight bytes
    [[nodiscard]] digest finish();              // and starts anew

private:
    struct context;
    std::unique_ptr<context> context_;
};

}  // namespace recount
