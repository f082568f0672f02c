// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// An effect that is one POST to a URL.
//
//     recount::app{"bank"}
//         .effect("review.wanted", recount::http::webhook({.url = "http://127.0.0.1:9000/alerts"}))
//
// Sends {"type","schema_version","payload"} as application/json with the effect's key in the header
// Idempotency-Key: the same at every attempt. With a signing key also
//
//     Recount-Signature: sha256=<hex of HMAC-SHA-256(signing key, Idempotency-Key "." body)>
//
// 2xx is sent. 408, 425, 429, 5xx, and a connection that fails or takes too long, is tried again,
// after the Retry-After of the answer if there is one. Every other answer gives the effect up, a
// redirection too: it is not followed. Of the answer nothing but its head is read.
//
// https:// is TLS 1.2 or later. Nothing is sent before the certificate was checked: signed by
// somebody this machine trusts (or by one of `ca_file`), not expired, and for the host of the URL.
// One that does not hold is a connection that failed, with the reason as its sentence.
// Thread safety: from any thread. Errors: errc::invalid_argument for a URL, a header or a file that
// cannot be used. Cost: a connection a call, with https a handshake; the thread that calls waits.
// The certificates that are trusted are read once, when the webhook is made.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <recount/effects/handler.hpp>
#include <recount/http/message.hpp>

namespace recount::http {

struct webhook_options {
    std::string url;                                 // http[s]://host[:port]/path
    std::string signing_key{};                       // empty: no signature
    std::vector<name_value> headers{};               // of the program's own: Authorization
    std::chrono::milliseconds timeout{10'000};       // of a whole call
    // PEM: those who may have signed the certificate of an https:// URL. Empty: those that the
    // system trusts.
    std::string ca_file{};
};

[[nodiscard]] effect_handlers::function webhook(webhook_options options);

}  // namespace recount::http
