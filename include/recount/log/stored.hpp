// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a store holds, row by row, as it holds it: what a verifier reads (recount/provenance). Past
// every cache, decoder and convenience of the log, since whoever checks must not ask the suspect.
//
//     auto const stored = log.stored();
//     auto const end = stored->ends();
//     for (auto const& row : stored->rows(1, 1'001).events) …
//
// Thread safety: `rows` may be called by one thread while another one calls the rest.
// Lifetimes: what views point to lives as long as its page. Errors: as recount::log.
// Cost: a page is one query; nothing is kept.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <recount/log/event.hpp>

namespace recount {

// One row of the log. A hash that does not have 32 bytes is nothing.
struct stored_event {
    recount::position position = 0;
    std::int64_t stream_id = 0;
    recount::version version = 0;
    uuid id;
    int ordinal = 0;
    std::string_view type;
    int schema_version = 0;
    recount::position commit_last = 0;
    timestamp recorded_at;
    std::optional<timestamp> effective_at;
    std::optional<std::string_view> command;
    std::string_view payload;
    std::string_view meta;
    std::optional<digest> hash;
};

struct stored_page {
    std::vector<stored_event> events;
    std::shared_ptr<void const> bytes;   // what the views point to
};

struct stored_stream {
    std::int64_t id = 0;
    std::string name;
    std::string category;
    int slice = 0;
    position created_position = 0;
};

// A stream as it was before one of its rows: its own row, and its event of the version before.
struct stored_version {
    std::int64_t stream_id = 0;
    recount::version version = 0;
};
struct stored_before {
    stored_version of;
    std::optional<stored_stream> stream;
    std::optional<position> at;          // of the event before; nothing: there is none
    std::optional<digest> hash;
};

struct stored_link {
    position first = 0;
    position last = 0;
    timestamp recorded_at;
    std::optional<digest> link;
};

struct stored_type {
    std::string type;
    int schema_version = 0;
    position first_position = 0;
    // The type of the row there: a restructure writes types that no row has.
    std::optional<std::string> row_type;
};

// Where everything begins and ends, as of one moment; 0 where there is nothing.
struct stored_ends {
    position log_first = 0;
    position log_last = 0;
    position links_last = 0;
};

class stored_log {
public:
    stored_log() = default;
    stored_log(stored_log const&) = delete;
    stored_log& operator=(stored_log const&) = delete;
    virtual ~stored_log() = default;

    [[nodiscard]] virtual uuid store_id() const = 0;
    [[nodiscard]] virtual std::string const& store_name() const = 0;
    [[nodiscard]] virtual stored_ends ends() = 0;

    // Every row with first <= position < past, by position.
    [[nodiscard]] virtual stored_page rows(position first, position past) = 0;
    // The lowest position from `from` on; nothing if there is none.
    [[nodiscard]] virtual std::optional<position> next_row(position from) = 0;
    // Of one stream, after a version, by version.
    [[nodiscard]] virtual stored_page stream_rows(std::int64_t stream_id, version after,
                                                  std::size_t limit) = 0;

    // Links with last > after, by their last position. The genesis is the one at 0.
    [[nodiscard]] virtual std::vector<stored_link> links(position after, std::size_t limit) = 0;
    // The link with the highest last position that is not above `at`.
    [[nodiscard]] virtual std::optional<stored_link> link_until(position at) = 0;

    // In any order, one for each that is asked for.
    [[nodiscard]] virtual std::vector<stored_before> before(
        std::span<stored_version const> versions) = 0;
    [[nodiscard]] virtual std::optional<stored_stream> stream(std::string_view name) = 0;
    // How many streams have an id in (after, through], or one where the log has no position.
    [[nodiscard]] virtual std::int64_t count_streams(position after, position through) = 0;
    // Streams, at most `limit`, that have no event of version 1 at their position.
    [[nodiscard]] virtual std::vector<stored_stream> streams_without_events(std::size_t limit) = 0;
    [[nodiscard]] virtual std::vector<stored_type> types() = 0;
};

}  // namespace recount
