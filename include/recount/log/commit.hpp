// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A commit: one append, to one stream or several, all or nothing.
//
//     recount::commit c;
//     c.events.push_back({account, "account.opened", 1, payload, {}});
//     c.expectations.push_back({account, recount::expectation::no_stream()});
//     recount::appended done = log.append(c);
//
// The id makes it idempotent for ever: the same id with the same content has the first result
// again; with other content or another actor it is refused (errc::command_id_taken).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <recount/core/error.hpp>
#include <recount/log/event.hpp>

namespace recount {

// What must be true of a stream for an append to go through; judged on the recorded stream.
class expectation {
public:
    enum class kind : std::uint8_t { any, no_stream, stream_exists, exactly };

    [[nodiscard]] static expectation any() noexcept { return {kind::any, 0}; }
    [[nodiscard]] static expectation no_stream() noexcept { return {kind::no_stream, 0}; }
    [[nodiscard]] static expectation stream_exists() noexcept { return {kind::stream_exists, 0}; }
    // exactly(0) is no_stream. Throws errc::invalid_argument for a negative version.
    [[nodiscard]] static expectation exactly(version v);

    [[nodiscard]] bool holds_at(version actual) const noexcept;  // 0: no stream
    [[nodiscard]] std::string text() const;                      // "version 7", "no stream"
    [[nodiscard]] kind what() const noexcept { return kind_; }
    [[nodiscard]] version exact_version() const noexcept { return version_; }  // of `exactly`

private:
    expectation(kind k, version v) noexcept : kind_{k}, version_{v} {}
    kind kind_;
    version version_;
};

struct stream_expectation {
    stream_name stream;
    expectation expected;
    // The hash of the stream's last event, if the caller knows it. After a restore or a failover
    // the same version may stand for other events: then the expectation does not hold either.
    std::optional<digest> last_hash{};
};

struct commit {
    uuid id = new_command_id();                    // low 16 bits zero
    std::optional<json_text> command;              // {"name","version","payload"}, canonical
    metadata meta;
    std::vector<new_event> events;                 // 1 to 32,767, in order
    std::vector<stream_expectation> expectations;  // also of streams that are only checked
    // Only if the commit of this id, earlier in the same append_batch, is written by it: a run of
    // commits that were decided one on the other. Else it is a conflict.
    std::optional<uuid> follows{};
    // Types and categories that begin with $ are the framework's, and refused in any other commit:
    // restructures, and what an export brings back.
    bool of_framework = false;
};

struct appended_event {
    std::string stream;
    recount::version version = 0;
    uuid id;
    digest hash{};
};

struct appended {
    position first = 0;
    position last = 0;                 // the knowledge position that this commit makes
    timestamp recorded_at;
    std::vector<appended_event> events;
    bool repeated = false;             // true: this id was known, and this is its first result
};

// Each commit of a batch has a result of its own.
using append_result = std::variant<appended, error>;

// A commit as the log remembers it, found by its id.
struct remembered_commit {
    appended result;
    std::vector<recorded_event> rows;
};

// True if `rows` are what `attempt` would have written: the same actor and, where the attempt
// carries a command, the same command, else the same events.
[[nodiscard]] bool same_commit(commit const& attempt, std::vector<recorded_event> const& rows);

}  // namespace recount
