// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a `result` holds. The cells are looked up once, on arrival: a view a cell is all that
// reading rows needs later, while pqxx's row and field objects copy two shared pointers each time
// one is made.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <recount/postgres/session.hpp>

namespace recount::postgres {

struct result::implementation {
    std::shared_ptr<void const> owner;    // of what the views look at
    std::size_t size = 0;                 // rows
    std::size_t affected = 0;
    std::vector<std::string_view> names;  // of the columns
    std::vector<std::string_view> cells;  // row by row; NULL has no data()

    [[nodiscard]] std::string_view cell(std::size_t row, std::size_t column) const {
        assert_that(row < size && column < names.size(), "a cell outside of the result is read");
        return cells[row * names.size() + column];
    }
};

}  // namespace recount::postgres
