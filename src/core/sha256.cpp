// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/sha256.hpp>

#include <openssl/evp.h>

#include <recount/core/error.hpp>
#include <recount/core/hex.hpp>

namespace recount {

struct hasher::context {
    // Fetched once: an implicit fetch costs more than hashing a small event.
    static EVP_MD const* algorithm() {
        static EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
        assert_that(fetched != nullptr, "OpenSSL has no SHA-256");
        return fetched;
    }
    EVP_MD_CTX* state = EVP_MD_CTX_new();

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
};

hasher::hasher() : context_{std::make_unique<context>()} {}
hasher::~hasher() = default;

hasher& hasher::raw(std::string_view bytes) {
    EVP_DigestUpdate(context_->state, bytes.data(), bytes.size());
    return *this;
}

hasher& hasher::raw(std::span<std::byte const> bytes) {
    EVP_DigestUpdate(context_->state, bytes.data(), bytes.size());
    return *this;
}

hasher& hasher::integer(std::int64_t value) {
    std::array<unsigned char, 8> bytes{};
    auto rest = static_cast<std::uint64_t>(value);
    for (std::size_t i = bytes.size(); i-- > 0; rest >>= 8U)
        bytes[i] = static_cast<unsigned char>(rest & 0xFFU);
    EVP_DigestUpdate(context_->state, bytes.data(), bytes.size());
    return *this;
}

namespace {

void update_length(EVP_MD_CTX* state, std::size_t size) {
    assert_that(size <= 0xFFFF'FFFFU, "a hashed field is longer than four bytes can say");
    std::array<unsigned char, 4> const bytes{
        static_cast<unsigned char>((size >> 24U) & 0xFFU),
        static_cast<unsigned char>((size >> 16U) & 0xFFU),
        static_cast<unsigned char>((size >> 8U) & 0xFFU), static_cast<unsigned char>(size & 0xFFU)};
    EVP_DigestUpdate(state, bytes.data(), bytes.size());
}

}  // namespace

hasher& hasher::field(std::string_view bytes) {
    update_length(context_->state, bytes.size());
    return raw(bytes);
}

hasher& hasher::field(std::span<std::byte const> bytes) {
    update_length(context_->state, bytes.size());
    return raw(bytes);
}

hasher& hasher::field_integer(std::int64_t value) {
    update_length(context_->state, 8);
    return integer(value);
}

digest hasher::finish() {
    digest result{};
    unsigned int size = 0;
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
    for (auto const b : bytes) detail::append_hex(text, b);
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
