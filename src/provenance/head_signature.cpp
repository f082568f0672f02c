// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <memory>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <recount/core/error.hpp>
#include <recount/provenance/head.hpp>

#include "core/big_endian.hpp"

namespace recount::provenance {

namespace {

constexpr std::string_view algorithm = "ed25519";
constexpr std::size_t key_bytes = 32;
constexpr std::size_t signature_bytes = 64;

struct freed {
    void operator()(EVP_PKEY* one) const noexcept { EVP_PKEY_free(one); }
    void operator()(EVP_MD_CTX* one) const noexcept { EVP_MD_CTX_free(one); }
    void operator()(BIO* one) const noexcept { BIO_free(one); }
};
using key_pointer = std::unique_ptr<EVP_PKEY, freed>;
using context_pointer = std::unique_ptr<EVP_MD_CTX, freed>;

// What is signed: fields as in every hash, so that nothing depends on how JSON is written.
std::string signed_bytes(store_head const& one) {
    std::string bytes{head_format};
    auto const raw = [&](auto const& octets) {
        bytes.append(reinterpret_cast<char const*>(octets.data()), octets.size());
    };
    auto const integer = [&](std::int64_t value) { raw(detail::big_endian(value)); };
    auto const length = [&](std::size_t size) {
        raw(detail::big_endian(static_cast<std::uint32_t>(size)));
    };
    length(one.store_id.octets.size());
    raw(one.store_id.octets);
    length(one.store.size());
    raw(one.store);
    integer(one.position);
    raw(one.link);
    raw(one.hash);
    integer(microseconds_since_epoch(one.recorded_at));
    integer(microseconds_since_epoch(one.exported_at));
    return bytes;
}

unsigned char const* octets(std::string_view text) {
    return reinterpret_cast<unsigned char const*>(text.data());
}

// Nobody is asked for a passphrase.
int no_passphrase(char*, int, int, void*) { return 0; }

template <class Read>
key_pointer read_key(std::string_view pem, Read const& read, char const* kind) {
    auto const size = static_cast<int>(pem.size());
    std::unique_ptr<BIO, freed> const text{BIO_new_mem_buf(pem.data(), size)};
    key_pointer key{text ? read(text.get(), nullptr, &no_passphrase, nullptr) : nullptr};
    if (key == nullptr || EVP_PKEY_get_id(key.get()) != EVP_PKEY_ED25519) {
        throw error{errc::refused, std::string{"expected the "} + kind +
                                       " key of an Ed25519 pair in PEM, not encrypted"};
    }
    return key;
}

bytes public_part(EVP_PKEY const* key) {
    bytes part(key_bytes);
    auto size = part.size();
    auto* const to = reinterpret_cast<unsigned char*>(part.data());
    assert_that(EVP_PKEY_get_raw_public_key(key, to, &size) == 1 && size == key_bytes,
                "an Ed25519 key has a public part of 32 bytes");
    return part;
}

}  // namespace

store_head sign(store_head one, std::string_view private_key_pem) {
    auto const key = read_key(private_key_pem, &PEM_read_bio_PrivateKey, "private");
    auto const text = signed_bytes(one);
    bytes value(signature_bytes);
    auto size = value.size();
    context_pointer const context{EVP_MD_CTX_new()};
    bool const done =
        context != nullptr &&
        EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(value.data()), &size,
                       octets(text), text.size()) == 1 &&
        size == signature_bytes;
    if (!done) throw error{errc::refused, "OpenSSL did not sign with this key"};
    one.signature =
        head_signature{std::string{algorithm}, public_part(key.get()), std::move(value)};
    return one;
}

void check_signature(store_head const& one, std::optional<std::string_view> public_key_pem) {
    if (!one.signature) throw error{errc::refused, "the head is not signed"};
    auto const& mark = *one.signature;
    if (mark.algorithm != algorithm || mark.key.size() != key_bytes ||
        mark.value.size() != signature_bytes) {
        throw error{errc::refused, "the head's signature is none of Ed25519"};
    }
    if (public_key_pem) {
        auto const owner = read_key(*public_key_pem, &PEM_read_bio_PUBKEY, "public");
        if (public_part(owner.get()) != mark.key) {
            throw error{errc::refused, "the head was signed with another key"};
        }
    }
    key_pointer const key{EVP_PKEY_new_raw_public_key(
        EVP_PKEY_ED25519, nullptr, reinterpret_cast<unsigned char const*>(mark.key.data()),
        mark.key.size())};
    auto const text = signed_bytes(one);
    context_pointer const context{EVP_MD_CTX_new()};
    bool const good =
        key != nullptr && context != nullptr &&
        EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
        EVP_DigestVerify(context.get(), reinterpret_cast<unsigned char const*>(mark.value.data()),
                         mark.value.size(), octets(text), text.size()) == 1;
    if (!good) throw error{errc::refused, "the head is not as it was signed"};
}

}  // namespace recount::provenance
