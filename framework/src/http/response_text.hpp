// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A response as bytes. The transport's own headers are set here: Content-Length, Connection,
// Cache-Control: no-store unless the handler set one, X-Content-Type-Options: nosniff.
//
//     auto const bytes = response_text(answer, {.keep_alive = true});
//     if (!bytes) …               // a header that would break the message
#pragma once

#include <optional>
#include <string>

#include <recount/http/message.hpp>

namespace recount::http::detail {

struct response_manners {
    bool keep_alive = false;
    int minor_version = 1;      // of the request
    bool head_only = false;     // the answer to HEAD: headers as for GET
    bool open_ended = false;    // no Content-Length: it ends with the connection
};

// Nothing if the status is no final one, or a header's name or value is none, or a header is one
// of the transport's own.
[[nodiscard]] std::optional<std::string> response_text(response const& answer,
                                                       response_manners const& manners);

}  // namespace recount::http::detail
