// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Your own tables in the transaction of an append: both are committed, or neither.
//
//     constexpr postgres::query reserve{"reserve", "UPDATE stock SET left_over = left_over - 1 "
//                                                  "WHERE item = $1"};
//     log->append_with(commit, {.before = [&](postgres::own_tables& tables) {
//         if (tables.execute(reserve, {item}).affected() != 1) throw sold_out{};
//     }});
//
// Such an append is a transaction of its own: BEGIN, `before`, the append, `after`, COMMIT. Others
// are not in it, and are not failed by it. What a function throws reaches the caller, and then
// nothing of the append and of the tables is stored. The functions may be run more than once: after
// a deadlock, and when a connection was lost, so they do nothing but through `own_tables`. A commit
// whose id is known has its first result; what `before` did this time is rolled back then.
// The role is the log's (`<schema>_<database>_app`), which has no rights on your tables until you
// GRANT them.
// Cost: the position lock is held from the append to the end of COMMIT, and every other writer
// waits for it (metric recount_position_lock_seconds): do in `before` what needs no position, and
// nothing slow in `after`. A commit has at most `own_commit_events_max` events.
#pragma once

#include <functional>

#include <recount/log/commit.hpp>
#include <recount/postgres/session.hpp>

namespace recount::postgres {

inline constexpr std::size_t own_commit_events_max = 1'000;

// Lives as long as the call of the function it is handed to.
class own_tables {
public:
    explicit own_tables(session& on) noexcept : session_{&on} {}
    // Throws errc::invalid_argument for statements that would end the transaction or change its
    // role: BEGIN, COMMIT, ROLLBACK, SET …
    result execute(query const& statement, std::vector<parameter> const& parameters = {});

private:
    session* session_;
};

struct participants {
    std::function<void(own_tables&)> before{};
    // Knows positions and versions, which will be true if this transaction is committed.
    std::function<void(own_tables&, appended const&)> after{};
};

}  // namespace recount::postgres
