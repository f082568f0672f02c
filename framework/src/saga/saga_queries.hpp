// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The statements of postgres_saga_store, made once for a store's schema, and its rows as values.
//
//     saga_queries const sql{names.schema};
//     auto const rows = sessions.read(sql.find_message, {to_string(key)});
//     if (!rows.empty()) return message_at(rows, 0);
#pragma once

#include <string>

#include <recount/postgres/session.hpp>
#include <recount/saga/saga_store.hpp>

namespace recount::detail {

struct saga_queries {
    explicit saga_queries(std::string const& schema);

    // $1 saga
    postgres::owned_query read_checkpoint, enter_checkpoint, advance_checkpoint;
    // Arrays, one a column.
    postgres::owned_query enter_instances, enter_messages, finish, move, withdraw, supersede,
        set_timers, cancel_timers;
    postgres::owned_query release, sent, failed, give_up, replay;
    // $1 saga
    postgres::owned_query due_timers, find_instance, list_instances, list_timers;
    postgres::owned_query find_message, list_messages, next_timer;
    postgres::owned_query count_instances, count_timers;
    postgres::owned_query count_messages;     // a row for commands, one for effects

    // $1 saga, or null for a claim that names none; $2 types, $3 limit, $4 lease in ms. The
    // database's planner needs to know kind and whether there is a saga.
    [[nodiscard]] postgres::owned_query const& claim(message_claim const& wanted) const {
        return claims_[wanted.kind == message_kind::effect][wanted.saga.has_value()];
    }
    // $1, $2 as above: ms until one of them may be claimed.
    [[nodiscard]] postgres::owned_query const& next_message(message_claim const& wanted) const {
        return nexts_[wanted.kind == message_kind::effect][wanted.saga.has_value()];
    }

private:
    postgres::owned_query claims_[2][2];
    postgres::owned_query nexts_[2][2];

    void make_steps(std::string const& schema);
    void make_outcomes(std::string const& schema);
    void make_reads(std::string const& schema);
    void make_claims(std::string const& schema);
    void make_counts(std::string const& schema);
};

[[nodiscard]] outbox_message message_at(postgres::result const& rows, std::size_t row);
[[nodiscard]] saga_instance instance_at(postgres::result const& rows, std::size_t row);
[[nodiscard]] saga_counts::instance_count instance_count_at(postgres::result const& rows,
                                                            std::size_t row);
[[nodiscard]] saga_timer timer_at(postgres::result const& rows, std::size_t row);

}  // namespace recount::detail
