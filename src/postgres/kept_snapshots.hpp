// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The table `snapshots` of a store.
#pragma once

#include <recount/log/snapshots.hpp>
#include <recount/postgres/session.hpp>

#include "postgres/log_queries.hpp"

namespace recount::postgres {

class kept_snapshots final : public snapshot_store {
public:
    kept_snapshots(pool& sessions, log_queries const& queries)
        : sessions_{sessions}, queries_{queries} {}

    [[nodiscard]] std::map<std::string, snapshot> find(
        std::span<snapshot_key const> keys) override;
    void keep(std::span<snapshot const> fresh) override;

private:
    pool& sessions_;
    log_queries const& queries_;
};

}  // namespace recount::postgres
