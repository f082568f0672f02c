// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <charconv>

#include <fmt/core.h>

#include "result_cells.hpp"

namespace recount::postgres {

namespace {

[[noreturn]] void not_a(char const* wanted, std::string_view column) {
    throw error{errc::database_failed,
                fmt::format("column '{}' of the answer is not {}", column, wanted)};
}

}  // namespace

result::result() = default;
result::~result() = default;
result::result(result&&) noexcept = default;
result& result::operator=(result&&) noexcept = default;
result::result(std::unique_ptr<implementation> rows) noexcept : rows_{std::move(rows)} {}

std::size_t result::size() const noexcept { return rows_ == nullptr ? 0 : rows_->size; }
std::size_t result::columns() const noexcept { return rows_ == nullptr ? 0 : rows_->names.size(); }
std::size_t result::affected() const noexcept { return rows_ == nullptr ? 0 : rows_->affected; }

std::string_view result::text(std::size_t row, std::size_t column) const {
    assert_that(rows_ != nullptr, "a cell of an empty result is read");
    return rows_->cell(row, column);
}

bool result::null(std::size_t row, std::size_t column) const {
    return text(row, column).data() == nullptr;
}

std::int64_t result::integer(std::size_t row, std::size_t column) const {
    std::string_view const digits = text(row, column);
    std::int64_t value = 0;
    auto const* const last = digits.data() + digits.size();
    auto const [end, failure] = std::from_chars(digits.data(), last, value);
    if (digits.empty() || failure != std::errc{} || end != last) {
        not_a("an integer", column_name(column));
    }
    return value;
}

bool result::boolean(std::size_t row, std::size_t column) const {
    std::string_view const value = text(row, column);
    if (value != "t" && value != "f") not_a("a boolean", column_name(column));
    return value == "t";
}

std::string_view result::column_name(std::size_t column) const {
    assert_that(column < columns(), "a column outside of the result is named");
    return rows_->names[column];
}

}  // namespace recount::postgres
