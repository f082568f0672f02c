// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// One request on its way through the API: what the handlers of the routes ask of it.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recount/http/api.hpp>
#include <recount/http/problem.hpp>
#include <recount/saga/counts.hpp>

namespace recount::http {

class told_readers;

// Thrown by what looks at a request, and answered as the problem that it is.
struct refusal {
    problem_details what;
};
[[nodiscard]] refusal bad_request(std::string detail, std::string code = "invalid_argument");

struct api_call {
    application& app;
    api_options const& options;
    request const& asked;
    std::atomic<std::size_t>& waiting;        // how many wait for a projection
    told_readers& readers;                    // between two pages
    saga_counter& sagas;                      // of this store
    std::vector<std::string_view> places{};   // the values of the pattern's {…}, in their order

    // What stands before the paths of this store: nothing if it is the only one.
    [[nodiscard]] std::string base() const;

    [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;
    // Throws a refusal for what is no whole number of at least `least`.
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name,
                                                     std::int64_t least) const;
    // Of `limit` or `$limit`: as asked, at most page_max; page_default when it is not given.
    [[nodiscard]] std::size_t limit(std::string_view name) const;
    // Throws a refusal for a header that is there twice: which of the two was meant?
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
    [[nodiscard]] std::optional<uuid> uuid_header(std::string_view name) const;
    [[nodiscard]] std::optional<std::string> idempotency_key() const;
    // Of the header that says who asks, where one is configured; empty: nobody said.
    [[nodiscard]] std::string actor() const;
    // Asked for even where it is clear: a web page of another origin cannot send it unasked.
    void require_json_body() const;
};

[[nodiscard]] response json_reply(std::string body, std::vector<name_value> headers = {});
// `"7"`
[[nodiscard]] std::string etag_of(version v);
// Throws a refusal naming what was found, unless `text` is a whole number from `least` on.
[[nodiscard]] std::int64_t whole_number(std::string_view name, std::string_view text,
                                        std::int64_t least);
// `[a,b]` of JSON texts, without the brackets.
void append_item(std::string& to, std::string_view json);
[[nodiscard]] std::string json_quoted(std::string_view text);

}  // namespace recount::http
