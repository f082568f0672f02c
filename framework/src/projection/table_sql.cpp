// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "projection/table_sql.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <recount/core/error.hpp>

namespace recount {

namespace {

using postgres::quote_identifier;

// The names of the framework's own tables in a store's schema.
constexpr std::string_view reserved[] = {"log",   "streams",    "types",      "links",
                                         "store", "migrations", "checkpoints"};

std::string suffix(table_build build) { return build == table_build::rebuild ? "__rebuild" : ""; }

template <class Each>
std::string joined(std::size_t count, std::string_view separator, Each each) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) text += separator;
        text += each(i);
    }
    return text;
}

}  // namespace

table_sql::table_sql(projection_descriptor const& p, std::string const& schema, table_build b)
    : projection{&p}, build{b}, columns{describe::columns_of(p.rows->shape())},
      table_name{p.table() + suffix(b)} {
    for (auto const taken : reserved) {
        if (p.name == taken) {
            throw error{errc::invalid_argument,
                        fmt::format("a projection cannot be named '{}': the store has a table of "
                                    "that name",
                                    p.name)};
        }
    }
    for (auto const field : p.rows->key_fields) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (columns[i].field == field) key_columns.push_back(i);
        }
    }
    auto const quoted = [&](std::size_t i) { return quote_identifier(columns[i].name); };
    auto const key_quoted = [&](std::size_t i) { return quoted(key_columns[i]); };
    auto const all = [&](std::string_view prefix) {
        return joined(columns.size(), ", ",
                      [&](std::size_t i) { return std::string{prefix} + quoted(i); });
    };
    auto const keys = [&](std::string_view prefix, std::string_view tail = {}) {
        return joined(key_columns.size(), ", ", [&](std::size_t i) {
            return std::string{prefix} + key_quoted(i) + std::string{tail};
        });
    };
    auto const schema_name = quote_identifier(schema);
    auto const table = schema_name + "." + quote_identifier(table_name);
    view_name = schema_name + "." + quote_identifier(p.name);
    bool const keyed = !p.invertible;
    std::string const hidden = keyed ? ", t._position, t._group" : ", t._position, ''";

    auto lines = describe::column_definitions(columns);
    lines.emplace_back("_position bigint NOT NULL");
    if (keyed) lines.emplace_back("_group text COLLATE \"C\" NOT NULL");
    lines.push_back(fmt::format("PRIMARY KEY ({})", keys("")));
    definition = fmt::format("{}", fmt::join(lines, ", "));
    auto script = fmt::format("CREATE TABLE {} (\n    {}\n);\n", table, fmt::join(lines, ",\n    "));
    if (keyed) {
        script += fmt::format("CREATE INDEX ON {} (_group, {});\n", table, keys(""));
    }
    // The definition has no single quotes: types, identifiers and double quotes only.
    script += fmt::format("COMMENT ON TABLE {} IS '{}';\n", table, definition);
    create = {"create_" + table_name, script};
    comment = {"table_definition",
               fmt::format("SELECT obj_description(to_regclass('{}'), 'pg_class'), "
                           "to_regclass('{}') IS NOT NULL",
                           table, table)};
    drop = {"drop_" + table_name, fmt::format("DROP TABLE IF EXISTS {}", table)};
    // Replaced and not altered: a new version may have other columns.
    view = {"view_" + std::string{p.name},
            fmt::format("DROP VIEW IF EXISTS {0};\nCREATE VIEW {0} AS SELECT {1}, _position "
                        "FROM {2};\n",
                        view_name, all(""), table)};

    auto const select_from = [&](std::string_view rest) {
        return fmt::format("SELECT {}{} FROM {} t {}", all("t."), hidden, table, rest);
    };
    auto const key_arrays = joined(key_columns.size(), ", ", [&](std::size_t i) {
        return fmt::format("${}::{}[]", i + 1, columns[key_columns[i]].cast_type);
    });
    auto const key_match = joined(key_columns.size(), " AND ", [&](std::size_t i) {
        return fmt::format("t.{0} = k.{0}", key_quoted(i));
    });
    load = {"load_rows_" + table_name,
            select_from(fmt::format("JOIN unnest({}) AS k({}) ON {}", key_arrays, keys(""),
                                    key_match))};
    auto const lateral = [&](std::string_view condition) {
        return fmt::format(
            "SELECT r.* FROM unnest($1::text[]) AS g(name) CROSS JOIN LATERAL ({}) r",
            select_from(fmt::format("WHERE t._group = g.name {} ORDER BY {} LIMIT 1", condition,
                                    keys("t.", " DESC"))));
    };
    load_last = {"load_last_rows_" + table_name, lateral("")};
    auto const below = joined(key_columns.size(), ", ", [&](std::size_t i) {
        return fmt::format("${}::{}", i + 2, columns[key_columns[i]].cast_type);
    });
    load_below = {"load_rows_below_" + table_name,
                  lateral(fmt::format("AND ({}) < ({})", keys("t."), below))};
    auto const arrays = joined(columns.size(), ", ", [&](std::size_t i) {
        return fmt::format("${}::{}[]", i + 1, columns[i].cast_type);
    });
    auto const updates = joined(columns.size(), "", [&](std::size_t i) {
        if (std::find(key_columns.begin(), key_columns.end(), i) != key_columns.end()) return std::string{};
        return fmt::format("{0} = EXCLUDED.{0}, ", quoted(i));
    });
    auto const n = columns.size();
    upsert = {"upsert_rows_" + table_name,
              fmt::format("INSERT INTO {} ({}, _position{}) SELECT * FROM unnest({}, "
                          "${}::bigint[]{}) ON CONFLICT ({}) DO UPDATE SET {}_position = "
                          "EXCLUDED._position{}",
                          table, all(""), keyed ? ", _group" : "", arrays, n + 1,
                          keyed ? fmt::format(", ${}::text[]", n + 2) : "", keys(""), updates,
                          keyed ? ", _group = EXCLUDED._group" : "")};
    remove = {"remove_rows_" + table_name,
              fmt::format("DELETE FROM {} t USING unnest({}) AS k({}) WHERE {}", table, key_arrays,
                          keys(""), key_match)};
    select = {"query_" + std::string{p.name}, select_from("")};
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
            if (!text) {
                throw error{errc::invalid_argument,
                            fmt::format("projection {}: the key field {} is absent",
                                        projection->name, columns[c].name)};
            }
            array.add(*text);
        }
        arrays.emplace_back(array.take());
    }
    return arrays;
}

}  // namespace recount
