// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The filters of a query, checked and in canonical form, so that every store answers alike.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <recount/describe/columns.hpp>
#include <recount/projection/row_store.hpp>

namespace recount {

struct checked_filter {
    describe::column const* column;
    std::string text;          // of the value, as the column gives it out
    erased_object probe;       // a row that has the value in the column

    [[nodiscard]] bool passes(row_descriptor const& rows, void const* row) const;
};

// Throws errc::invalid_argument for a column that there is not, or a value that it cannot hold.
[[nodiscard]] std::vector<checked_filter> checked_filters(
    projection_descriptor const& p, std::span<describe::column const> columns,
    std::vector<row_filter> const& filters);

// What prepare() says where a table of this name and version is there, but of another row.
[[nodiscard]] error other_columns(projection_descriptor const& p);
// What write() says where a row of group `has` is in the place of one of group `wants`.
[[nodiscard]] error row_of_another_group(projection_descriptor const& p, std::string_view has,
                                         std::string_view wants);

}  // namespace recount
