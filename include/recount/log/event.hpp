// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Events as they are handed to the log and as the log gives them back.
//
//     recount::new_event e{stream_name{"account-a-1"}, "account.opened", 1, payload};
//     recount::recorded_event r = log.read_stream(e.stream).events.front();
//     auto envelope = recount::to_json(r);     // the one JSON form on every surface
//
// Payload and metadata are the bytes as they were written, not a parsed form (docs/adr/).
// Thread safety: values. Lifetimes: they own what they hold. Errors: reading metadata back throws
// errc::invalid_json, which names the key.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <recount/core/sha256.hpp>
#include <recount/core/time.hpp>
#include <recount/core/uuid.hpp>
#include <recount/describe/json.hpp>
#include <recount/log/stream_name.hpp>

namespace recount {

using position = std::int64_t;  // in the log: 1, 2, 3 … without a gap; 0 is before the first
using version = std::int64_t;   // in a stream: 1, 2, 3 …

struct new_event {
    stream_name stream;
    std::string type;                         // stored name, "account.opened"
    int schema_version = 1;
    json_text payload;
    std::optional<timestamp> effective_at;    // when it happened; nothing: when it is recorded
};

// What is known of a commit beside its events; the same for each of them. Left out when empty.
struct metadata {
    std::optional<uuid> correlation;          // the conversation it belongs to
    std::optional<uuid> causation;            // the event or command that led to it
    std::optional<std::string> actor;         // who asked for it
    std::optional<position> basis;            // the log the decision saw; in a bulk run also
                                              // the commits before it in the run
    std::optional<std::string> app;           // program and version
    std::optional<std::string> schema_id;
    std::optional<std::map<std::string, std::string>> x;  // the user's own
};

struct recorded_event {
    recount::position position = 0;
    std::string stream;
    recount::version version = 0;
    uuid id;
    std::string type;
    int schema_version = 1;
    recount::position commit_last = 0;        // the last position of its commit
    timestamp recorded_at;
    std::optional<timestamp> effective_at;    // as given; `effective()` fills in the default
    std::optional<std::string> command;       // canonical JSON, only in the first row of a commit
    std::string payload;                      // the bytes as stored
    std::string meta;                         // the bytes as stored
    digest hash{};

    [[nodiscard]] timestamp effective() const noexcept {
        return effective_at.value_or(recorded_at);
    }
    friend bool operator==(recorded_event const&, recorded_event const&) = default;
};

// {"position":…,"stream":…,"version":…,"id":…,"type":…,"schema_version":…,"recorded_at":…,
//  "effective_at":…,"commit_last":…,"meta":…,"payload":…,"hash":…}
[[nodiscard]] std::string to_json(recorded_event const& event);

[[nodiscard]] json_text to_json(metadata const& meta);
[[nodiscard]] metadata metadata_from_json(std::string_view stored);

}  // namespace recount
