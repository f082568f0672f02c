// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// An append with participants: one transaction, begun anew when it could not be had to its end.
// Everything about the commit is done by the function append_commit_untold (migrations/0006, 0009)
// under the position lock, so nothing need be known of any head.
#pragma once

#include <functional>

#include <recount/log/log.hpp>
#include <recount/postgres/own_tables.hpp>

#include "postgres/log_queries.hpp"

namespace recount::postgres {

class append_with_participants {
public:
    // `grown` is told the end of the log that a commit made: it tells other processes, too.
    append_with_participants(pool& sessions, log_queries const& queries,
                             std::function<void(position)> grown)
        : sessions_{sessions}, queries_{queries}, grown_{std::move(grown)} {}

    // From any thread. Throws as log::append does, and what a participant throws.
    [[nodiscard]] appended append(commit const& one, participants const& with);

private:
    pool& sessions_;
    log_queries const& queries_;
    std::function<void(position)> grown_;

    [[nodiscard]] bool worth_another(error const& failure) const;
    [[nodiscard]] appended attempt(session& on, commit const& one, participants const& with);
    [[nodiscard]] appended first_result(session& on, commit const& one);
};

}  // namespace recount::postgres
