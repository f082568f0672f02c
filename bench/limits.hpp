// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the server can do at most with the same rows in the same table: copies of the log with all
// its columns and indexes, filled by bare clients that keep none of the log's promises.
//
//     server_limits limits{place, work, "recount_bench"};
//     limits.copy(seconds{3});         // COPY, 512 rows a transaction, one client: rows/s
//     limits.insert(16, seconds{1});   // one INSERT a transaction, 16 clients: transactions/s
//     limits.ordered(64, seconds{1});  // the same in order of commit, without batches
//
// Rows for COPY are produced beforehand and are not timed. Thread safety: one thread.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "measure.hpp"
#include "place.hpp"
#include "workload.hpp"

namespace recount::bench {

class server_limits {
public:
    static constexpr std::size_t copy_rows = 512;

    // Makes the tables beside those of the store whose schema is `store_schema`.
    server_limits(place const& here, workload const& work, std::string const& store_schema);
    ~server_limits();  // drops them
    server_limits(server_limits const&) = delete;
    server_limits& operator=(server_limits const&) = delete;

    [[nodiscard]] double copy(seconds length);
    [[nodiscard]] double insert(std::size_t clients, seconds length);
    // Lock, look up the last position, insert, commit: in one call, to lose no time on the way.
    [[nodiscard]] double ordered(std::size_t clients, seconds length);

private:
    place const& here_;
    workload const& work_;
    std::string schema_ = "recount_bench_limits";
    std::int64_t copied_ = 0;
    std::atomic<std::int64_t> inserted_{0};
    std::atomic<std::int64_t> ordered_{0};

    [[nodiscard]] std::string copy_batch();
    [[nodiscard]] double by_clients(std::size_t clients, seconds length, bool in_order,
                                    std::atomic<std::int64_t>& rows);
};

}  // namespace recount::bench
