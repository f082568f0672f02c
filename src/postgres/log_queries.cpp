// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/log_queries.hpp"

#include <string_view>

namespace recount::postgres {

namespace {

// The columns of a recorded event, in the order that event_rows.cpp reads them. Times travel as
// microseconds: parsing dates costs more than all the rest of a row.
constexpr std::string_view columns =
    "l.position, s.name, l.version, l.event_id, l.type, l.schema_version, l.commit_last, "
    "(extract(epoch FROM l.recorded_at) * 1000000)::bigint, "
    "(extract(epoch FROM l.effective_at) * 1000000)::bigint, "
    "l.command, l.payload, l.meta, l.hash";

std::string with(std::string_view schema, std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '@') {
            result += schema;
        } else if (text[i] == '%') {
            result += columns;
        } else {
            result += text[i];
        }
    }
    return result;
}

}  // namespace

// In the texts below @ stands for the quoted schema and % for the columns of an event.
log_queries::log_queries(std::string const& schema_name) {
    auto const schema = quote_identifier(schema_name);
    auto const make = [&](std::string name, std::string_view text) {
        return owned_query{std::move(name), with(schema, text)};
    };
    append = make("append",
                  "SELECT head, recorded_us, link, moved, held_us, spent_us FROM "
                  "@.append($1::bigint, $2::bigint, $3::bytea, $4::bigint[], "
                  "$5::bigint[], $6::text[], $7::text[], "
                  "$8::bigint[], $9::text[], $10::int[], $11::bigint[], $12::bigint[], "
                  "$13::uuid[], $14::smallint[], $15::int[], $16::bigint[], "
                  "$17::timestamptz[], $18::text[], $19::text[], $20::text[], $21::bytea[])");
    lock = make("lock_positions", "SELECT @.lock_positions()");
    heads =
        make("stream_heads",
             "SELECT k.last_position, k.link, n.name, s.id, h.version, h.hash, "
             "$2::bigint IS NULL OR EXISTS (SELECT FROM @.links o WHERE o.last_position = "
             "$2::bigint AND o.link = $3::bytea) "
             "FROM (SELECT last_position, link FROM @.links "
             "ORDER BY last_position DESC LIMIT 1) k "
             "CROSS JOIN unnest($1::text[]) AS n(name) "
             "LEFT JOIN @.streams s ON s.name = n.name "
             "LEFT JOIN LATERAL (SELECT l.version, l.hash FROM @.log l WHERE l.stream_id = s.id "
             "ORDER BY l.version DESC LIMIT 1) h ON true");
    // The head stands in every row, so that it is of the same snapshot as the events.
    stream_forward =
        make("read_stream",
             "SELECT h.head, e.* FROM (SELECT coalesce(max(position), 0) AS head FROM @.log) h "
             "LEFT JOIN (SELECT % FROM @.streams s JOIN @.log l ON l.stream_id = s.id "
             "WHERE s.name = $1 AND l.version >= $2::bigint ORDER BY l.version "
             "LIMIT $3::bigint) e ON true ORDER BY e.version");
    stream_backward =
        make("read_stream_backward",
             "SELECT h.head, e.* FROM (SELECT coalesce(max(position), 0) AS head FROM @.log) h "
             "LEFT JOIN (SELECT % FROM @.streams s JOIN @.log l ON l.stream_id = s.id "
             "WHERE s.name = $1 AND l.version <= $2::bigint ORDER BY l.version DESC "
             "LIMIT $3::bigint) e ON true ORDER BY e.version DESC");
    streams = make("read_streams",
                   "SELECT h.head, e.* FROM (SELECT coalesce(max(position), 0) AS head FROM @.log) "
                   "h LEFT JOIN (SELECT % FROM @.streams s JOIN @.log l ON l.stream_id = s.id "
                   "WHERE s.name = ANY ($1::text[])) e ON true ORDER BY e.name, e.version");
    window = make("feed_window",
                  "SELECT coalesce((SELECT commit_last FROM @.log WHERE position = "
                  "least($1::bigint + $2::bigint, h.head)), 0), h.head "
                  "FROM (SELECT coalesce(max(position), 0) AS head FROM @.log) h");
    // OFFSET 0 keeps the planner from joining in another order: a prepared statement is planned for
    // any range of positions, and then the stream's index looks tempting (20 times slower).
    feed = make("read_feed",
                "SELECT % FROM (SELECT * FROM @.log WHERE position > $1::bigint AND position <= "
                "$2::bigint AND ($4::text[] IS NULL OR type = ANY ($4::text[])) "
                "ORDER BY position OFFSET 0) l CROSS JOIN LATERAL (SELECT name, category "
                "FROM @.streams WHERE id = l.stream_id OFFSET 0) s "
                "WHERE ($3::text[] IS NULL OR s.category = ANY ($3::text[])) "
                "AND ($5::text IS NULL OR s.name = $5::text) ORDER BY l.position");
    event = make("find_event",
                 "SELECT % FROM @.log c JOIN @.log l ON l.position = c.position + $2::bigint "
                 "AND l.position <= c.commit_last JOIN @.streams s ON s.id = l.stream_id "
                 "WHERE c.event_id = $1::uuid AND c.ordinal = 0");
    commits = make("find_commits",
                   "SELECT % FROM @.log c JOIN @.log l ON l.position BETWEEN c.position AND "
                   "c.commit_last JOIN @.streams s ON s.id = l.stream_id "
                   "WHERE c.event_id = ANY ($1::uuid[]) AND c.ordinal = 0 ORDER BY l.position");
    head = make("log_head", "SELECT position, hash FROM @.log ORDER BY position DESC LIMIT 1");
    hash_at = make("hash_at", "SELECT hash FROM @.log WHERE position = $1::bigint");
    list_streams =
        make("list_streams",
             "SELECT s.name, (SELECT max(l.version) FROM @.log l WHERE l.stream_id = s.id), "
             "s.created_position FROM @.streams s WHERE ($1::text IS NULL OR s.category = "
             "$1::text) AND s.name > $2::text ORDER BY s.name LIMIT $3::bigint");
    list_categories = make("list_categories",
                           "SELECT category, count(*) FROM @.streams GROUP BY category "
                           "ORDER BY category");
    list_types = make("list_types",
                      "SELECT type, schema_version, first_position FROM @.types "
                      "ORDER BY type, schema_version");
    channel = schema_name + "_log";
    // A notice that a crash loses has nobody to tell: it need not wait for the disk.
    notify = {"notify", "SELECT set_config('synchronous_commit', 'off', true), pg_notify('" +
                            channel + "', '')"};
}

}  // namespace recount::postgres
