// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The changes of rows that a write has made, as they are kept for subscribers.
#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include <recount/projection/row_changes.hpp>
#include <recount/projection/row_store.hpp>

namespace recount::detail {

struct key_order {
    row_descriptor const* rows;
    bool operator()(void const* a, void const* b) const { return rows->key_less(a, b); }
};

// Of a page from `from` to `to`: one a row, by k and then by key.
[[nodiscard]] std::vector<row_change> made_changes(
    projection_descriptor const& p, position from, position to,
    std::vector<unit_of_work::change> const& changes);

[[nodiscard]] error no_changes_yet(projection_descriptor const& p, position at, position through);

// Marks the last of each k, and says how far the page goes. `whole`: these are all there are.
void finish(row_changes_page& page, history::change_mark const& after, bool whole);

}  // namespace recount::detail
