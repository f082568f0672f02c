// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The SQL of one projection's table, generated from its row: names quoted, nothing else put in.
#pragma once

#include <string>
#include <vector>

#include <recount/describe/columns.hpp>
#include <recount/postgres/session.hpp>
#include <recount/projection/row_store.hpp>

namespace recount {

struct table_sql {
    table_sql(projection_descriptor const& p, std::string const& schema, table_build build);

    projection_descriptor const* projection;
    table_build build;
    std::vector<describe::column> columns;     // of the row
    std::vector<std::size_t> key_columns;      // indexes into them
    std::string table_name;                    // unquoted, without schema
    std::string view_name;                     // qualified, quoted
    std::string definition;                    // the columns, to tell whether a table fits

    postgres::owned_query create;              // a script
    postgres::owned_query comment;             // reads the definition kept with the table
    postgres::owned_query drop;
    postgres::owned_query view;                // a script
    postgres::owned_query load, load_last, load_below, upsert, remove, select;

    // Any of the three query forms of a read: the row's columns, then _position and _group.
    [[nodiscard]] std::vector<stored_row> rows_of(postgres::result const& found) const;
    // The key columns of these objects as array parameters.
    [[nodiscard]] std::vector<postgres::parameter> keys_of(
        std::vector<void const*> const& objects) const;
};

}  // namespace recount
