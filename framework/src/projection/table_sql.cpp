// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "projection/table_sql.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <recount/core/error.hpp>

namespace recount {

namespace {

using postgres::quote_identifier;

// The names of the framework's own tables in a store's schema.
// The store's own tables, and those that later formats of it will have: a projection that took such
// a name would stand in the way of a migration.
constexpr std::string_view reserved[] = {
    "log",         "streams",  "types",     "links",     "store",       "migrations",
    "checkpoints", "commands", "groups",    "heads",     "leases",      "operations",
    "outbox",      "parked",   "proposals", "relay",     "restructures", "sagas",
    "slices",      "snapshots", "subscribers", "timers", "workers",     "seals",
    "event_list",  "stream_summary", "saga_instances", "row_changes", "row_changes_kept"};

void refuse_reserved(std::string_view name) {
    if (std::find(std::begin(reserved), std::end(reserved), name) == std::end(reserved)) return;
    throw error{errc::invalid_argument,
                fmt::format("a projection cannot be named '{}': the store has a table of that name",
                            name)};
}

// All as long as the live table's name, so that they fit where that one does.
std::string name_of(projection_descriptor const& p, table_build build) {
    return fmt::format("{}__{}{}", p.name, build == table_build::live ? 'v' : 'r', p.version);
}
std::string groups_name_of(projection_descriptor const& p, table_build build) {
    return fmt::format("{}__{}{}", p.name, build == table_build::live ? 'g' : 'h', p.version);
}

template <class List, class Each>
std::string joined(List const& list, std::string_view separator, Each each) {
    std::string text;
    for (auto const& one : list) {
        if (!text.empty()) text += separator;
        text += each(one);
    }
    return text;
}

}  // namespace

table_sql::table_sql(projection_descriptor const& p, std::string const& schema, table_build build)
    : projection{&p}, columns{describe::columns_of(p.rows->shape())},
      table_name{name_of(p, build)}, groups_name{groups_name_of(p, build)} {
    refuse_reserved(p.name);
    for (auto const field : p.rows->key_fields) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (columns[i].field == field) key_columns.push_back(i);
        }
    }
    auto const schema_name = quote_identifier(schema);
    table = schema_name + "." + quote_identifier(table_name);
    view_name = schema_name + "." + quote_identifier(p.name);
    groups = schema_name + "." + quote_identifier(groups_name);
    make_definition();
    make_reads();
    make_writes();
}

std::string table_sql::list(std::string_view before) const {
    return joined(columns, ", ", [&](describe::column const& column) {
        return std::string{before} + quote_identifier(column.name);
    });
}

std::string table_sql::keys(std::string_view before, std::string_view after) const {
    return joined(key_columns, ", ", [&](std::size_t i) {
        return fmt::format("{}{}{}", before, quote_identifier(columns[i].name), after);
    });
}

std::string table_sql::cast(std::size_t column, std::size_t first, std::string_view array) const {
    return fmt::format("${}::{}{}", first + 1, columns[column].cast_type, array);
}

void table_sql::make_definition() {
    auto lines = describe::column_definitions(columns);
    lines.emplace_back("_position bigint NOT NULL");
    lines.emplace_back(keyed() ? "_group text COLLATE \"C\" NOT NULL" : "_weight bigint NOT NULL");
    if (projection->notes_streams()) definition = "by group, ";
    lines.push_back(fmt::format("PRIMARY KEY ({})", keys()));
    definition += fmt::format("{}", fmt::join(lines, ", "));
    auto script =
        fmt::format("CREATE TABLE {} (\n    {}\n);\n", table, fmt::join(lines, ",\n    "));
    if (keyed()) script += fmt::format("CREATE INDEX ON {} (_group, {});\n", table, keys());
    // The definition has no single quotes: types, identifiers and double quotes only.
    script += fmt::format("COMMENT ON TABLE {} IS '{}';\n", table, definition);
    if (projection->notes_streams()) script += create_groups();
    create = {"create_" + table_name, script};
    comment = {"table_definition",
               fmt::format("SELECT obj_description(to_regclass('{0}'), 'pg_class'), "
                           "to_regclass('{0}') IS NOT NULL",
                           table)};
    auto const both = projection->notes_streams() ? table + ", " + groups : table;
    empty = {"empty_" + table_name, fmt::format("TRUNCATE {}", both)};
    drop = {"drop_" + table_name, fmt::format("DROP TABLE IF EXISTS {}", both)};
    // Made anew and not replaced: another version may have other columns.
    auto const body = fmt::format("VIEW {} AS SELECT {}, _position FROM {}", view_name, list(),
                                  table);
    view = {"view_" + table_name,
            fmt::format("DROP VIEW IF EXISTS {};\nCREATE {};\n", view_name, body)};
    turn_view = {"turn_view_" + table_name, "CREATE OR REPLACE " + body};
    in_view = {"view_of_" + table_name,
               fmt::format("SELECT 1 FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid "
                           "WHERE r.ev_class = to_regclass('{}') AND d.refobjid = "
                           "to_regclass('{}')",
                           view_name, table)};
    newer_view = {"newer_view_than_" + table_name,
                  fmt::format("SELECT 1 FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid "
                              "JOIN pg_class t ON t.oid = d.refobjid "
                              "WHERE r.ev_class = to_regclass('{}') AND t.relkind = 'r' AND "
                              "substring(t.relname FROM '__v([0-9]+)$')::int > {} LIMIT 1",
                              view_name, projection->version)};
}

std::string table_sql::create_groups() const {
    return fmt::format(
        "CREATE TABLE {} (\n    _group text COLLATE \"C\" NOT NULL,\n"
        "    _stream text COLLATE \"C\" NOT NULL,\n    PRIMARY KEY (_group, _stream)\n);\n",
        groups);
}

std::string table_sql::select_from(std::string_view rest) const {
    return fmt::format("SELECT {}, t._position, {} FROM {} t {}", list("t."),
                       keyed() ? "t._group, 0" : "'', t._weight", table, rest);
}

namespace {

struct key_parameters {
    std::string arrays;   // $1::text[], $2::bigint[]
    std::string below;    // $2::text, $3::bigint: after the groups
    std::string match;    // t.a = k.a AND t.b = k.b
};

key_parameters parameters_of(table_sql const& sql) {
    key_parameters made;
    for (std::size_t i = 0; i < sql.key_columns.size(); ++i) {
        auto const column = sql.key_columns[i];
        made.arrays += (i > 0 ? ", " : "") + sql.cast(column, i, "[]");
        made.below += (i > 0 ? ", " : "") + sql.cast(column, i + 1);
        made.match += fmt::format("{0}t.{1} = k.{1}", i > 0 ? " AND " : "",
                                  quote_identifier(sql.columns[column].name));
    }
    return made;
}

}  // namespace

void table_sql::make_reads() {
    auto const key = parameters_of(*this);
    load = {"load_rows_" + table_name,
            select_from(fmt::format("JOIN unnest({}) AS k({}) ON {}", key.arrays, keys(),
                                    key.match))};
    auto const last_where = [&](std::string_view condition) {
        return fmt::format(
            "SELECT r.* FROM unnest($1::text[]) AS g(name) CROSS JOIN LATERAL ({}) r",
            select_from(fmt::format("WHERE t._group = g.name {}ORDER BY {} LIMIT 1", condition,
                                    keys("t.", " DESC"))));
    };
    load_last = {"load_last_rows_" + table_name, last_where("")};
    load_below = {"load_rows_below_" + table_name,
                  last_where(fmt::format("AND ({}) < ({}) ", keys("t."), key.below))};
    load_groups = {"load_groups_" + table_name, select_from("WHERE t._group = ANY($1::text[])")};
    streams_of = {"streams_of_groups_" + table_name,
                  fmt::format("SELECT _group, _stream FROM {} WHERE _group = ANY($1::text[])",
                              groups)};
    select = {"query_" + std::string{projection->name}, select_from("")};
}

void table_sql::make_writes() {
    auto const n = columns.size();
    std::string arrays;
    std::string updates;
    for (std::size_t i = 0; i < n; ++i) {
        arrays += cast(i, i, "[]") + ", ";
        if (std::find(key_columns.begin(), key_columns.end(), i) != key_columns.end()) continue;
        updates += fmt::format("{0} = EXCLUDED.{0}, ", quote_identifier(columns[i].name));
    }
    arrays += fmt::format("${}::bigint[]", n + 1);
    // A row of another group is left alone: then fewer rows are written than were sent.
    updates += "_position = EXCLUDED._position";
    updates += keyed() ? " WHERE t._group = EXCLUDED._group" : ", _weight = EXCLUDED._weight";
    arrays += fmt::format(", ${}::{}[]", n + 2, keyed() ? "text" : "bigint");
    upsert = {"upsert_rows_" + table_name,
              fmt::format("INSERT INTO {} AS t ({}, _position, {}) SELECT * FROM unnest({}) ON "
                          "CONFLICT ({}) DO UPDATE SET {}",
                          table, list(), keyed() ? "_group" : "_weight", arrays, keys(),
                          updates)};
    note = {"note_groups_" + table_name,
            fmt::format("INSERT INTO {} SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT "
                        "DO NOTHING",
                        groups)};
    auto const key = parameters_of(*this);
    remove = {"remove_rows_" + table_name,
              fmt::format("DELETE FROM {} t USING unnest({}) AS k({}) WHERE {}", table, key.arrays,
                          keys(), key.match)};
}

std::vector<stored_row> table_sql::rows_of(postgres::result const& found) const {
    std::vector<stored_row> list;
    list.reserve(found.size());
    auto const& shape = projection->rows->shape();
    for (std::size_t r = 0; r < found.size(); ++r) {
        stored_row row{projection->rows->create()};
        for (std::size_t c = 0; c < columns.size(); ++c) {
            auto const text = found.null(r, c) ? std::nullopt
                                               : std::optional<std::string_view>{found.text(r, c)};
            describe::set_column(shape, columns[c], text, row.object.get());
        }
        row.last_position = found.integer(r, columns.size());
        row.group = found.text(r, columns.size() + 1);
        row.weight = found.integer(r, columns.size() + 2);
        list.push_back(std::move(row));
    }
    return list;
}

std::vector<postgres::parameter> table_sql::keys_of(
    std::vector<void const*> const& objects) const {
    std::vector<postgres::parameter> arrays;
    auto const& shape = projection->rows->shape();
    for (auto const c : key_columns) {
        postgres::array_literal array;
        for (auto const* object : objects) {
            auto const text = describe::column_text(shape, columns[c], object);
            assert_that(text.has_value(), "a key field is no optional");
            array.add(*text);
        }
        arrays.emplace_back(array.take());
    }
    return arrays;
}

}  // namespace recount
