// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Judges the head of a request, byte for byte, before anything else reads it: what two readers
// could understand in two ways is refused (RFC 9112, section 11.2).
//
//     auto const judged = judge_head(raw, {});        // raw ends with the empty line
//     if (auto const* no = std::get_if<refusal>(&judged)) answer(no->status, no->detail);
//
// Thread safety: pure functions. Errors: values, never thrown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <recount/http/message.hpp>

#include "http/target.hpp"

namespace recount::http::detail {

// Why the transport itself does not take a request; the connection ends with it.
struct refusal {
    int status = 400;
    std::string_view code;     // of the problem: "malformed_request"
    std::string_view detail;   // a sentence
};

enum class body_framing : std::uint8_t { none, length, chunked };

struct head_limits {
    std::size_t target_bytes_max = 8 * 1'024;  // 414
    std::size_t fields_max = 100;              // 431
    std::uint64_t body_bytes_max = 1U << 20U;  // 413
};

struct request_head {
    std::string method;
    std::string target;
    parsed_target where;
    std::vector<name_value> headers;  // names in lower case
    int minor_version = 1;            // of HTTP/1
    body_framing framing = body_framing::none;
    std::uint64_t content_length = 0;
    bool keep_alive = true;
    bool expects_continue = false;
};

using judged_head = std::variant<request_head, refusal>;

// The first byte from `from` on that no head may hold: a control character other than a tab, a
// carriage return or a line feed without the other. A carriage return at the very end is not
// judged yet.
[[nodiscard]] std::optional<refusal> offence_in(std::string_view head, std::size_t from) noexcept;

[[nodiscard]] judged_head judge_head(std::string_view raw, head_limits const& limits);

}  // namespace recount::http::detail
