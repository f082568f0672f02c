// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Appends commits with all that may come between: heads that moved, ids that are known already,
// content that the server refuses, lost connections. Plans, sends, and plans again what did not go
// through, until every commit has its result. The appender's batches go this way when they could
// not simply be written.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <unordered_set>
#include <vector>

#include <recount/log/log.hpp>
#include <recount/postgres/session.hpp>

#include "log/batch.hpp"
#include "postgres/heads_cache.hpp"
#include "postgres/log_queries.hpp"

namespace recount::postgres {

// Commits without defects, and what became of them; those that have a result are left alone.
struct append_work {
    std::vector<commit const*> commits;
    std::vector<std::optional<append_result>> results;
    // The connection was lost while these were on their way, so the log may hold our own first
    // attempt: finding it is no repetition then, and not finding it no proof.
    std::vector<bool> in_doubt;
    std::unordered_set<uuid> written{};  // by the same call, for those that follow them

    void add(commit const& one, bool doubtful) {
        commits.push_back(&one);
        results.emplace_back();
        in_doubt.push_back(doubtful);
    }
};

class careful_appender {
public:
    // `grown` is told the end of the log after each batch that was written.
    careful_appender(pool& sessions, uuid const& store_id, log_queries const& queries,
                     heads_cache& cache, std::function<void(position)> grown);

    // From any thread. Every commit has a result afterwards; throws nothing but bad_alloc.
    // `failure`: what came of a first attempt at all of them.
    void append(append_work& work, std::optional<error> const& failure = std::nullopt);

private:
    struct effort;  // one transaction's worth of it
    enum class outcome : std::uint8_t { settled, again };
    struct plan {
        std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
        known_range known;
        detail::known_heads heads;
        detail::planned_batch batch;
    };

    pool& sessions_;
    uuid store_id_;
    log_queries const& queries_;
    heads_cache& cache_;
    std::function<void(position)> grown_;

    void run(append_work& work, std::span<std::size_t const> wanted,
             std::optional<error> const& failure = std::nullopt);
    outcome attempt(append_work& work, effort& e, std::vector<std::size_t> const& pending);
    bool write(append_work& work, effort& e, session& on,
               std::optional<transaction>& holding_lock, plan& p);
    outcome fail(append_work& work, effort& e, std::vector<std::size_t> const& pending,
                 error const& failure);
    void settle_known(append_work& work, session& on, std::span<std::size_t const> indexes);
    [[nodiscard]] bool heads_of(append_work& work, effort const& e, session& on,
                                std::vector<std::size_t> const& pending, plan& p);
};

// What append() answers when the log is ahead of the plan: heads as they are now.
[[nodiscard]] detail::known_heads moved_heads(std::string_view moved);

}  // namespace recount::postgres
