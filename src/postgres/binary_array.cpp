// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/binary_array.hpp"

#include <utility>

#include <recount/core/error.hpp>

#include "core/big_endian.hpp"

namespace recount::postgres {

using recount::detail::big_endian;

namespace {

template <typename Integer>
void append(std::string& to, Integer value) {
    auto const bytes = big_endian(value);
    to.append(bytes.data(), bytes.size());
}

constexpr std::uint32_t null_length = 0xFFFF'FFFFU;

}  // namespace

void binary_array::add_bytes(void const* bytes, std::size_t size) {
    append(whole_, static_cast<std::uint32_t>(size));
    whole_.append(static_cast<char const*>(bytes), size);
    ++size_;
}

void binary_array::add(std::int64_t value) {
    auto const bytes = big_endian(value);
    add_bytes(bytes.data(), bytes.size());
}

void binary_array::add(std::int32_t value) {
    auto const bytes = big_endian(value);
    add_bytes(bytes.data(), bytes.size());
}

void binary_array::add(std::int16_t value) {
    auto const bytes = big_endian(value);
    add_bytes(bytes.data(), bytes.size());
}

void binary_array::add(std::string_view bytes) { add_bytes(bytes.data(), bytes.size()); }

void binary_array::add(std::span<std::byte const> bytes) {
    add_bytes(bytes.data(), bytes.size());
}

void binary_array::add(timestamp when) {
    using namespace std::chrono;
    constexpr timestamp epoch{sys_days{year{2000} / January / 1}};
    add(static_cast<std::int64_t>(duration_cast<microseconds>(when - epoch).count()));
}

void binary_array::add_null() {
    append(whole_, null_length);
    ++size_;
    ++nulls_;
}

std::string binary_array::take() {
    std::string taken;
    append(taken, std::uint32_t{size_ == 0 ? 0U : 1U});  // dimensions
    append(taken, std::uint32_t{nulls_ > 0 ? 1U : 0U});
    append(taken, std::uint32_t{type_});
    if (size_ > 0) {  // an empty array has no bounds
        append(taken, size_);
        append(taken, std::uint32_t{1});  // the first index
        whole_.replace(0, taken.size(), taken);
        std::swap(taken, whole_);
    }
    whole_.assign(header_bytes, '\0');
    size_ = 0;
    nulls_ = 0;
    return taken;
}

std::optional<std::string> binary_array::take_only() {
    assert_that(size_ == 1, "one element");
    constexpr std::size_t length_bytes = 4;
    auto const only = nulls_ == 1 ? std::nullopt
                                  : std::optional{whole_.substr(header_bytes + length_bytes)};
    *this = binary_array{type_};
    return only;
}

std::string binary_array::take_empty() {
    *this = binary_array{type_};
    return take();
}

std::string binary_bigint(std::int64_t value) {
    auto const bytes = big_endian(value);
    return {bytes.data(), bytes.size()};
}

std::string binary_integer(std::int32_t value) {
    auto const bytes = big_endian(value);
    return {bytes.data(), bytes.size()};
}

}  // namespace recount::postgres
