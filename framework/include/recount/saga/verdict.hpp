// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a saga makes of it that one of its commands was refused.
//
//     static recount::verdict failed(transfer const& t, recount::refused const& no) {
//         if (no.code == "busy" && no.attempt < 5) return recount::retry_in(1s);
//         if (no.is<credit>()) return recount::compensate();
//         if (no.is<debit>()) return recount::skip().and_send(refuse{t.id, no.code}).and_end();
//         return recount::park();
//     }
//
// `retry_in`: the same command again, later. `skip`: go on with the next one. `compensate`: the
// commands of the instance that still wait are withdrawn, and for each that was accepted and is
// compensable its undo is sent, last one first. `park`: the instance waits for a person. With
// `.and_end()` the instance has ended then. `.and_send(command)`, of skip and compensate: one more
// command, behind the undos; it must be in the saga's `commands`. A saga without `failed` parks.
// Thread safety: values.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <recount/saga/reaction.hpp>

namespace recount {

struct verdict {
    enum class kind : std::uint8_t { retry, skip, compensate, park };
    kind what = kind::park;
    duration after{0};             // of retry
    bool ends = false;
    std::vector<detail::named_object> commands{};   // of skip and compensate

    verdict() = default;
    verdict(kind k, duration d) : what{k}, after{d} {}
    // So that `recount::skip` without brackets is one, too.
    verdict(verdict (*make)()) : verdict{make()} {}                                 // NOLINT

    [[nodiscard]] verdict and_end() const {
        auto ending = *this;
        ending.ends = true;
        return ending;
    }
    template <command_type C>
    [[nodiscard]] verdict and_send(C command) const {
        auto sending = *this;
        sending.commands.push_back(detail::named_command(std::move(command)));
        return sending;
    }
};

[[nodiscard]] inline verdict retry_in(duration length) { return {verdict::kind::retry, length}; }
[[nodiscard]] inline verdict skip() { return {verdict::kind::skip, duration{0}}; }
[[nodiscard]] inline verdict compensate() { return {verdict::kind::compensate, duration{0}}; }
[[nodiscard]] inline verdict park() { return {verdict::kind::park, duration{0}}; }

[[nodiscard]] std::string_view to_string(verdict::kind k) noexcept;

struct refused {
    std::string_view command;      // its stored name
    std::string_view payload;      // the command as JSON
    std::string_view code;         // of the rejection
    std::string_view text;
    int attempt = 1;               // 1: it was sent for the first time

    template <command_type C>
    [[nodiscard]] bool is() const noexcept {
        return command == command_name_of<C>().name;
    }
    // The command itself; throws errc::invalid_json for another one.
    template <command_type C>
    [[nodiscard]] C as() const {
        return describe::from_json<C>(payload);
    }
};

}  // namespace recount
