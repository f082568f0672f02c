// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A server in this process on a free port, and clients that say exactly the bytes they are given.
//
//     running_server running{{.body_bytes_max = 100}, echo};
//     raw_client client{running.port()};
//     client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
//     CHECK(client.answer().status == 200);
#pragma once

#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include <recount/http/server.hpp>
#include <recount/memory/log.hpp>

namespace recount::tests {

struct raw_answer {
    int status = 0;
    std::string head;
    std::string body;   // as long as its Content-Length says
    [[nodiscard]] bool says(std::string_view words) const {
        return head.find(words) != std::string::npos;
    }
};

// Every wait has a limit, beyond which it throws. A server that resets a connection is seen as one
// that closes it.
class raw_client {
public:
    explicit raw_client(std::uint16_t port, int receive_buffer = 0);
    ~raw_client();
    raw_client(raw_client const&) = delete;
    raw_client& operator=(raw_client const&) = delete;

    // False if the server does not take it any more.
    bool send(std::string_view bytes);
    void finish_sending();
    [[nodiscard]] raw_answer answer(bool with_body = true);
    // What comes up to the end of these words, with them; throws if the connection ends before.
    [[nodiscard]] std::string read_until(std::string_view words);
    // All that comes until the server closes.
    [[nodiscard]] std::string rest();

private:
    int socket_ = -1;
    std::string received_;
    [[nodiscard]] bool receive();
};

class running_server {
public:
    running_server(http::server_options options, http::handler answer,
                   recount::log* feed = nullptr);
    ~running_server();
    running_server(running_server const&) = delete;
    running_server& operator=(running_server const&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return server_.port(); }
    [[nodiscard]] memory::log& log() noexcept { return log_; }
    void stop() noexcept { server_.stop(); }
    // False if it still runs after the time limit.
    [[nodiscard]] bool ended(std::chrono::milliseconds time_limit = std::chrono::seconds{20});

private:
    memory::log log_;
    http::server server_;
    std::promise<void> over_;
    std::future<void> is_over_;
    std::thread thread_;
};

// A latch that a handler waits at, with a limit.
class gate {
public:
    void open() { promise_.set_value(); }
    [[nodiscard]] bool passed() const {
        return opened_.wait_for(std::chrono::seconds{20}) == std::future_status::ready;
    }

private:
    std::promise<void> promise_;
    std::shared_future<void> opened_{promise_.get_future().share()};
};

[[nodiscard]] inline std::string get(std::string_view target, std::string_view lines = {}) {
    return "GET " + std::string{target} + " HTTP/1.1\r\nHost: a\r\n" + std::string{lines} + "\r\n";
}

// Answers with the method, the target and the body.
[[nodiscard]] http::reply echo(http::request const& asked);

// A commit of one event.
[[nodiscard]] commit one_event(std::string const& stream, std::string payload = "{}");

}  // namespace recount::tests
