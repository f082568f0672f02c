// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Gives up on a server, or a way to it, that has gone silent. libpq waits for an answer for ever:
// time limits of the server do not reach a client whose server is stopped or behind a dead proxy,
// and those of TCP see only peers that do not acknowledge. When the time is over the socket is shut
// down, so that libpq finds the connection lost.
//
//     answer_limit const limit{line, std::chrono::seconds{15}};
//     auto answer = wait_for_the_server();       // fails, at the latest, after 15 s
//
// Thread safety: objects from any thread; one thread watches for all of them, from the first on.
// Cost: a lock and an entry in a set, twice; nothing if the time is zero (no limit).
#pragma once

#include <chrono>
#include <cstdint>

namespace recount::postgres::detail {

// A second descriptor of a connection's socket, so that its number stays ours when libpq closes its
// own.
class line {
public:
    line() = default;
    explicit line(int socket);
    ~line();
    line(line&& other) noexcept;
    line& operator=(line&& other) noexcept;
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_ = -1;
};

class answer_limit {
public:
    answer_limit(line const& on, std::chrono::milliseconds time);
    ~answer_limit();
    answer_limit(answer_limit const&) = delete;
    answer_limit& operator=(answer_limit const&) = delete;

private:
    std::chrono::steady_clock::time_point end_{};
    int descriptor_ = -1;
};

}  // namespace recount::postgres::detail
