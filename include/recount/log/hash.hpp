// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The hash chain of a stream and the links between batches, exactly as docs/reference/hash.md
// specifies them. Pure functions over the bytes as stored.
//
//     auto previous = recount::stream_genesis(store_id, "account-a-1");
//     for (auto const& e : events) {
//         if (recount::event_hash(previous, e) != e.hash) …
//         previous = e.hash;
//     }
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include <recount/core/sha256.hpp>
#include <recount/log/event.hpp>

namespace recount {

[[nodiscard]] digest stream_genesis(uuid const& store_id, std::string_view stream);

// What an event's hash covers; views into the caller's bytes.
struct hashed_event {
    std::string_view stream;
    recount::version version = 0;
    uuid id;
    std::string_view type;
    int schema_version = 0;
    std::optional<timestamp> effective_at;
    std::optional<std::string_view> command;
    std::string_view meta;
    std::string_view payload;
};
[[nodiscard]] digest event_hash(digest const& previous, hashed_event const& event);
// With the SHA-256 of its payload, which stands for the payload itself.
[[nodiscard]] digest event_hash(digest const& previous, hashed_event const& event,
                                digest const& payload_hash);
[[nodiscard]] digest event_hash(digest const& previous, recorded_event const& event);

[[nodiscard]] digest link_genesis(uuid const& store_id);

struct linked_row {
    position commit_last = 0;
    digest hash{};
};
// One batch: rows from `first` to `last`, in order of position.
[[nodiscard]] digest link_hash(digest const& previous, position first, position last,
                               timestamp recorded_at, std::span<linked_row const> rows);

}  // namespace recount
