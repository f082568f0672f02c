// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Rows in memory: for tests and for folding a part of history on the side.
//
//     recount::memory_row_store rows;
//     recount::run_projection(log, rows, recount::projection_of<account_balances>(),
//                             recount::table_build::live, {});
//
// Behaves as the tables on PostgreSQL do (tests/conformance): the same order, the same text of
// values, the same fence, views that are there only once published.
// Thread safety: every function from any thread. Errors: as row_store says; nothing is ever
// unreachable. Cost: every row is kept as an object and as text; a query walks the table.
#pragma once

#include <recount/projection/row_changes.hpp>
#include <recount/projection/row_store.hpp>

namespace recount {

class memory_row_store final : public row_store, public row_changes {
public:
    memory_row_store();
    ~memory_row_store() override;
    void prepare(projection_descriptor const& p) override;
    void publish(projection_descriptor const& p) override;
    [[nodiscard]] checkpoint read_checkpoint(projection_descriptor const& p,
                                             table_build build) override;
    [[nodiscard]] std::unique_ptr<row_source> source(projection_descriptor const& p,
                                                     table_build build) override;
    [[nodiscard]] bool write(projection_descriptor const& p, table_build build,
                             checkpoint const& from, checkpoint const& to,
                             std::vector<unit_of_work::change> const& changes,
                             std::vector<group_stream> const& noted = {}) override;
    void begin_rebuild(projection_descriptor const& p) override;
    [[nodiscard]] bool swap(projection_descriptor const& p) override;
    [[nodiscard]] std::vector<stored_row> query(projection_descriptor const& p,
                                                row_query const& wanted) override;

    position keep_changes(projection_descriptor const& p) override;
    void stop_keeping_changes(projection_descriptor const& p) override;
    void forget_changes(projection_descriptor const& p, position through) override;
    [[nodiscard]] row_changes_page read_changes(projection_descriptor const& p,
                                                history::change_mark const& after,
                                                std::size_t limit) override;

private:
    struct implementation;
    std::unique_ptr<implementation> self_;
};

}  // namespace recount
