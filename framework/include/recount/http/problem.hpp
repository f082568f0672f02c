// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What went wrong, as RFC 9457 writes it: application/problem+json with a stable `code`.
//
//     return recount::http::problem({.status = 404, .code = "not_found",
//                                    .detail = "no stream 'account-17'"});
//     // {"type":"about:blank","title":"Not Found","status":404,"code":"not_found","detail":…}
//
// Statuses of failures: invalid_argument, invalid_json 400 · not_found 404 · command_id_taken 409 ·
// conflict 409 (412 where the request had If-Match) · limit_exceeded 413 · refused, out_of_range
// (the domain's arithmetic) 422 · database_unreachable, timed_out, in_doubt, fenced, stopped 503
// with Retry-After · the rest 500 (503 for a failure of the database that may pass), whose detail
// never holds text of the server.
#pragma once

#include <recount/http/message.hpp>

namespace recount::http {

struct problem_details {
    int status = 500;
    std::string code{};                        // "not_open"; the `type` is "about:blank"
    std::string detail{};                      // a sentence, safe to show
    std::string instance{};                    // what it is about; usually the request's target
    std::vector<name_value> members{};         // further members: name, and its value as JSON text
    std::vector<name_value> headers{};         // of the response: Retry-After, Allow …
};

[[nodiscard]] response problem(problem_details const& what);
[[nodiscard]] response problem(error const& failure);
[[nodiscard]] problem_details details_of(error const& failure);
// "Not Found"; "Unknown" for a status that this library never sends.
[[nodiscard]] std::string_view reason_of(int status) noexcept;

}  // namespace recount::http
