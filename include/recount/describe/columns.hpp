// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A described structure as the columns of a table: their SQL types, and values as SQL text.
//
//     for (auto const& column : recount::describe::columns_of(descriptor_of<balance_row>()))
//         use(column.name, column.sql_type);        // account text, balance_minor bigint, …
//
// One field is one column, except money: `x_minor bigint, x_currency char(3)`. Text sorts COLLATE
// "C"; an optional is nullable; a vector, map, structure or variant is jsonb; a strong id is its
// representation. Values travel as PostgreSQL text (nullopt is NULL).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <recount/describe/descriptor.hpp>

namespace recount::describe {

struct column {
    std::string name;
    std::string sql_type;       // with collation: `text COLLATE "C"`
    std::string cast_type;      // for casts, without collation: `text`
    bool nullable = false;
    std::size_t field = 0;      // index into the structure's fields
    enum class part : std::uint8_t { whole, minor, currency } part = part::whole;
};

// The columns in the order of the fields. Throws errc::invalid_argument for a column name of more
// than 63 bytes or one taken twice.
[[nodiscard]] std::vector<column> columns_of(type_descriptor const& structure);

// The value of one column of `object`. Throws errc::invalid_argument (for jsonb errc::invalid_json)
// for what PostgreSQL would not take.
[[nodiscard]] std::optional<std::string> column_text(type_descriptor const& structure,
                                                     column const& which, void const* object);

// Sets the column's part of `object` from PostgreSQL's text form (ISO dates, UTC, hex bytea,
// iso_8601 intervals), the columns in their order: a currency joins the minor units set before it.
// Throws errc::corrupted for text that does not fit.
void set_column(type_descriptor const& structure, column const& which,
                std::optional<std::string_view> text, void* object);

// `CREATE TABLE` body lines, one a column: `account text COLLATE "C" NOT NULL`. Identifiers quoted.
[[nodiscard]] std::vector<std::string> column_definitions(std::span<column const> columns);

}  // namespace recount::describe
