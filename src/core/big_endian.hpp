// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// An integer as its bytes, the highest first: in hashes, in what is signed, and on the
// wire to PostgreSQL.
//
//     auto const bytes = big_endian(std::int32_t{258});      // 0, 0, 1, 2
//
// Thread safety: pure functions. Errors: none.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace recount::detail {

template <std::integral Integer>
[[nodiscard]] constexpr std::array<char, sizeof(Integer)> big_endian(Integer value) {
    std::array<char, sizeof(Integer)> bytes{};
    auto rest = static_cast<std::uint64_t>(value);
    for (auto i = bytes.size(); i-- > 0; rest >>= 8U) bytes[i] = static_cast<char>(rest & 0xFFU);
    return bytes;
}

}  // namespace recount::detail
