// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Which restructure undoes another one, if it was not undone itself.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include <recount/correction/restructured.hpp>

namespace recount::detail {

struct undo_line {
    uuid restructure;
    std::optional<uuid> undoes;
};
using undone_ids = std::map<uuid, uuid>;   // and by which
// Of all restructures behind those that are asked for, oldest first.
[[nodiscard]] undone_ids undone_in(std::vector<undo_line> const& all);
[[nodiscard]] std::optional<uuid> found_in(undone_ids const& undone, uuid const& id);

// Looked for in the streams where its slots are or were, from its own rows on.
[[nodiscard]] std::optional<uuid> undoer_of(log& of, uuid const& id);

// The restructure as find_restructure finds it, but for what undoes it.
[[nodiscard]] std::optional<recorded_restructure> restructure_alone(log& of, uuid const& id);

}  // namespace recount::detail
