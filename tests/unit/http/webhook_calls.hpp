// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the tests of webhooks post, and servers that do with a connection what a test says.
//
//     strange_server const broken{[](auto& socket) { say(socket, "HTTP/1.1 2"); }};
//     auto const result = http::webhook({.url = url_of(broken.port())})(alert());
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <recount/http/webhook.hpp>

namespace recount::tests {

inline effect_info alert() {
    effect_info info;
    info.key = command_id_from_key("alert");
    info.type = "review.wanted";
    info.body = R"({"type":"review.wanted","schema_version":1,"payload":{"account":"ä"}})";
    return info;
}

// Takes connections on 127.0.0.1 and treats each, one after the other. A treatment that throws a
// system_error is over: the client has gone.
class strange_server {
public:
    using socket = boost::asio::ip::tcp::socket;
    explicit strange_server(std::function<void(socket&)> treat)
        : acceptor_{context_, {boost::asio::ip::address_v4::loopback(), 0}},
          thread_{[this, treat = std::move(treat)] {
              for (;;) {
                  boost::system::error_code failed;
                  socket taken{context_};
                  acceptor_.accept(taken, failed);
                  if (failed || stopping_) return;
                  try {
                      treat(taken);
                  } catch (boost::system::system_error const&) {
                      continue;
                  }
              }
          }} {}
    ~strange_server() {
        stopping_ = true;
        boost::system::error_code failed;
        socket last{context_};
        last.connect(acceptor_.local_endpoint(), failed);
        thread_.join();
    }
    strange_server(strange_server const&) = delete;
    strange_server& operator=(strange_server const&) = delete;
    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

private:
    boost::asio::io_context context_;
    boost::asio::ip::tcp::acceptor acceptor_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
};

}  // namespace recount::tests
