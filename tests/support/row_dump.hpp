// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Rows as text, one a line, _position and _group included: equal text is equal tables.
#pragma once

#include <string>

#include <recount/projection/row_store.hpp>

namespace recount::tests {

inline std::string dump(projection_descriptor const& p, std::vector<stored_row> const& rows) {
    std::string text;
    for (auto const& row : rows) {
        describe::write_json(text, p.rows->shape(), row.object.get());
        text += " at " + std::to_string(row.last_position) + " in '" + row.group + "'\n";
    }
    return text;
}
inline std::string dump(projection_descriptor const& p, row_store& store) {
    return dump(p, store.query(p, {}));
}

}  // namespace recount::tests
