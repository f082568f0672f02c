// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Appends batches of commits through the database's append function: plans them against known
// heads, sends finished rows, and plans again what the tail shows to have moved.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include <recount/log/log.hpp>
#include <recount/postgres/session.hpp>

#include "log/batch.hpp"
#include "log/group_commit.hpp"
#include "postgres/heads_cache.hpp"
#include "postgres/log_queries.hpp"

namespace recount::postgres {

class appender {
public:
    // `grown` is told the end of the log after each batch that was written.
    appender(pool& sessions, uuid const& store_id, log_queries const& queries,
             std::function<void(position)> grown);

    // From any thread: what comes in while a batch is on its way is written by the next.
    [[nodiscard]] std::vector<append_result> append(std::span<commit const> commits) {
        return group_.append(commits);
    }

private:
    struct round;   // one call of write_all()
    struct effort;  // one transaction's worth of it
    enum class outcome : std::uint8_t { settled, again };
    struct plan {
        std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
        log_end known_at;
        detail::known_heads heads;
        detail::planned_batch batch;
    };

    pool& sessions_;
    uuid store_id_;
    log_queries const& queries_;
    std::function<void(position)> grown_;
    heads_cache cache_;
    detail::group_commit group_;

    std::vector<append_result> write_all(std::span<commit const* const> commits);
    void run(round& r, std::span<std::size_t const> wanted);
    outcome attempt(round& r, effort& e, std::vector<std::size_t> const& pending);
    bool write(round& r, effort& e, session& on, std::optional<transaction>& holding_lock,
               plan const& p);
    outcome fail(round& r, effort& e, std::vector<std::size_t> const& pending,
                 error const& failure);
    void settle_known(round& r, session& on, std::span<std::size_t const> indexes);
    void heads_of(round& r, effort const& e, session& on, std::vector<std::size_t> const& pending,
                  plan& p);
    log_end query_heads(session& on, std::vector<std::string> const& streams,
                        detail::known_heads& heads);
};

// The rows of find_commits, which stand in order of position.
[[nodiscard]] std::map<uuid, remembered_commit> remembered_commits(result const& rows);
[[nodiscard]] std::string uuid_array(std::span<uuid const> ids);

}  // namespace recount::postgres
