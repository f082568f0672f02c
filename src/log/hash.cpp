// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/log/hash.hpp>

#include <recount/core/error.hpp>

namespace recount {

digest stream_genesis(uuid const& store_id, std::string_view stream) {
    thread_local hasher one;
    return one.raw("recount/stream/1").field(store_id.octets).field(stream).finish();
}

digest event_hash(digest const& previous, hashed_event const& event) {
    return event_hash(previous, event, sha256(event.payload));
}

digest event_hash(digest const& previous, hashed_event const& event, digest const& payload_hash) {
    thread_local hasher one;
    one.raw("recount/event/1").raw(previous).field(event.stream).integer(event.version);
    one.field(event.id.octets).field(event.type).integer(event.schema_version);
    if (event.effective_at) {
        one.field_integer(microseconds_since_epoch(*event.effective_at));
    } else {
        one.field(std::string_view{});
    }
    one.field(event.command.value_or(std::string_view{})).field(event.meta);
    return one.raw(payload_hash).finish();
}

digest event_hash(digest const& previous, recorded_event const& event) {
    return event_hash(previous, hashed_event{event.stream, event.version, event.id, event.type,
                                             event.schema_version, event.effective_at,
                                             event.command, event.meta, event.payload});
}

digest link_genesis(uuid const& store_id) {
    thread_local hasher one;
    return one.raw("recount/links/1").field(store_id.octets).finish();
}

digest link_hash(digest const& previous, position first, position last, timestamp recorded_at,
                 std::span<linked_row const> rows) {
    assert_that(static_cast<position>(rows.size()) == last - first + 1,
                "a link covers every row of its batch");
    thread_local hasher one;
    one.raw("recount/link/1").raw(previous).integer(first).integer(last);
    one.integer(microseconds_since_epoch(recorded_at));
    for (auto const& row : rows) one.integer(row.commit_last).raw(row.hash);
    return one.finish();
}

}  // namespace recount
