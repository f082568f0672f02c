// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The arguments of the database's append function (migrations/0015) and of append_one (0016),
// filled row by row while a batch is planned. What depends on the end of the batch before (ids of
// the streams it creates, the end of the log, the types that it holds) is put in when they are
// taken. Columns that say nothing are left empty: a batch is mostly commits of one event, of one
// type.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <recount/log/commit.hpp>
#include <recount/postgres/session.hpp>

#include "log/batch.hpp"
#include "postgres/binary_array.hpp"
#include "postgres/heads_cache.hpp"

namespace recount::postgres {

class append_arguments {
public:
    // The rows of a commit, from `first_row` of the batch on.
    void add(commit const& one, detail::planned_batch const& batch, std::size_t first_row,
             std::string_view meta);
    // The stream of a row by its id: where that was not known, it is now.
    [[nodiscard]] std::vector<std::string> take(detail::planned_batch const& batch,
                                                known_range const& known);
    // The same for append_one, if that will do: one row, to a stream that exists, of a type that
    // the log has, by heads that hold at its newest end. If not, nothing is taken.
    [[nodiscard]] std::optional<std::vector<parameter>> take_one(
        detail::planned_batch const& batch, known_range const& known);
    // Of those taken, the types that append() was to look up: when it is done, they are written.
    [[nodiscard]] known_types const& looked_up() const noexcept { return looked_up_; }

private:
    binary_array event_ids_{binary_array::uuid};
    binary_array versions_{binary_array::bigint};
    binary_array ordinals_{binary_array::smallint};
    binary_array type_refs_{binary_array::integer};
    binary_array commit_lasts_{binary_array::bigint};
    binary_array effective_ats_{binary_array::timestamptz};
    binary_array commands_{binary_array::text};
    binary_array payloads_{binary_array::text};
    binary_array metas_{binary_array::text};
    binary_array hashes_{binary_array::bytea};
    std::vector<std::pair<std::string, int>> types_;  // with schema versions, each once
    std::map<std::pair<std::string, int>, std::int32_t> refs_;  // where they are, from 1
    std::int32_t last_ref_ = 0;  // most rows are of the type before
    bool several_events_ = false;  // in a commit
    known_types looked_up_;

    [[nodiscard]] std::int32_t type_ref(new_event const& event);
};

}  // namespace recount::postgres
