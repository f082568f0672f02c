// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "projection/row_filters.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <recount/core/error.hpp>
#include <recount/core/text.hpp>

namespace recount {

bool checked_filter::passes(row_descriptor const& rows, void const* row) const {
    auto const& shape = rows.shape();
    if (column->part != describe::column::part::whole) {
        return describe::column_text(shape, *column, row) == text;
    }
    auto const& field = shape.fields[column->field];
    return field.type().equal(field.read(row), field.read(probe.get()));
}

namespace {

// The columns of an amount are set in their order, the minor units first.
void set_value(describe::type_descriptor const& shape, std::span<describe::column const> columns,
               describe::column const& which, std::string_view text, void* probe) {
    if (which.part == describe::column::part::currency) {
        for (auto const& column : columns) {
            bool const minor = column.part == describe::column::part::minor;
            if (minor && column.field == which.field) {
                describe::set_column(shape, column, "0", probe);
            }
        }
    }
    describe::set_column(shape, which, text, probe);
}

}  // namespace

std::vector<checked_filter> checked_filters(projection_descriptor const& p,
                                            std::span<describe::column const> columns,
                                            std::vector<row_filter> const& filters) {
    auto const& shape = p.rows->shape();
    std::vector<checked_filter> list;
    for (auto const& filter : filters) {
        auto const found = std::find_if(columns.begin(), columns.end(), [&](auto const& column) {
            return column.name == filter.column;
        });
        if (found == columns.end()) {
            std::vector<std::string_view> names;
            for (auto const& column : columns) names.push_back(column.name);
            throw error{errc::invalid_argument,
                        fmt::format("projection {} has no column '{}'; there are: {}", p.name,
                                    excerpt(filter.column), fmt::join(names, ", "))};
        }
        auto probe = p.rows->create();
        std::optional<std::string> text;
        try {
            set_value(shape, columns, *found, filter.value, probe.get());
            text = describe::column_text(shape, *found, probe.get());
        } catch (error const& failure) {
            throw error{errc::invalid_argument,
                        fmt::format("projection {}: {}", p.name, failure.what())};
        }
        list.push_back({&*found, text.value_or(""), std::move(probe)});
    }
    return list;
}

error other_columns(projection_descriptor const& p) {
    return error{errc::refused,
                 fmt::format("projection {} version {} has a table of other columns: raise its "
                             "version, then the new table is built beside the old one",
                             p.name, p.version)};
}

error row_of_another_group(projection_descriptor const& p, std::string_view has,
                           std::string_view wants) {
    return error{errc::refused,
                 fmt::format("projection {}: an event of the group '{}' reaches for a row of the "
                             "group '{}'; declare 'group', or let the handlers take a weight",
                             p.name, excerpt(wants), excerpt(has))};
}

}  // namespace recount
