// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The SQL of one projection's table, generated from its row: names quoted, nothing else put in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <recount/describe/columns.hpp>
#include <recount/postgres/session.hpp>
#include <recount/projection/row_store.hpp>

namespace recount {

struct table_sql {
    table_sql(projection_descriptor const& p, std::string const& schema, table_build build);

    projection_descriptor const* projection;
    std::vector<describe::column> columns;     // of the row
    std::vector<std::size_t> key_columns;      // indexes into them
    std::string table_name;                    // unquoted, without schema: name__v1, or name__r1
    std::string table;                         // qualified, quoted
    std::string view_name;                     // qualified, quoted
    std::string groups_name;                   // unquoted: name__g1, or name__h1
    std::string groups;                        // qualified, quoted; for those that note streams
    std::string definition;                    // the columns, to tell whether a table fits

    postgres::owned_query create;              // a script
    postgres::owned_query comment;             // reads the definition kept with the table
    postgres::owned_query empty;
    postgres::owned_query drop;
    postgres::owned_query view;                // a script: makes the view anew, pointing here
    postgres::owned_query turn_view;           // for a view of the same columns; keeps its grants
    postgres::owned_query in_view;             // a row if the view points here
    postgres::owned_query newer_view;          // a row if it points to a later version's table
    postgres::owned_query load, load_last, load_below, load_groups, upsert, remove, select;
    postgres::owned_query streams_of, note;    // of groups

    // Any of the forms of a read: the row's columns, then _position, _group and _weight.
    [[nodiscard]] std::vector<stored_row> rows_of(postgres::result const& found) const;
    // The key columns of these objects as array parameters.
    [[nodiscard]] std::vector<postgres::parameter> keys_of(
        std::vector<void const*> const& objects) const;
    // `"a", "b"`, each with what goes before and after it.
    [[nodiscard]] std::string list(std::string_view before = {}) const;
    [[nodiscard]] std::string keys(std::string_view before = {}, std::string_view after = {}) const;
    // A column after `first` parameters, cast: `$2::text`.
    [[nodiscard]] std::string cast(std::size_t column, std::size_t first,
                                   std::string_view array = {}) const;

private:
    [[nodiscard]] bool keyed() const noexcept { return !projection->invertible; }
    [[nodiscard]] std::string create_groups() const;
    [[nodiscard]] std::string select_from(std::string_view rest) const;
    void make_definition();
    void make_reads();
    void make_writes();
};

}  // namespace recount
