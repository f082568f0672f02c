// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The client's side of TLS: who is trusted, and what is wrong with a certificate, in a sentence.
//
//     tls_client const tls{""};                               // whom the system trusts
//     tls_client::stream stream{socket, tls.context()};
//     co_await tls.shake_hands(stream, "hooks.example");
//
// Thread safety: const functions from any thread; a stream belongs to one call. Lifetimes: the
// client outlives its streams. Errors: errc::invalid_argument for a file without certificates; a
// handshake throws std::runtime_error with what is wrong, or the socket's own failure.
#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

namespace recount::http {

class tls_client {
public:
    using stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>;

    // Empty: the certificates that the system trusts; else only those of this file.
    explicit tls_client(std::string ca_file);

    // What a stream is made with.
    [[nodiscard]] boost::asio::ssl::context& context() const noexcept { return context_; }
    // `host`: a name, or an address without brackets, which the certificate has to be for.
    boost::asio::awaitable<void> shake_hands(stream& with, std::string host) const;

private:
    mutable boost::asio::ssl::context context_;
    std::string trusted_;   // as it is said in a sentence
};

}  // namespace recount::http
