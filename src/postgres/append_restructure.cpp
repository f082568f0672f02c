// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/append_restructure.hpp"

#include <chrono>

#include <fmt/format.h>

#include <recount/core/fault_point.hpp>
#include <recount/core/limits.hpp>
#include <recount/core/metrics.hpp>
#include <recount/restructure/standstill.hpp>

#include "log/append_report.hpp"
#include "log/batch.hpp"
#include "log/seals.hpp"
#include "postgres/again.hpp"
#include "postgres/append_arguments.hpp"
#include "postgres/careful_appender.hpp"
#include "postgres/event_rows.hpp"
#include "postgres/stream_heads.hpp"

namespace recount::postgres {

namespace {

constexpr std::chrono::milliseconds pause_first{10};
constexpr std::chrono::milliseconds standstill_max{limits::standstill_ms_max};
// What is made has a little less, so that it is not the server that ends the session first.
constexpr auto making_max = standstill_max - std::chrono::milliseconds{500};
constexpr query limit_idle{
    "limit_idle",
    "SELECT pg_catalog.set_config('idle_in_transaction_session_timeout', $1, true)"};

// What was made expects streams as they are no more.
struct stale {
    error why;
};

// A restructure may have to wait for another, and is made while its transaction does nothing.
session_options with_patience(session_options options) {
    options.statement_timeout = std::chrono::seconds{30};
    options.lock_timeout = std::chrono::seconds{30};
    options.idle_in_transaction_timeout = std::chrono::minutes{2};
    return options;
}

// What may be otherwise the next time: somebody else was faster, or in the way.
bool worth_another(error const& failure) {
    return ran_into_another(failure) || failure.sqlstate() == "23505";
}

bool of_connection(error const& failure) {
    return failure.code() == errc::in_doubt || failure.code() == errc::database_unreachable;
}

void check(commit const& one) {
    if (auto const defect = detail::defect_of(one)) throw error{*defect};
    if (one.follows) {
        throw error{errc::invalid_argument,
                    "a restructure follows no other commit: it is alone in its batch"};
    }
}

}  // namespace

restructure_appender::restructure_appender(session_options options, uuid const& store_id,
                                           log_queries const& queries,
                                           std::function<void(position)> grown)
    : store_id_{store_id}, queries_{queries}, idle_usual_{options.idle_in_transaction_timeout},
      sessions_{with_patience(std::move(options)), 1}, grown_{std::move(grown)} {}

appended restructure_appender::append(std::function<commit()> const& make) {
    std::lock_guard const alone{one_at_a_time_};
    bool in_doubt = false;  // an earlier attempt may have gone through
    bool standstill = false;
    for (int attempts = 1;; ++attempts) {
        bool lost = false;
        bool of_database = false;  // the failure is that of our session, not of `make`
        try {
            auto lent = sessions_.lend();
            try {
                auto done = attempt(*lent, make, standstill);
                done.repeated = done.repeated && !in_doubt;
                return done;
            } catch (...) {
                lost = lent->broken();
                of_database = true;
                throw;
            }
        } catch (error const& failure) {
            in_doubt = in_doubt || (lost && failure.code() == errc::in_doubt);
            // What `make` refuses is refused, whatever became of the session meanwhile. One that
            // took too long at a standstill has lost it, and would stop all writers once more.
            bool const again =
                (lost && of_connection(failure)) || (of_database && worth_another(failure));
            if (!again || attempts == limits::statement_attempts_max) {
                if (!in_doubt || !lost) throw;
                throw append_in_doubt(failure);
            }
            metrics::add(metrics::metric::append_retries);
        }
        pause_before(attempts, pause_first);
    }
}

// Made twice it says twice the same, so one that may have gone through is not looked for.
recorded_seal restructure_appender::seal(new_seal const& wanted) {
    if (auto const defect = detail::defect_of(wanted)) throw error{*defect};
    recorded_seal made{wanted.category, wanted.until, wanted.through,
                       wanted.actor,    wanted.because};
    std::lock_guard const alone{one_at_a_time_};
    auto lent = sessions_.lend();
    auto const until = wanted.until ? parameter{to_string(*wanted.until)} : std::nullopt;
    auto const reply = lent->execute(queries_.seal,
                                     {wanted.category, until, std::to_string(wanted.through),
                                      wanted.actor, wanted.because});
    made.head = reply.integer(0, 1);
    if (reply.null(0, 0)) throw detail::beyond_the_log(wanted.through, made.head);
    made.sealed_at = timestamp{duration{reply.integer(0, 0)}};
    return made;
}

// Each making is a transaction of its own: the position lock is let go of between them.
appended restructure_appender::attempt(session& on, std::function<commit()> const& make,
                                       bool& standstill) {
    for (int made = 1; made < limits::restructure_makings_max && !standstill; ++made) {
        try {
            return attempt_once(on, make, false);
        } catch (stale const&) {   // others appended to those streams meanwhile
        } catch (wants_standstill const&) {
            standstill = true;     // of attempts on another connection, too
        }
    }
    try {
        return attempt_once(on, make, true);
    } catch (stale const& late) {
        throw error{late.why};
    }
}

appended restructure_appender::attempt_once(session& on, std::function<commit()> const& make,
                                            bool standstill) {
    transaction work{on};
    on.execute(queries_.lock_restructures);
    fault_point<"restructure.locked">();
    if (standstill) {
        on.execute(limit_idle, {std::to_string(standstill_max.count())});
        on.execute(queries_.lock);
    }
    auto const began = std::chrono::steady_clock::now();
    auto const one = make();
    if (standstill && std::chrono::steady_clock::now() - began > making_max) {
        throw error{errc::timed_out,
                    "the restructure takes too long to judge for streams as busy as these: make "
                    "several smaller ones, or try again when less is appended"};
    }
    check(one);
    fault_point<"restructure.judged">();
    std::vector<uuid> const ids{one.id};
    auto found = remembered_commits(on.execute(queries_.commits, {uuid_array(ids)}));
    if (auto const known = found.find(one.id); known != found.end()) {
        if (same_commit(one, known->second.rows)) return std::move(known->second.result);
        throw error{errc::command_id_taken,
                    fmt::format("the command id {} is taken", to_string(one.id))};
    }
    return write(on, work, one, standstill);
}

// The heads are read before the position lock is taken. If they moved until then, append() says
// where to and keeps the lock, so that the second time nothing can move.
appended restructure_appender::write(session& on, transaction& work, commit const& one,
                                     bool for_good) {
    auto const began = std::chrono::steady_clock::now();
    heads_cache cache;  // of this append alone
    detail::known_heads heads;
    std::vector<std::string> names;
    for (auto const name : detail::touched_streams(one)) names.emplace_back(name);
    auto as_of = read_heads(on, queries_, cache, names, heads);
    auto const* const given = &one;
    std::vector<std::size_t> const wanted{0};
    // From here on others wait: a program that is stopped now is not waited for longer than usual.
    on.execute(limit_idle, {std::to_string(idle_usual_.count())});
    for (;;) {
        auto const batch = detail::plan_batch(store_id_, std::span{&given, 1}, wanted, heads, {});
        if (auto const refused = batch.conflicts.find(0); refused != batch.conflicts.end()) {
            if (for_good) detail::tell_conflict(one, refused->second);
            throw stale{refused->second};
        }
        append_arguments arguments;
        arguments.add(one, batch, 0, batch.metas[0]);
        auto const reply = on.execute_binary(
            queries_.append, arguments.take(batch, {as_of.position, as_of, 0}));
        auto const base = reply.integer(0, 0);
        if (!reply.null(0, 3)) {
            for (auto const& [stream, head] : moved_heads(reply.text(0, 3))) heads[stream] = head;
            as_of = {base, digest_of(reply.text(0, 2))};
            continue;
        }
        auto done = detail::result_of(one, batch, 0, base,
                                      timestamp{duration{reply.integer(0, 1)}});
        fault_point<"restructure.appended">();
        work.commit();
        fault_point<"restructure.committed">();
        detail::tell_batch(std::span{&given, 1}, batch, base, began);
        grown_(done.last);
        return done;
    }
}

}  // namespace recount::postgres
