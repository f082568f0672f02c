// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// An HTTP/1.1 server: Beast on Asio coroutines, one thread for the sockets, a few workers for the
// handler, a limit and a deadline on everything.
//
//     recount::http::server server{{.port = 8080}, handler, log};
//     server.run([] { return recount::verb_call::stop_wanted(); });   // until asked to stop
//
// What a proxy could read in another way is refused and the connection closed: Transfer-Encoding
// other than plain `chunked` in HTTP/1.1, with Content-Length, or trailers; Content-Length repeated
// or not a plain number; no Host or two; folded header lines, bare line feeds, control characters.
// A stop is noticed within 50 ms. `run` waits for handlers: one that never returns keeps it.
// Thread safety: `stop` and `port` from any thread; `run` once. Lifetimes: the logs outlive it.
// Errors: the constructor throws errc::refused when the address cannot be bound. A client never
// brings `run` to an end.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <recount/http/message.hpp>

namespace recount::http {

struct server_options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;                       // 0: one that is free
    std::size_t workers = 8;                         // threads that run the handler
    std::size_t connections_max = 1'024;             // one more is answered 503 and closed
    std::size_t live_max = 256;                      // of them, followers of the feed
    std::size_t header_bytes_max = 16 * 1'024;       // 431
    std::size_t body_bytes_max = 1U << 20U;          // 413
    std::chrono::milliseconds header_deadline{10'000};   // from the first byte; 408
    std::chrono::milliseconds body_deadline{30'000};     // 408
    std::chrono::milliseconds idle_deadline{60'000};     // between requests; closed
    std::chrono::milliseconds write_deadline{30'000};    // a client that does not read; closed
    std::chrono::milliseconds live_heartbeat{15'000};    // a comment; so a dead peer is noticed
    std::chrono::milliseconds stop_grace{10'000};        // for requests that are being answered
};

class server {
public:
    // Binds and listens; connections wait until `run`.
    server(server_options options, handler answer, recount::log& feed);
    // Several logs that clients may follow (live_events::feed), at least one.
    server(server_options options, handler answer, std::vector<recount::log*> const& feeds);
    ~server();
    server(server const&) = delete;
    server& operator=(server const&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept;
    // Serves until `stop` is called or `stop_wanted` (asked several times a second) says so. Then
    // no connection is taken any more, requests that are being answered are finished, followers of
    // the feed get an end, and what is left after `stop_grace` is cut.
    void run(std::function<bool()> const& stop_wanted = {});
    void stop() noexcept;

private:
    struct implementation;
    std::unique_ptr<implementation> self_;
};

}  // namespace recount::http
