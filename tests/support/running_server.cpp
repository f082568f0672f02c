// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "support/running_server.hpp"

#include <array>
#include <stdexcept>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace recount::tests {

namespace {

constexpr int wait_ms = 20'000;

http::server_options on_free_port(http::server_options options) {
    options.port = 0;
    return options;
}

}  // namespace

raw_client::raw_client(std::uint16_t port, int receive_buffer)
    : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    if (receive_buffer > 0) {
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    }
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0) {
        ::close(socket_);
        throw std::runtime_error{"cannot connect"};
    }
}

raw_client::~raw_client() { ::close(socket_); }

bool raw_client::send(std::string_view bytes) {
    while (!bytes.empty()) {
        pollfd ready{socket_, POLLOUT, 0};
        if (::poll(&ready, 1, wait_ms) != 1) throw std::runtime_error{"the server does not read"};
        auto const size = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (size < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
}

void raw_client::finish_sending() { ::shutdown(socket_, SHUT_WR); }

bool raw_client::receive() {
    std::array<char, 65'536> bytes{};
    pollfd ready{socket_, POLLIN, 0};
    if (::poll(&ready, 1, wait_ms) != 1) throw std::runtime_error{"the server says nothing"};
    auto const size = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (size <= 0) return false;
    received_.append(bytes.data(), static_cast<std::size_t>(size));
    return true;
}

std::string raw_client::read_until(std::string_view words) {
    for (;;) {
        auto const at = received_.find(words);
        if (at != std::string::npos) {
            auto const text = received_.substr(0, at + words.size());
            received_.erase(0, text.size());
            return text;
        }
        if (!receive()) throw std::runtime_error{"the connection ended after: " + received_};
    }
}

raw_answer raw_client::answer(bool with_body) {
    raw_answer read;
    read.head = read_until("\r\n\r\n");
    read.status = std::stoi(read.head.substr(9, 3));
    auto const length = read.head.find("Content-Length: ");
    if (!with_body || length == std::string::npos) return read;
    auto const size = std::stoul(read.head.substr(length + 16));
    while (received_.size() < size) {
        if (!receive()) throw std::runtime_error{"the connection ended in a body"};
    }
    read.body = received_.substr(0, size);
    received_.erase(0, size);
    return read;
}

std::string raw_client::rest() {
    while (receive()) {
    }
    return std::exchange(received_, {});
}

running_server::running_server(http::server_options options, http::handler answer,
                               recount::log* feed)
    : server_{on_free_port(std::move(options)), std::move(answer), feed == nullptr ? log_ : *feed},
      is_over_{over_.get_future()} {
    thread_ = std::thread{[this] {
        server_.run();
        over_.set_value();
    }};
}

running_server::~running_server() {
    server_.stop();
    thread_.join();
}

bool running_server::ended(std::chrono::milliseconds time_limit) {
    return is_over_.wait_for(time_limit) == std::future_status::ready;
}

http::reply echo(http::request const& asked) {
    return http::response{.content_type = "text/plain",
                          .body = asked.method + " " + asked.target + " " + asked.body};
}

commit one_event(std::string const& stream, std::string payload) {
    commit one;
    one.events.push_back({stream_name{stream}, "account.opened", 1,
                          json_text::trusted(std::move(payload)), {}});
    return one;
}

}  // namespace recount::tests
