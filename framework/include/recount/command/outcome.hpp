// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What became of a command: accepted, or a rejection by the domain. Failures are thrown.
//
//     auto outcome = bank.dispatch(withdraw{{"a-1"}, {8000, "EUR"}});
//     if (!outcome) return say(outcome.rejected().code);       // "overdrawn"
//     wait_for(outcome.value().position);
//
// Thread safety: values. Lifetimes: they own what they hold. Errors: value() of a rejection
// throws errc::refused; rejected() of an acceptance is a bug, and asserts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <recount/aggregate/decision.hpp>
#include <recount/log/commit.hpp>

namespace recount {

struct accepted {
    std::string stream;
    recount::version version = 0;      // of the stream after the command
    recount::position position = 0;    // the knowledge position that shows it
    std::vector<uuid> events;          // none: the command changed nothing
    bool repeated = false;             // known before: this is its first result
    // Hand it to a reader to see at least this: the position as text.
    [[nodiscard]] std::string token() const { return std::to_string(position); }
};

// {"accepted":true,"stream":…,"version":…,"position":…,"token":…,"repeated":…,"events":[…]}: what
// the command line prints and HTTP answers.
[[nodiscard]] std::string to_json(accepted const& yes);

class [[nodiscard]] outcome {
public:
    outcome(accepted yes) : result_{std::move(yes)} {}
    outcome(rejection no) : result_{std::move(no)} {}

    [[nodiscard]] explicit operator bool() const noexcept { return result_.index() == 0; }
    // Throws errc::refused, with the rejection's code, if the command was rejected. So `.value();`
    // is the way to say that a command must be accepted, whatever comes of it.
    accepted const& value() const;
    [[nodiscard]] rejection const& rejected() const;

private:
    std::variant<accepted, rejection> result_;
};

struct command_options {
    // One of these makes the command idempotent; without, a fresh id is made.
    std::optional<uuid> id{};
    std::string key{};                       // any text: an HTTP Idempotency-Key, a file's row
    std::string actor{};
    std::optional<uuid> correlation{};       // default: the command's id
    std::optional<uuid> causation{};
    std::optional<version> expected{};       // of its stream; 0: no stream

    // Takes a key as callers from outside give it: a UUID with its low 16 bits zero is the id
    // itself (an outcome's first event has it), any other text a key.
    void identify_by(std::string text);
};

}  // namespace recount
