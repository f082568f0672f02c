// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Failures. A business "no" is a value (recount::rejection); everything else that goes wrong is
// thrown as recount::error: one type, with a code to act on and a sentence to read.
//
//     try { log.append(commit); }
//     catch (recount::error const& e) {
//         if (e.code() == recount::errc::conflict) reload_and_try_again();
//         else throw;
//     }
//
// The sentence (`what()`) is safe to show to a client: it never holds text of the server. What the
// database said is kept apart in `server_text()`, for logs.
#pragma once

#include <cstdint>
#include <optional>
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>

namespace recount {

enum class errc : std::uint8_t {
    invalid_argument,      // a name, a number or an option that can never be right
    invalid_json,          // malformed JSON, or JSON that does not fit its description
    limit_exceeded,        // larger, deeper or more than a named limit allows
    out_of_range,          // arithmetic that leaves its type: overflow, two currencies
    conflict,              // the expected version is not the one found
    command_id_taken,      // the id is known, with another command or another actor
    not_found,             // no such stream, event, projection, command
    unknown_type,          // an event type or version that this program does not know
    refused,               // will not start or act: unsafe settings, missing grant, other format
    fenced,                // another worker owns this work now
    corrupted,             // stored bytes do not agree with their hash or checkpoint
    database_unreachable,  // no connection could be had
    database_failed,       // the server refused or failed a statement
    timed_out,             // no answer within the limit
    in_doubt,              // a connection was lost at COMMIT; run the same append again
    stopped,               // the component is shutting down
};

[[nodiscard]] std::string_view to_string(errc code) noexcept;

// What an append found where it expected something else.
struct conflict_details {
    std::string stream;
    std::string expected;          // "version 7", "no stream", "an existing stream"
    std::int64_t actual_version = 0;  // 0: the stream does not exist
};

// What the database said. `query` is the name of the query value, never its text.
struct server_details {
    std::string sqlstate;  // five characters, empty when there was none
    std::string query;
    std::string text;
};

class error : public std::runtime_error {
public:
    error(errc code, std::string const& sentence) : std::runtime_error{sentence}, code_{code} {}
    error(errc code, std::string const& sentence, server_details server, bool retryable = false)
        : std::runtime_error{sentence}, code_{code}, retryable_{retryable},
          server_{std::move(server)} {}
    explicit error(conflict_details conflict);

    [[nodiscard]] errc code() const noexcept { return code_; }
    // True when the same call may succeed if it is simply made again.
    [[nodiscard]] bool retryable() const noexcept { return retryable_; }
    [[nodiscard]] std::string const& sqlstate() const noexcept { return server_.sqlstate; }
    [[nodiscard]] std::string const& query() const noexcept { return server_.query; }
    [[nodiscard]] std::string const& server_text() const noexcept { return server_.text; }
    // Set exactly when code() is errc::conflict.
    [[nodiscard]] std::optional<conflict_details> const& conflict() const noexcept {
        return conflict_;
    }

private:
    errc code_;
    bool retryable_ = false;
    server_details server_;
    std::optional<conflict_details> conflict_;
};

// A bug, not a failure: prints the sentence with its place and aborts, in release builds too.
void assert_that(bool holds, char const* sentence,
                 std::source_location where = std::source_location::current()) noexcept;

}  // namespace recount
