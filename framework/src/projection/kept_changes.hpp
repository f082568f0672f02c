// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The tables in which the changes of rows are kept (migrations/0012): what postgres_row_store does
// with them, each in the caller's transaction but for `read`.
//
//     if (kept.wanted(on, p)) kept.write(on, p, made_changes(p, from, to, changes));
#pragma once

#include <string>
#include <vector>

#include <recount/postgres/session.hpp>
#include <recount/projection/row_changes.hpp>
#include <recount/projection/row_store.hpp>

namespace recount::detail {

class kept_changes {
public:
    explicit kept_changes(std::string const& schema);

    // After the fence: whoever begins to keep them has the checkpoint locked.
    [[nodiscard]] bool wanted(postgres::session& on, projection_descriptor const& p) const;
    void write(postgres::session& on, projection_descriptor const& p,
               std::vector<row_change> const& made) const;

    // With the live checkpoint locked.
    position begin(postgres::session& on, projection_descriptor const& p) const;
    void forget(postgres::session& on, projection_descriptor const& p, position through) const;
    void end(postgres::session& on, projection_descriptor const& p) const;
    // Other rows stand there now, as of the checkpoint: what was kept tells nothing of them.
    void begin_again(postgres::session& on, projection_descriptor const& p) const;

    [[nodiscard]] row_changes_page read(postgres::pool& sessions, projection_descriptor const& p,
                                        history::change_mark const& after,
                                        std::size_t limit) const;

private:
    postgres::owned_query wanted_, insert_, hold_, keep_, since_, raise_, clear_, drop_, read_;
};

}  // namespace recount::detail
