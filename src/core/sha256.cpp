// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/sha256.hpp>

#include <array>
#include <cstring>

#include <openssl/evp.h>

#include <recount/core/error.hpp>
#include <recount/core/hex.hpp>

#include "core/big_endian.hpp"

namespace recount {

struct hasher::context {
    // Fetched once: an implicit fetch costs more than hashing a small event.
    static EVP_MD const* algorithm() {
        static EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
        assert_that(fetched != nullptr, "OpenSSL has no SHA-256");
        return fetched;
    }
    EVP_MD_CTX* state = EVP_MD_CTX_new();
    // Small fields are gathered: a call of OpenSSL's costs as much as to hash sixty bytes.
    std::array<unsigned char, 512> gathered;
    std::size_t size = 0;

    context() {
        assert_that(state != nullptr, "no memory for SHA-256");
        begin();
    }
    ~context() { EVP_MD_CTX_free(state); }
    context(context const&) = delete;
    context& operator=(context const&) = delete;
    void begin() const {
        assert_that(EVP_DigestInit_ex(state, algorithm(), nullptr) == 1, "SHA-256 did not start");
    }
    void add(void const* bytes, std::size_t count) {
        if (count == 0) return;
        if (count > gathered.size() - size) {
            hash_gathered();
            if (count > gathered.size()) {
                EVP_DigestUpdate(state, bytes, count);
                return;
            }
        }
        std::memcpy(gathered.data() + size, bytes, count);
        size += count;
    }
    template <class Integer>
    void add_integer(Integer value) {
        auto const bytes = detail::big_endian(value);
        add(bytes.data(), bytes.size());
    }
    void hash_gathered() {
        EVP_DigestUpdate(state, gathered.data(), size);
        size = 0;
    }
};

hasher::hasher() : context_{std::make_unique<context>()} {}
hasher::~hasher() = default;

hasher& hasher::raw(std::string_view bytes) {
    context_->add(bytes.data(), bytes.size());
    return *this;
}

hasher& hasher::raw(std::span<std::byte const> bytes) {
    context_->add(bytes.data(), bytes.size());
    return *this;
}

namespace {

std::uint32_t length(std::size_t size) {
    assert_that(size <= 0xFFFF'FFFFU, "a hashed field is longer than four bytes can say");
    return static_cast<std::uint32_t>(size);
}

}  // namespace

hasher& hasher::integer(std::int64_t value) {
    context_->add_integer(value);
    return *this;
}

hasher& hasher::field(std::string_view bytes) {
    context_->add_integer(length(bytes.size()));
    return raw(bytes);
}

hasher& hasher::field(std::span<std::byte const> bytes) {
    context_->add_integer(length(bytes.size()));
    return raw(bytes);
}

hasher& hasher::field_integer(std::int64_t value) {
    context_->add_integer(length(sizeof(value)));
    return integer(value);
}

digest hasher::finish() {
    digest result{};
    unsigned int size = 0;
    context_->hash_gathered();
    EVP_DigestFinal_ex(context_->state, reinterpret_cast<unsigned char*>(result.data()), &size);
    assert_that(size == result.size(), "SHA-256 has 32 bytes");
    context_->begin();
    return result;
}

digest sha256(std::string_view bytes) {
    thread_local hasher one;
    return one.raw(bytes).finish();
}

digest sha256(std::span<std::byte const> bytes) {
    thread_local hasher one;
    return one.raw(bytes).finish();
}

std::string to_hex(std::span<std::byte const> bytes) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (auto const b : bytes) {
        auto const digits = detail::hex_of(b);
        text.append(digits.data(), digits.size());
    }
    return text;
}

digest digest_from_hex(std::string_view hex) {
    digest result{};
    bool good = hex.size() == result.size() * 2;
    for (std::size_t i = 0; good && i < result.size(); ++i) {
        auto const high = detail::hex_digit(hex[2 * i]);
        auto const low = detail::hex_digit(hex[2 * i + 1]);
        good = high >= 0 && low >= 0;
        if (good) result[i] = static_cast<std::byte>(high * 16 + low);
    }
    if (!good) {
        throw error{errc::invalid_argument, "expected a hash of 64 hexadecimal digits"};
    }
    return result;
}

}  // namespace recount
