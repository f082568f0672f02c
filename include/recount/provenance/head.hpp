// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The head of a log as a small document to keep elsewhere: where the log ended at some moment, and
// the link there, which covers everything before. Whoever can write to the database can compute
// every hash and link anew; what left the house before that, they cannot change.
//
//     auto const now = provenance::read_head(*log.stored());
//     auto const text = provenance::to_json(provenance::sign(now, private_key_pem));
//     …
//     auto const then = provenance::head_from_json(text);
//     provenance::check_signature(then, public_key_pem);        // throws errc::refused
//     auto const found = provenance::verify(*log.stored(), {.head = then});
//
// Signatures are Ed25519 (RFC 8032) over the bytes that docs/reference/hash.md names.
// Thread safety: free functions from any thread. Errors: errc::invalid_json for what is no head,
// errc::refused for a key or a signature that does not fit.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <recount/core/bytes.hpp>
#include <recount/log/stored.hpp>

namespace recount::provenance {

inline constexpr std::string_view head_format = "recount/head/1";

struct head_signature {
    std::string algorithm;   // "ed25519"
    bytes key;               // the public key, 32 bytes
    bytes value;             // 64 bytes
};

struct store_head {
    uuid store_id;
    std::string store;       // its name
    recount::position position = 0;
    digest link{};           // of the batch that ends there
    digest hash{};           // of the event there; zero at position 0
    timestamp recorded_at;   // of the batch
    timestamp exported_at;
    std::optional<head_signature> signature;
};

// As of now, unsigned. Throws errc::corrupted if the log and its links do not end together.
[[nodiscard]] store_head read_head(stored_log& log, timestamp now = recount::now());

// `private_key_pem`: PKCS #8 in PEM, not encrypted (`openssl genpkey -algorithm ed25519`).
[[nodiscard]] store_head sign(store_head one, std::string_view private_key_pem);
// That the signature is good and, if a key is given, made by its owner. `public_key_pem` as
// `openssl pkey -pubout` writes it. Throws errc::refused.
void check_signature(store_head const& one, std::optional<std::string_view> public_key_pem);

[[nodiscard]] std::string to_json(store_head const& one);      // one line, without the newline
[[nodiscard]] store_head head_from_json(std::string_view text);

}  // namespace recount::provenance
