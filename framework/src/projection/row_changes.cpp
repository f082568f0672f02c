// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/projection/row_changes.hpp>

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include <recount/core/error.hpp>

#include "projection/made_changes.hpp"

namespace recount {

std::string to_json(row_change const& c) {
    return fmt::format(R"({{"k":{},"ordinal":{},"change":"{}","{}":{}}})", c.k, c.ordinal,
                       c.removed ? "remove" : "put", c.removed ? "key" : "row", c.row);
}

row_changes& row_changes_of(row_store& rows) {
    if (auto* const kept = dynamic_cast<row_changes*>(&rows)) return *kept;
    throw error{errc::refused, "this store of rows keeps no changes"};
}

namespace detail {

namespace {

std::string key_json(row_descriptor const& rows, void const* row) {
    auto const& shape = rows.shape();
    std::string text;
    for (auto const index : rows.key_fields) {
        auto const& field = shape.fields[index];
        text += text.empty() ? '{' : ',';
        describe::append_quoted(text, field.name);
        text += ':';
        describe::write_json(text, field.type(), field.read(row));
    }
    return text + "}";
}

}  // namespace

std::vector<row_change> made_changes(projection_descriptor const& p, position from, position to,
                                     std::vector<unit_of_work::change> const& changes) {
    std::map<void const*, unit_of_work::change const*, key_order> by_key{key_order{p.rows}};
    // A row that came to another group is removed from the one before first: it is there still.
    for (auto const& change : changes) by_key.insert_or_assign(change.object, &change);
    std::vector<row_change> made;
    made.reserve(by_key.size());
    for (auto const& [key, change] : by_key) {
        // Of a row that was taken away with its group nobody has said when.
        auto const k = change->last_position > from ? change->last_position : to;
        row_change one{k, 0, change->removed, false, {}};
        if (one.removed) {
            one.row = key_json(*p.rows, key);
        } else {
            describe::write_json(one.row, p.rows->shape(), change->object);
        }
        made.push_back(std::move(one));
    }
    std::stable_sort(made.begin(), made.end(),
                     [](auto const& a, auto const& b) { return a.k < b.k; });
    for (std::size_t i = 1; i < made.size(); ++i) {
        if (made[i].k == made[i - 1].k) made[i].ordinal = made[i - 1].ordinal + 1;
    }
    return made;
}

error no_changes_yet(projection_descriptor const& p, position at, position through) {
    return error{errc::invalid_argument,
                 fmt::format("projection {} is at position {}: there are no changes up to {}",
                             p.name, at, through)};
}

void finish(row_changes_page& page, history::change_mark const& after, bool whole) {
    for (std::size_t i = 0; i < page.changes.size(); ++i) {
        auto& one = page.changes[i];
        one.last = i + 1 == page.changes.size() || page.changes[i + 1].k != one.k;
    }
    // A mark inside a k, of which all had been told, is behind everything else.
    page.through = whole ? std::max(page.at, after.k) : page.changes.back().k;
    page.caught_up = page.through >= page.at;
}

}  // namespace detail

}  // namespace recount
