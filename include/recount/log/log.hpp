// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The log: one interface over PostgreSQL (recount/postgres/log.hpp) and memory
// (recount/memory/log.hpp), which behave the same (tests/conformance).
//
//     auto done = log.append(commit);                              // throws, or is on disk
//     for (auto const& e : log.read_stream(name).events) …         // one stream, in order
//     auto page = log.read_feed(checkpoint, {.categories = {"account"}});
//     checkpoint = page.through;                                   // never misses, never repeats
//
// Positions are dense and commit-ordered: a reader that has seen `through` has seen everything up
// to it, for ever. Pages of the feed never cut a commit in two.
// Thread safety: every function from any thread. Errors: recount::error as each function says;
// any of them may throw errc::database_unreachable or timed_out on PostgreSQL.
// Lifetimes: results own their bytes.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <recount/core/limits.hpp>
#include <recount/log/commit.hpp>
#include <recount/log/seals.hpp>
#include <recount/log/snapshots.hpp>

namespace recount {

enum class direction : std::uint8_t { forward, backward };

struct stream_read {
    version from = 0;          // first version wanted; 0: the beginning (or, backward, the end)
    recount::direction direction = direction::forward;
    std::size_t limit = limits::page_events_max;
};

struct streams_read {
    std::vector<version> from{};   // first version wanted of each stream in turn; none: from 1 on
    std::size_t limit = 0;         // events of each stream; 0: all
};

struct stream_page {
    std::vector<recorded_event> events;
    position as_of = 0;        // the head of the log that this page was read at
    bool more = false;         // the limit cut it short
};

// Empty members filter nothing. Several types or categories: any of them.
struct feed_filter {
    std::vector<std::string> categories{};
    std::vector<std::string> types{};
    std::optional<stream_name> stream{};
    friend bool operator==(feed_filter const&, feed_filter const&) = default;
};

struct feed_page {
    std::vector<recorded_event> events;
    position through = 0;      // everything up to here was looked at: the next `after`
    position head = 0;         // the end of the log when it was read
    bool caught_up = false;    // through == head
};

struct log_head {
    recount::position position = 0;
    digest hash{};             // of the event there; zero at position 0
};

struct stream_summary {
    std::string name;
    recount::version version = 0;
    position created_position = 0;
};

struct category_summary {
    std::string name;
    std::int64_t streams = 0;  // counted up to limits::counted_streams_max
    bool more = false;         // and there are more than that
};

struct type_summary {
    std::string type;
    int schema_version = 0;
    position first_position = 0;
};

class stored_log;

class log {
public:
    log() = default;
    log(log const&) = delete;
    log& operator=(log const&) = delete;
    virtual ~log() = default;

    [[nodiscard]] virtual uuid store_id() const = 0;
    [[nodiscard]] virtual std::string const& store_name() const = 0;

    // Throws the error a failed commit has: conflict, command_id_taken, limit_exceeded, refused (it
    // happened in a sealed period) …
    appended append(commit const& one);
    // Many independent commits in as few transactions as the limits allow, judged in order; the
    // results are in the same order. Throws only if nothing could be attempted.
    [[nodiscard]] virtual std::vector<append_result> append_batch(
        std::span<commit const> commits) = 0;

    // Appends what `make` returns, which is called, perhaps more than once, while no other
    // restructure of the store can be appended: so the history that it judges is that of the
    // commit, but for events that others append meanwhile. What it throws reaches the caller.
    // Only here a commit may hold restructures (recount/restructure/append.hpp makes them).
    virtual appended append_restructure(std::function<commit()> const& make) = 0;

    // Closes a period (recount/log/seals.hpp), or opens it again. Throws errc::invalid_argument for
    // a seal without actor and reason, of no category of yours, or beyond the log; errc::refused if
    // this log keeps none. Waits for a restructure that is being made.
    virtual recorded_seal seal(new_seal const& wanted);
    // All that were ever made, oldest first.
    [[nodiscard]] virtual std::vector<recorded_seal> list_seals();

    // A stream that does not exist is an empty page.
    [[nodiscard]] virtual stream_page read_stream(stream_name const& stream,
                                                  stream_read const& options = {}) = 0;
    // Many streams in one go, each with all its events or those that the options ask for; a stream
    // without such events is missing. Throws errc::invalid_argument unless `from` is empty or has a
    // version for each stream. A stream that is named twice counts once, as it is named first.
    [[nodiscard]] virtual std::map<std::string, std::vector<recorded_event>> read_streams(
        std::span<stream_name const> streams, position* as_of = nullptr,
        streams_read const& options = {}) = 0;

    // About `limit` positions after `after`, extended to the end of a commit.
    [[nodiscard]] virtual feed_page read_feed(position after, feed_filter const& filter = {},
                                              std::size_t limit = limits::page_events_default) = 0;

    [[nodiscard]] virtual std::optional<recorded_event> find_event(uuid const& id) = 0;
    // The remembered commits among `ids`, by id.
    [[nodiscard]] virtual std::map<uuid, remembered_commit> find_commits(
        std::span<uuid const> ids) = 0;

    [[nodiscard]] virtual log_head head() = 0;
    // The hash of the event at `at`, nothing if the log does not reach it. Zero at 0.
    [[nodiscard]] virtual std::optional<digest> hash_at(position at) = 0;
    // Returns as soon as the head is past `after`, or after `timeout`; the head it last saw.
    // Does not poll busily: it sleeps until an append or, at the latest, the next look.
    [[nodiscard]] virtual position wait(position after, std::chrono::milliseconds timeout) = 0;

    // Lists in order of names, after a name, at most `limit`.
    [[nodiscard]] virtual std::vector<stream_summary> list_streams(
        std::string_view category, std::string_view after = {}, std::size_t limit = 1'000) = 0;
    // Cost: of a category what it takes to count, not what it has; of streams, the page.
    [[nodiscard]] virtual std::vector<category_summary> list_categories() = 0;
    [[nodiscard]] virtual std::vector<type_summary> list_types() = 0;

    // The rows as they are stored, for a verifier (recount/log/stored.hpp). Throws errc::refused
    // if this log cannot show them.
    [[nodiscard]] virtual std::unique_ptr<stored_log> stored();
    // Nothing if this log keeps none. Lives as long as the log.
    [[nodiscard]] virtual snapshot_store* snapshots() noexcept { return nullptr; }
};

}  // namespace recount
