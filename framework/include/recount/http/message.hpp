// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A request as a handler sees it, and what it answers: plain values, no socket in sight.
//
//     recount::http::reply hello(recount::http::request const& r) {
//         if (r.path != std::vector<std::string>{"hello"}) return recount::http::problem(…);
//         return recount::http::response{.body = R"({"hello":"world"})"};
//     }
//
// Lifetimes: values own their bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <recount/log/log.hpp>
#include <recount/projection/row_changes.hpp>

namespace recount::http {

using name_value = std::pair<std::string, std::string>;

struct request {
    std::string method;                 // as sent; HEAD comes as "GET", its body is left out
    std::string target;                 // as sent, for logs and `instance`
    // Decoded segments: "streams", "account-a/1", "events". "/" has none, "/console/" ends with "".
    std::vector<std::string> path;
    std::vector<name_value> query;      // decoded, in order
    std::vector<name_value> headers;    // names in lower case, in order
    std::string body;

    // The first of that name, nullptr if there is none. Header names in lower case.
    [[nodiscard]] std::string const* header(std::string_view name) const noexcept;
    [[nodiscard]] std::string const* parameter(std::string_view name) const noexcept;
};

// The transport sets Content-Length, Connection and, where missing, Cache-Control: no-store
// and X-Content-Type-Options. A header that cannot be sent makes the answer a 500.
struct response {
    int status = 200;
    std::string content_type = "application/json";
    std::vector<name_value> headers{};
    std::string body{};
};

// The log as its rows are; or as those who keep something by it are told of corrections
// (recount/restructure/changes.hpp, append_only.hpp).
enum class feed_form : std::uint8_t { recorded, changes, append_only };

// Events as they come in, as server-sent events: the transport reads the feed from `after` on and
// goes on until the client leaves or the server stops. `id:` is the position, `data:` the envelope;
// of the other forms `id:` is `k.ordinal`, or `k` with the data {"mark":k}: all up to k was told.
struct live_events {
    position after = 0;
    feed_filter filter{};
    recount::log* feed = nullptr;   // one of the server's; nullptr: its first
    feed_form as = feed_form::recorded;
    std::optional<std::uint32_t> ordinal{};   // within `after`, which then is a k; not of recorded
    // In place of events the changes of rows, as they are read behind a mark; `id:` as that of the
    // other forms. `feed` then only says when to look.
    std::function<row_changes_page(history::change_mark const&, std::size_t)> rows{};
};

using reply = std::variant<response, live_events>;

// Runs on one of the server's worker threads and may block. What it throws is answered as a
// problem: recount::error by its code, anything else as 500 without a detail.
using handler = std::function<reply(request const&)>;

}  // namespace recount::http
