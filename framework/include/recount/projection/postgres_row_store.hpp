// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Rows in PostgreSQL: generated, versioned tables behind a view, written by the projector role.
//
//     CREATE TABLE recount.account_balances__v1 (account text COLLATE "C" NOT NULL, …,
//         _position bigint NOT NULL, PRIMARY KEY (account));
//     CREATE VIEW recount.account_balances AS SELECT … FROM recount.account_balances__v1;
//
// A keyed table has `_group` beside `_position`, an invertible one `_weight`. Which streams the
// groups of a projection have is noted in a table beside, `name__g<version>`, if it names its groups.
//
// Cost: a batch is one query to load, and one transaction of a checkpoint and one upsert to write.
#pragma once

#include <recount/postgres/migrate.hpp>
#include <recount/postgres/session.hpp>
#include <recount/projection/row_changes.hpp>
#include <recount/projection/row_store.hpp>

namespace recount {

class postgres_row_store final : public row_store, public row_changes {
public:
    postgres_row_store(std::string url, postgres::store_names names, std::string program);
    ~postgres_row_store() override;
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

    // The statements that `prepare` and `publish` run, for `projections ddl`.
    [[nodiscard]] static std::string ddl(projection_descriptor const& p,
                                         std::string const& schema);

private:
    struct implementation;
    std::unique_ptr<implementation> self_;
};

}  // namespace recount
