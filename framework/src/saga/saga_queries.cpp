// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "saga/saga_queries.hpp"

#include <fmt/format.h>

namespace recount::detail {

namespace {

constexpr std::string_view microseconds = "(extract(epoch FROM {}) * 1000000)::bigint";

std::string us(std::string_view column) { return fmt::format(fmt::runtime(microseconds), column); }

std::string message_columns() {
    return "o.key, o.kind, o.saga, o.instance, o.trigger, o.ordinal, o.type, o.body, "
           "CASE WHEN o.kind = 'command' AND o.instance <> '' THEN '' ELSE o.order_key END, " +
           us("o.due_at") + ", o.correlation, o.caused_at, o.number, o.status, o.attempts, "
           "o.last_error, " + us("o.settled_at") + ", o.superseded_by, o.claims";
}
std::string instance_columns() {
    return "saga, instance, status, version, " + us("updated_at") + ", because";
}
std::string timer_columns() {
    return "key, saga, instance, name, " + us("due_at") +
           ", type, schema_version, payload, correlation";
}

timestamp instant_at(postgres::result const& rows, std::size_t row, std::size_t column) {
    return timestamp{duration{rows.integer(row, column)}};
}

template <class Enum>
Enum named(std::string_view text, std::initializer_list<Enum> all) {
    for (auto const one : all) {
        if (to_string(one) == text) return one;
    }
    throw error{errc::corrupted, fmt::format("a table of sagas holds the word '{}'", text)};
}

}  // namespace

saga_queries::saga_queries(std::string const& schema) {
    auto const quoted = postgres::quote_identifier(schema) + ".";
    auto const checkpoints = quoted + "checkpoints";
    read_checkpoint = {"read_saga_checkpoint",
                       "SELECT position, encode(hash, 'hex'), epoch FROM " + checkpoints +
                           " WHERE projection = 'saga:' || $1 AND version = 1 AND "
                           "build = 'live' AND lane = 0"};
    enter_checkpoint = {"enter_saga_checkpoint",
                        "INSERT INTO " + checkpoints +
                            " (projection, version, position, hash) VALUES ('saga:' || $1, 1, "
                            "$2::bigint, decode($3, 'hex')) "
                            "ON CONFLICT (projection, version, build, lane) DO NOTHING"};
    advance_checkpoint = {"advance_saga_checkpoint",
                          "UPDATE " + checkpoints +
                              " SET position = $2::bigint, hash = decode($3, 'hex'), "
                              "updated_at = clock_timestamp() WHERE projection = 'saga:' || $1 "
                              "AND version = 1 AND build = 'live' AND lane = 0 AND "
                              "position = $4::bigint AND epoch = $5::bigint"};
    make_steps(quoted);
    make_outcomes(quoted + "outbox");
    make_reads(quoted);
    make_claims(quoted);
    make_counts(quoted);
}

void saga_queries::make_steps(std::string const& schema) {
    auto const outbox = schema + "outbox";
    // Gives back what it has written; what is missing there has a later version already.
    enter_instances = {
        "enter_saga_instances",
        "INSERT INTO " + schema + "saga_instances AS i (saga, instance, status, version, "
        "updated_at, because) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], "
        "$4::bigint[], $5::timestamptz[], $6::text[]) ON CONFLICT (saga, instance) DO UPDATE SET "
        "status = excluded.status, version = excluded.version, updated_at = excluded.updated_at, "
        "because = excluded.because WHERE i.version <= excluded.version "
        "RETURNING i.saga, i.instance"};
    enter_messages = {
        "enter_messages",
        "INSERT INTO " + outbox + " (key, kind, saga, instance, trigger, ordinal, type, body, "
        "order_key, due_at, correlation, caused_at) SELECT m.key, m.kind, m.saga, m.instance, "
        "m.trigger, m.ordinal, m.type, m.body, m.order_key, m.due_at, m.correlation, m.caused_at "
        "FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::int[], "
        "$7::text[], $8::json[], $9::text[], $10::timestamptz[], $11::uuid[], $12::bigint[]) "
        "WITH ORDINALITY AS m(key, kind, saga, instance, trigger, ordinal, type, body, order_key, "
        "due_at, correlation, caused_at, place) ORDER BY m.place ON CONFLICT (key) DO NOTHING"};
    finish = {"finish_messages",
              "WITH forgotten AS (DELETE FROM " + outbox + " WHERE key = ANY ($1::uuid[]) AND "
              "kind = 'command') UPDATE " + outbox + " SET status = 'done', settled_at = "
              "clock_timestamp(), claimed_until = NULL WHERE key = ANY ($1::uuid[]) AND "
              "kind = 'effect' AND status <> 'done'"};
    move = {"move_messages",
            "UPDATE " + outbox + " o SET due_at = m.due_at, attempts = m.attempts, last_error = "
            "m.last_error, claimed_until = NULL FROM unnest($1::uuid[], $2::timestamptz[], "
            "$3::int[], $4::text[]) AS m(key, due_at, attempts, last_error) "
            "WHERE o.key = m.key AND o.status = 'waiting'"};
    withdraw = {"withdraw_messages",
                "UPDATE " + outbox + " SET status = 'withdrawn', settled_at = clock_timestamp(), "
                "claimed_until = NULL WHERE key = ANY ($1::uuid[]) AND "
                "status IN ('waiting', 'dead')"};
    supersede = {"supersede_messages",
                 "UPDATE " + outbox + " o SET superseded_by = s.restructure FROM "
                 "unnest($1::uuid[], $2::text[]) AS s(key, restructure) WHERE o.key = s.key"};
    set_timers = {"set_timers",
                  "INSERT INTO " + schema + "timers AS t (key, saga, instance, name, due_at, type, "
                  "schema_version, payload, correlation) SELECT * FROM unnest($1::uuid[], "
                  "$2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::int[], "
                  "$8::json[], $9::uuid[]) ON CONFLICT (saga, instance, name) DO UPDATE SET key = "
                  "excluded.key, due_at = excluded.due_at, type = excluded.type, schema_version = "
                  "excluded.schema_version, payload = excluded.payload, correlation = "
                  "excluded.correlation WHERE t.key <> excluded.key"};
    cancel_timers = {"cancel_timers",
                     "DELETE FROM " + schema + "timers t USING unnest($1::text[], $2::text[], "
                     "$3::text[], $4::uuid[]) AS c(saga, instance, name, key) WHERE t.saga = "
                     "c.saga AND t.instance = c.instance AND t.name = c.name AND "
                     "(c.key IS NULL OR t.key = c.key)"};
}

void saga_queries::make_outcomes(std::string const& outbox) {
    release = {"release_messages",
               "UPDATE " + outbox + " o SET claimed_until = NULL FROM unnest($1::uuid[], "
               "$2::int[]) AS c(key, claims) WHERE o.key = c.key AND o.claims = c.claims AND "
               "o.status = 'waiting'"};
    sent = {"message_sent",
            "UPDATE " + outbox + " SET status = 'done', attempts = attempts + 1, last_error = '', "
            "settled_at = clock_timestamp(), claimed_until = NULL WHERE key = $1::uuid AND "
            "status <> 'done'"};
    // A claim that is over is nobody's any more: what is said again changes nothing.
    std::string const held =
        " WHERE key = $1::uuid AND claims = $2::int AND status = 'waiting' AND "
        "claimed_until IS NOT NULL";
    failed = {"message_failed",
              "UPDATE " + outbox + " SET attempts = attempts + 1, last_error = $3, due_at = "
              "clock_timestamp() + $4::bigint * interval '1 millisecond', claimed_until = NULL" +
              held};
    give_up = {"give_up_message",
               "UPDATE " + outbox + " SET attempts = attempts + 1, last_error = $3, status = "
               "'dead', settled_at = clock_timestamp(), claimed_until = NULL" + held};
    replay = {"replay_message",
              "UPDATE " + outbox + " SET status = 'waiting', attempts = 0, due_at = "
              "clock_timestamp(), settled_at = NULL WHERE key = $1::uuid AND status = 'dead'"};
}

void saga_queries::make_reads(std::string const& schema) {
    auto const timers = "SELECT " + timer_columns() + " FROM " + schema + "timers ";
    due_timers = {"due_timers", timers + "WHERE saga = $1 AND due_at <= statement_timestamp() "
                                         "ORDER BY due_at, key LIMIT $2::bigint"};
    list_timers = {"list_timers",
                   timers + "WHERE ($1::text IS NULL OR saga = $1) AND ($2::timestamptz IS NULL OR "
                            "due_at < $2::timestamptz) AND ($3::timestamptz IS NULL OR "
                            "(due_at, key) > ($3::timestamptz, $4::uuid)) "
                            "ORDER BY due_at, key LIMIT $5::bigint"};
    next_timer = {"next_timer",
                  "SELECT ceil(extract(epoch FROM min(due_at) - statement_timestamp()) * "
                  "1000)::bigint FROM " + schema + "timers WHERE $1::text IS NULL OR saga = $1"};
    auto const instances = "SELECT " + instance_columns() + " FROM " + schema + "saga_instances ";
    find_instance = {"find_saga_instance", instances + "WHERE saga = $1 AND instance = $2"};
    list_instances = {"list_saga_instances",
                      instances + "WHERE ($1::text IS NULL OR saga = $1) AND ($2::text IS NULL OR "
                                  "status = $2) AND (saga, instance) > ($3, $4) "
                                  "ORDER BY saga, instance LIMIT $5::bigint"};
    auto const messages = "SELECT " + message_columns() + " FROM " + schema + "outbox o ";
    find_message = {"find_message", messages + "WHERE o.key = $1::uuid"};
    list_messages = {"list_messages",
                     messages + "WHERE o.number > $1::bigint AND ($2::text IS NULL OR o.status = "
                                "$2) AND ($3::text IS NULL OR o.kind = $3) AND ($4::text IS NULL "
                                "OR o.saga = $4) AND ($5::text IS NULL OR o.instance = $5) "
                                "ORDER BY o.number LIMIT $6::bigint"};
}

namespace {

// Of the messages `o`: those that a claim of this kind speaks of.
std::string wanted_ones(bool effects, bool with_saga, std::string const& instances) {
    std::string sql = fmt::format("o.status = 'waiting' AND o.kind = '{}' AND {} AND "
                                  "(cardinality($2::text[]) = 0 OR o.type = ANY ($2::text[]))",
                                  effects ? "effect" : "command",
                                  with_saga ? "o.saga = $1" : "$1::text IS NULL");
    if (!effects) {
        sql += " AND (o.saga, o.instance) NOT IN (SELECT i.saga, i.instance FROM " + instances +
               " i WHERE i.status = 'parked')";
    }
    return sql;
}

// A subquery of its own for each row: no plan makes a join of all of the table out of it.
std::string none_before(std::string const& outbox, std::string const& that) {
    return "(o.order_key = '' OR (SELECT 1 FROM " + outbox + " e WHERE e.status = 'waiting' AND "
           "e.kind = o.kind AND e.saga = o.saga AND e.order_key = o.order_key AND "
           "e.order_key <> '' AND e.number < o.number" + that + " LIMIT 1) IS NULL)";
}

}  // namespace

void saga_queries::make_claims(std::string const& schema) {
    auto const outbox = schema + "outbox";
    std::string const free =
        "(o.claimed_until IS NULL OR o.claimed_until <= statement_timestamp())";
    // What comes later in time than one behind it would leave a gap where a batch ends.
    auto const in_order =
        none_before(outbox, " AND (e.due_at > o.due_at OR e.claimed_until > statement_timestamp() "
                            "OR NOT (cardinality($2::text[]) = 0 OR e.type = ANY ($2::text[])))");
    for (bool const effects : {false, true}) {
        for (bool const with_saga : {false, true}) {
            auto const wanted = wanted_ones(effects, with_saga, schema + "saga_instances");
            // Who is skipped because another worker has it just now is no candidate, but it stands
            // before others: those behind it stay.
            claims_[effects][with_saga] = {
                effects ? "claim_effects" : "claim_commands",
                "WITH locked AS MATERIALIZED (SELECT o.number, o.kind, o.saga, o.order_key FROM " +
                    outbox + " o WHERE " + wanted + " AND o.due_at <= statement_timestamp() AND " +
                    free + " AND " + in_order + " ORDER BY o.due_at, o.number LIMIT $3::bigint "
                    "FOR UPDATE OF o SKIP LOCKED) "
                    "UPDATE " + outbox + " o SET claims = o.claims + 1, claimed_until = "
                    "statement_timestamp() + $4::bigint * interval '1 millisecond' "
                    "WHERE o.number = ANY (ARRAY(SELECT l.number FROM locked l WHERE "
                    "l.order_key = '' OR (SELECT 1 FROM " + outbox + " e WHERE e.status = "
                    "'waiting' AND e.kind = l.kind AND e.saga = l.saga AND e.order_key = "
                    "l.order_key AND e.order_key <> '' AND e.number < l.number AND "
                    "e.number <> ALL (ARRAY(SELECT a.number FROM locked a)) LIMIT 1) IS NULL)) "
                    "RETURNING " +
                    message_columns()};
            nexts_[effects][with_saga] = {
                effects ? "next_effect" : "next_command",
                "SELECT ceil(extract(epoch FROM least((SELECT o.due_at FROM " + outbox +
                    " o WHERE " + wanted + " AND " + free + " AND " + none_before(outbox, "") +
                    " ORDER BY o.due_at, o.number LIMIT 1), (SELECT min(greatest(o.due_at, "
                    "o.claimed_until)) FROM " + outbox + " o WHERE " + wanted +
                    " AND o.claimed_until > statement_timestamp())) - statement_timestamp()) * "
                    "1000)::bigint"};
        }
    }
}

void saga_queries::make_counts(std::string const& schema) {
    count_instances = {"count_saga_instances", "SELECT saga, status, count(*) FROM " + schema +
                                                   "saga_instances GROUP BY saga, status"};
    count_timers = {"count_timers",
                    "SELECT saga, count(*), greatest(0, extract(epoch FROM statement_timestamp() - "
                    "min(due_at)) * 1000000)::bigint FROM " + schema + "timers GROUP BY saga"};
    // Each by the index that it has for what waits, or is dead.
    std::string sql;
    for (std::string const kind : {"'command'", "'effect'"}) {
        auto const of = " FROM " + schema + "outbox WHERE kind = " + kind + " AND status = ";
        if (!sql.empty()) sql += " UNION ALL ";
        sql += "SELECT (SELECT count(*)" + of + "'waiting'), (SELECT count(*)" + of +
               "'dead'), (SELECT coalesce(min(caused_at), 0)" + of +
               "'waiting' AND (due_at <= statement_timestamp() OR attempts > 0))";
    }
    count_messages = {"count_messages", sql};
}

outbox_message message_at(postgres::result const& rows, std::size_t row) {
    auto const text = [&](std::size_t column) { return std::string{rows.text(row, column)}; };
    outbox_message m;
    m.key = uuid_from_string(rows.text(row, 0));
    m.kind = named(rows.text(row, 1), {message_kind::command, message_kind::effect});
    m.saga = text(2);
    m.instance = text(3);
    m.trigger = uuid_from_string(rows.text(row, 4));
    m.ordinal = static_cast<int>(rows.integer(row, 5));
    m.type = text(6);
    m.body = text(7);
    m.order_key = text(8);
    m.due_at = instant_at(rows, row, 9);
    if (!rows.null(row, 10)) m.correlation = uuid_from_string(rows.text(row, 10));
    m.caused_at = rows.integer(row, 11);
    m.number = rows.integer(row, 12);
    m.status = named(rows.text(row, 13), {message_status::waiting, message_status::done,
                                          message_status::dead, message_status::withdrawn});
    m.attempts = static_cast<int>(rows.integer(row, 14));
    m.last_error = text(15);
    if (!rows.null(row, 16)) m.settled_at = instant_at(rows, row, 16);
    if (!rows.null(row, 17)) m.superseded_by = text(17);
    m.claims = static_cast<int>(rows.integer(row, 18));
    return m;
}

saga_instance instance_at(postgres::result const& rows, std::size_t row) {
    saga_instance i;
    i.saga = rows.text(row, 0);
    i.instance = rows.text(row, 1);
    i.status = named(rows.text(row, 2), {saga_status::running, saga_status::parked,
                                         saga_status::diverged, saga_status::ended});
    i.version = rows.integer(row, 3);
    i.updated_at = instant_at(rows, row, 4);
    i.because = rows.text(row, 5);
    return i;
}

saga_counts::instance_count instance_count_at(postgres::result const& rows, std::size_t row) {
    return {std::string{rows.text(row, 0)},
            named(rows.text(row, 1), {saga_status::running, saga_status::parked,
                                      saga_status::diverged, saga_status::ended}),
            rows.integer(row, 2)};
}

saga_timer timer_at(postgres::result const& rows, std::size_t row) {
    auto const text = [&](std::size_t column) { return std::string{rows.text(row, column)}; };
    saga_timer t;
    t.key = uuid_from_string(rows.text(row, 0));
    t.saga = text(1);
    t.instance = text(2);
    t.name = text(3);
    t.due_at = instant_at(rows, row, 4);
    t.type = text(5);
    t.schema_version = static_cast<int>(rows.integer(row, 6));
    t.payload = text(7);
    if (!rows.null(row, 8)) t.correlation = uuid_from_string(rows.text(row, 8));
    return t;
}

}  // namespace recount::detail
