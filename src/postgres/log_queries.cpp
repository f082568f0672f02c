// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/log_queries.hpp"

namespace recount::postgres {

namespace {

// The columns of a recorded event, in the order that event_rows.cpp reads them. Times travel as the
// eight bytes that are stored: to print dates and to parse them costs more than all else of a row.
constexpr std::string_view columns =
    "l.position, s.name, l.version, l.event_id, l.type, l.schema_version, l.commit_last, "
    "timestamptz_send(l.recorded_at), timestamptz_send(l.effective_at), "
    "l.command, l.payload, l.meta, l.hash";
constexpr std::string_view name_column = "s.name";

// The same with something else where the name of the stream would be.
std::string columns_with(std::string_view instead_of_name) {
    std::string list{columns};
    list.replace(list.find(name_column), name_column.size(), instead_of_name);
    return list;
}

}  // namespace

owned_query store_query(std::string name, std::string_view schema,
                        std::string_view columns_of_row, std::string_view text) {
    std::string whole;
    for (char const c : text) {
        if (c == '@') {
            whole += schema;
        } else if (c == '%') {
            whole += columns_of_row;
        } else {
            whole += c;
        }
    }
    return {std::move(name), std::move(whole)};
}

// Of one schema.
class log_queries::maker {
public:
    explicit maker(std::string const& schema) : schema_{quote_identifier(schema)} {}

    [[nodiscard]] owned_query operator()(std::string name, std::string_view text) const {
        return with(columns, std::move(name), text);
    }
    [[nodiscard]] owned_query with(std::string_view columns_of_row, std::string name,
                                   std::string_view text) const {
        return store_query(std::move(name), schema_, columns_of_row, text);
    }

private:
    std::string schema_;
};

log_queries::log_queries(std::string const& schema) {
    maker const make{schema};
    make_appends(make);
    make_reads_of_streams(make);
    make_feeds(make);
    make_searches(make);
    make_lists(make);
    make_seals(make);
    make_snapshots(make);
    channel = schema + "_log";
    // A notice that a crash loses has nobody to tell: it need not wait for the disk.
    notify = {"notify", "SELECT set_config('synchronous_commit', 'off', true), pg_notify('" +
                            channel + "', '')"};
}

void log_queries::make_appends(maker const& make) {
    append = make("append",
                  "SELECT head, recorded_us, link, moved, held_us, spent_us FROM "
                  "@.append($1::bigint, $2::bigint, $3::bytea, $4::bigint[], "
                  "$5::bigint[], $6::text[], $7::text[], "
                  "$8::bigint[], $9::text[], $10::int[], $11::int[], $12::bigint[], "
                  "$13::bigint[], $14::uuid[], $15::smallint[], $16::int[], $17::bigint[], "
                  "$18::timestamptz[], $19::text[], $20::text[], $21::text[], $22::bytea[])");
    append_one = make("append_one",
                      "SELECT head, recorded_us, link, moved, held_us, spent_us FROM "
                      "@.append_one($1::bigint, $2::bytea, $3::bigint, $4::bigint, $5::uuid, "
                      "$6::text, $7::int, $8::timestamptz, $9::text, $10::text, $11::text, "
                      "$12::bytea)");
    append_commit =
        make("append_commit",
             "SELECT first_position, recorded_us, versions, known, conflict_stream, "
             "conflict_expected, conflict_version, hashes FROM @.append_commit_untold($1::uuid, "
             "$2::text, $3::text, $4::text[], $5::text[], $6::int[], $7::timestamptz[], "
             "$8::text[], $9::text[], $10::bigint[], $11::bytea[])");
    lock = make("lock_positions", "SELECT @.lock_positions()");
    lock_restructures = make("lock_restructures", "SELECT @.lock_restructures()");
    // The LIMITs leave the planner one way: each stream by its name, then its index. A plan that is
    // made while a store has a handful of streams, and kept, would read all of them each time.
    heads =
        make("stream_heads",
             "SELECT k.last_position, k.link, n.name, s.id, h.version, h.hash, "
             "$2::bigint IS NULL OR EXISTS (SELECT FROM @.links o WHERE o.last_position = "
             "$2::bigint AND o.link = $3::bytea) "
             "FROM (SELECT last_position, link FROM @.links "
             "ORDER BY last_position DESC LIMIT 1) k "
             "CROSS JOIN unnest((SELECT $1::text[])) AS n(name) "
             "LEFT JOIN LATERAL (SELECT f.id FROM (SELECT id, name FROM @.streams "
             "WHERE name >= n.name ORDER BY name LIMIT 1) f WHERE f.name = n.name) s ON true "
             "LEFT JOIN LATERAL (SELECT l.version, l.hash FROM @.log l WHERE l.stream_id = s.id "
             "ORDER BY l.version DESC LIMIT 1) h ON true");
    index_sizes = make("index_sizes",
                       "SELECT pg_relation_size('@.log_event_id'), "
                       "pg_relation_size('@.log_stream_version'), setting::bigint * "
                       "current_setting('block_size')::bigint "
                       "FROM pg_catalog.pg_settings WHERE name = 'shared_buffers'");
    // The counters hold all that the server's process has done of late, so they are read before and
    // after: the subselects run where they stand.
    std::string const counters =
        "pg_stat_get_xact_blocks_fetched('@.log_event_id'::regclass), "
        "pg_stat_get_xact_blocks_hit('@.log_event_id'::regclass), "
        "pg_stat_get_xact_blocks_fetched('@.log_stream_version'::regclass), "
        "pg_stat_get_xact_blocks_hit('@.log_stream_version'::regclass)";
    look_early = make(
        "look_early",
        "SELECT " + counters +
            ", (SELECT count(*) FROM unnest($1::uuid[]) AS k(id) CROSS JOIN LATERAL "
            "(SELECT FROM @.log l WHERE l.event_id = k.id AND l.ordinal = 0 LIMIT 1) e), "
            "(SELECT count(*) FROM unnest($2::bigint[], $3::bigint[]) AS h(stream, version) "
            "CROSS JOIN LATERAL (SELECT FROM @.log l WHERE l.stream_id = h.stream AND "
            "l.version = h.version LIMIT 1) e), " +
            counters);
}

void log_queries::make_reads_of_streams(maker const& make) {
    // The head stands in every row, so that it is of the same snapshot as the events.
    // The stream's id is looked up once, before: so the index gives its rows in order.
    auto const columns_of_one = columns_with("$1::text");
    stream_forward = make.with(
        columns_of_one, "read_stream",
        "SELECT h.head, e.* FROM (SELECT coalesce(max(position), 0) AS head FROM @.log) h "
        "LEFT JOIN (SELECT % FROM @.log l WHERE l.stream_id = (SELECT id FROM @.streams "
        "WHERE name = $1::text) AND l.version >= $2::bigint ORDER BY l.version "
        "LIMIT $3::bigint) e ON true ORDER BY e.version");
    stream_backward = make.with(
        columns_of_one, "read_stream_backward",
        "SELECT h.head, e.* FROM (SELECT coalesce(max(position), 0) AS head FROM @.log) h "
        "LEFT JOIN (SELECT % FROM @.log l WHERE l.stream_id = (SELECT id FROM @.streams "
        "WHERE name = $1::text) AND l.version <= $2::bigint ORDER BY l.version DESC "
        "LIMIT $3::bigint) e ON true ORDER BY e.version DESC");
    // The LIMITs leave the planner one way here, too. For a few streams planning takes as long as
    // running, so the plan is to be kept: the arrays are out of the planner's sight (subqueries),
    // so that no plan for these very names seems better, and a stream is the first whose name is
    // not less, which goes by the index even if the plan was made while there was a handful.
    streams = make("read_streams",
                   "SELECT h.head, e.* FROM (SELECT coalesce(max(position), 0) AS head FROM @.log) "
                   "h LEFT JOIN (SELECT %, w.place "
                   "FROM unnest((SELECT $1::text[]), (SELECT $2::bigint[])) "
                   "WITH ORDINALITY AS w(name, first, place) "
                   "CROSS JOIN LATERAL (SELECT id, name FROM @.streams WHERE name >= w.name "
                   "ORDER BY name LIMIT 1) s "
                   "CROSS JOIN LATERAL (SELECT * FROM @.log WHERE stream_id = s.id "
                   "AND version >= w.first ORDER BY version LIMIT (SELECT $3::bigint)) l "
                   "WHERE s.name = w.name) e ON true ORDER BY e.place, e.version");
}

void log_queries::make_feeds(maker const& make) {
    window = make("feed_window",
                  "SELECT coalesce((SELECT commit_last FROM @.log WHERE position = "
                  "least($1::bigint + $2::bigint, h.head)), 0), h.head, k.last_position, k.link, "
                  "$3::bigint IS NULL OR EXISTS (SELECT FROM @.links o WHERE o.last_position = "
                  "$3::bigint AND o.link = $4::bytea) "
                  "FROM (SELECT coalesce(max(position), 0) AS head FROM @.log) h "
                  "LEFT JOIN LATERAL (SELECT last_position, link FROM @.links "
                  "ORDER BY last_position DESC LIMIT 1) k ON true");
    feed = make.with(columns_with("l.stream_id"), "read_feed",
                     "SELECT % FROM @.log l WHERE l.position > $1::bigint "
                     "AND l.position <= $2::bigint "
                     "AND ($3::text[] IS NULL OR l.type = ANY ($3::text[])) "
                     "ORDER BY l.position");
    names = make("stream_names", "SELECT id, name FROM @.streams WHERE id = ANY ($1::bigint[])");
    // OFFSET 0 keeps the planner from joining in another order: a prepared statement is planned for
    // any range of positions, and then the stream's index looks tempting (20 times slower).
    feed_of_streams =
        make("read_feed_of_streams",
             "SELECT % FROM (SELECT * FROM @.log WHERE position > $1::bigint AND position <= "
             "$2::bigint AND ($3::text[] IS NULL OR type = ANY ($3::text[])) "
             "ORDER BY position OFFSET 0) l CROSS JOIN LATERAL (SELECT name, category "
             "FROM @.streams WHERE id = l.stream_id OFFSET 0) s "
             "WHERE ($4::text[] IS NULL OR s.category = ANY ($4::text[])) "
             "AND ($5::text IS NULL OR s.name = $5::text) ORDER BY l.position");
    // The type is a constant, so that every plan may go by the index that has these rows alone.
    feed_of_restructures = make(
        "read_feed_of_restructures",
        "SELECT h.head, e.* FROM (SELECT coalesce(max(position), 0) AS head FROM @.log) h "
        "LEFT JOIN (SELECT % FROM (SELECT * FROM @.log WHERE type = '$restructured' "
        "AND position > $1::bigint AND position <= coalesce((SELECT commit_last FROM @.log "
        "WHERE type = '$restructured' AND position > $1::bigint ORDER BY position "
        "OFFSET $2::bigint - 1 LIMIT 1), 9223372036854775807) ORDER BY position OFFSET 0) l "
        "CROSS JOIN LATERAL (SELECT name FROM @.streams WHERE id = l.stream_id OFFSET 0) s) e "
        "ON true ORDER BY e.position");
}

void log_queries::make_searches(maker const& make) {
    event = make("find_event",
                 "SELECT % FROM @.log c JOIN @.log l ON l.position = c.position + $2::bigint "
                 "AND l.position <= c.commit_last JOIN @.streams s ON s.id = l.stream_id "
                 "WHERE c.event_id = $1::uuid AND c.ordinal = 0");
    // Commit by commit: a range between two columns is taken for a ninth of the log, and with a few
    // ids all of it would be read (455 ms of 30,000 events, where this takes 1 ms).
    commits = make("find_commits",
                   "SELECT % FROM @.log c CROSS JOIN LATERAL (SELECT * FROM @.log i "
                   "WHERE i.position BETWEEN c.position AND c.commit_last OFFSET 0) l "
                   "CROSS JOIN LATERAL (SELECT n.name FROM @.streams n WHERE n.id = l.stream_id "
                   "OFFSET 0) s "
                   "WHERE c.event_id = ANY ($1::uuid[]) AND c.ordinal = 0 ORDER BY l.position");
    head = make("log_head", "SELECT position, hash FROM @.log ORDER BY position DESC LIMIT 1");
    hash_at = make("hash_at", "SELECT hash FROM @.log WHERE position = $1::bigint");
}

void log_queries::make_lists(maker const& make) {
    // A category's streams are those with names between "category-" and "category.", the next
    // character: by names alone there is one index, and no way past a million streams of others,
    // which a plan for any category takes if it is left the choice (750 ms).
    constexpr std::string_view summary =
        "SELECT s.name, (SELECT max(l.version) FROM @.log l WHERE l.stream_id = s.id), "
        "s.created_position FROM @.streams s WHERE ";
    list_streams =
        make("list_streams", std::string{summary} +
                                 "s.name > $1::text ORDER BY s.name LIMIT $2::bigint");
    list_streams_of = make("list_streams_of",
                           std::string{summary} +
                               "s.name > $3::text || '-' AND s.name < $3::text || '.' "
                               "AND s.name > $1::text ORDER BY s.name LIMIT $2::bigint");
    // From one category to the next by the index, never by way of all its streams.
    list_categories = make(
        "list_categories",
        "WITH RECURSIVE known AS ((SELECT s.category FROM @.streams s "
        "ORDER BY s.category, s.name LIMIT 1) UNION ALL "
        "SELECT (SELECT s.category FROM @.streams s WHERE s.category > k.category "
        "ORDER BY s.category, s.name LIMIT 1) FROM known k WHERE k.category IS NOT NULL) "
        "SELECT k.category, c.streams FROM known k CROSS JOIN LATERAL (SELECT count(*) AS streams "
        "FROM (SELECT s.name FROM @.streams s WHERE s.name > k.category || '-' "
        "AND s.name < k.category || '.' ORDER BY s.name LIMIT $1::bigint) counted) c "
        "WHERE k.category IS NOT NULL ORDER BY k.category");
    list_types = make("list_types",
                      "SELECT type, schema_version, first_position FROM @.types "
                      "ORDER BY type, schema_version");
}

void log_queries::make_seals(maker const& make) {
    seal = make("seal",
                "SELECT (extract(epoch FROM sealed_at) * 1000000)::bigint, head FROM "
                "@.seal($1::text, $2::timestamptz, $3::bigint, $4::text, $5::text)");
    list_seals = make("list_seals",
                      "SELECT category, (extract(epoch FROM until) * 1000000)::bigint, through, "
                      "actor, because, (extract(epoch FROM sealed_at) * 1000000)::bigint, head "
                      "FROM @.seals ORDER BY id");
}

void log_queries::make_snapshots(maker const& make) {
    find_snapshots =
        make("find_snapshots",
             "SELECT s.name, p.aggregate, p.state_version, p.shape, p.version, p.hash, p.as_of, "
             "p.state FROM unnest($1::text[], $2::text[]) AS w(name, aggregate) "
             "JOIN @.streams s ON s.name = w.name "
             "JOIN @.snapshots p ON p.stream_id = s.id AND p.aggregate = w.aggregate");
    // What a crash loses is written again: it need not wait for the disk. In order of keys, so that
    // two writers wait for each other at most, and do not lock each other out.
    keep_snapshots =
        make("keep_snapshots",
             "INSERT INTO @.snapshots AS p "
             "(stream_id, aggregate, state_version, shape, version, hash, as_of, state) "
             "SELECT s.id, w.aggregate, w.state_version, w.shape, w.version, w.hash, w.as_of, "
             "w.state::json FROM (SELECT set_config('synchronous_commit', 'off', true)) quick "
             "CROSS JOIN unnest($1::text[], $2::text[], $3::int[], $4::bytea[], $5::bigint[], "
             "$6::bytea[], $7::bigint[], $8::text[]) AS w(name, aggregate, state_version, shape, "
             "version, hash, as_of, state) JOIN @.streams s ON s.name = w.name "
             "ORDER BY s.id, w.aggregate ON CONFLICT (stream_id, aggregate) DO UPDATE SET "
             "state_version = excluded.state_version, shape = excluded.shape, "
             "version = excluded.version, hash = excluded.hash, as_of = excluded.as_of, "
             "state = excluded.state "
             "WHERE (p.state_version, p.version) < (excluded.state_version, excluded.version) "
             "OR p.version > (SELECT max(l.version) FROM @.log l WHERE l.stream_id = p.stream_id)");
}

}  // namespace recount::postgres
