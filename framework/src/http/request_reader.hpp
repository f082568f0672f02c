// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Bytes in, requests out: a state machine without a socket. The head is judged by judge_head, and
// what passes is read once more by Beast, which also takes the chunks of a body apart; if the two
// do not agree, the request is refused.
//
//     request_reader reader{{}};
//     while (reader.phase() < read_phase::complete) reader.feed(next_bytes());
//     if (reader.phase() == read_phase::complete) answer(reader.take());
//
// What follows a request is kept, and read as the next one after `take`. Once a request is refused
// nothing is read any more. Holds at most a head, a body and one read's bytes.
// Thread safety: one thread at a time. Errors: std::bad_alloc; the rest is a refusal.
#pragma once

#include <memory>

#include "http/head_guard.hpp"

namespace recount::http::detail {

enum class read_phase : std::uint8_t { idle, head, body, complete, refused };

struct read_limits {
    std::size_t header_bytes_max = 16 * 1'024;
    head_limits head{};
};

// What the transport needs of a head beside the request itself.
struct request_manners {
    bool keep_alive = true;
    int minor_version = 1;
};

class request_reader {
public:
    explicit request_reader(read_limits limits);
    ~request_reader();

    void feed(std::string_view bytes);
    [[nodiscard]] read_phase phase() const noexcept { return phase_; }
    // Of the last request that was complete or, if its head was judged, refused.
    [[nodiscard]] request_manners manners() const noexcept;
    // The client waits for "100 Continue" before it sends the body. True once a request.
    [[nodiscard]] bool take_expectation() noexcept;
    // The complete request; then `phase` tells of the next one.
    [[nodiscard]] request take();
    // In phase `refused`.
    [[nodiscard]] refusal const& why() const noexcept { return why_; }

private:
    struct body_parser;

    read_limits limits_;
    std::string buffer_;            // not read yet
    std::size_t scanned_ = 0;       // of buffer_, in phase head
    bool empty_line_taken_ = false;
    read_phase phase_ = read_phase::idle;
    request_head head_;
    refusal why_;
    std::unique_ptr<body_parser> parser_;

    void advance();
    void refuse(refusal why);
    [[nodiscard]] bool begin_head();
    [[nodiscard]] bool read_head();
    void read_body();
};

}  // namespace recount::http::detail
