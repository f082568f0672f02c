// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// An append that is made while no other restructure of the store can be: the lock, then the commit,
// then its rows, one transaction. Appends of others go on meanwhile; for the rows the position lock
// is taken, as by any append. A commit whose expectations were overtaken is made again; the last
// time the position lock is taken before it is made.
//
// Only one call of this process is in the database at a time: those that wait for it hold nothing.
// The session is its own, so that what makes the commit may use the others, however few.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>

#include <recount/log/log.hpp>
#include <recount/postgres/session.hpp>

#include "postgres/log_queries.hpp"

namespace recount::postgres {

class restructure_appender {
public:
    // `grown` is told the end of the log that a commit made.
    restructure_appender(session_options options, uuid const& store_id, log_queries const& queries,
                         std::function<void(position)> grown);

    // From any thread. Throws as log::append does, and what `make` throws.
    [[nodiscard]] appended append(std::function<commit()> const& make);
    // As log::seal. It waits for a restructure as one of these does.
    recorded_seal seal(new_seal const& wanted);

private:
    std::mutex one_at_a_time_;
    uuid store_id_;
    log_queries const& queries_;
    std::chrono::milliseconds idle_usual_;   // while the position lock is held
    pool sessions_;
    std::function<void(position)> grown_;

    [[nodiscard]] appended attempt(session& on, std::function<commit()> const& make,
                                   bool& standstill);
    [[nodiscard]] appended attempt_once(session& on, std::function<commit()> const& make,
                                        bool standstill);
    [[nodiscard]] appended write(session& on, transaction& work, commit const& one,
                                 bool for_good);
};

}  // namespace recount::postgres
