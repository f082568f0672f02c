// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// One-dimensional arrays in PostgreSQL's binary format, for session::execute_binary.
//
//     binary_array versions{binary_array::bigint};
//     versions.add(std::int64_t{7});
//     values.push_back(versions.take());
//
// An element is its length and its bytes: integers big-endian, text and bytea as they are,
// a timestamp as microseconds since 2000.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <recount/core/time.hpp>

namespace recount::postgres {

class binary_array {
public:
    // Object ids of the element types, the same in every server.
    enum element : std::uint32_t {
        bytea = 17,
        bigint = 20,
        smallint = 21,
        integer = 23,
        text = 25,
        timestamptz = 1184,
        uuid = 2950,
    };

    explicit binary_array(element type) : type_{type} {}
    void add(std::int64_t value);  // of a bigint array
    void add(std::int32_t value);
    void add(std::int16_t value);
    void add(std::string_view bytes);  // of a text array
    void add(std::span<std::byte const> bytes);
    void add(timestamp when);
    void add_null();
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool only_nulls() const noexcept { return nulls_ == size_; }
    // Header and elements; leaves an empty array.
    [[nodiscard]] std::string take();
    // Of an array of one element: that, by itself. Leaves an empty array.
    [[nodiscard]] std::optional<std::string> take_only();
    // An array without elements, whatever was added; leaves one, too.
    [[nodiscard]] std::string take_empty();

private:
    element type_;
    static constexpr std::size_t header_bytes = 20;   // of an array that is not empty
    std::string whole_ = std::string(header_bytes, '\0');   // with room for it
    std::uint32_t size_ = 0;
    std::uint32_t nulls_ = 0;

    void add_bytes(void const* bytes, std::size_t size);
};

// One alone.
[[nodiscard]] std::string binary_bigint(std::int64_t value);
[[nodiscard]] std::string binary_integer(std::int32_t value);

}  // namespace recount::postgres
