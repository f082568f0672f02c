// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/careful_appender.hpp"

#include <algorithm>
#include <limits>
#include <unordered_set>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <recount/core/fault_point.hpp>

#include "log/append_report.hpp"
#include "postgres/again.hpp"
#include "postgres/append_arguments.hpp"
#include "postgres/appender_report.hpp"
#include "postgres/event_rows.hpp"
#include "postgres/stream_heads.hpp"

namespace recount::postgres {

namespace {

// Failures that come from what one commit holds, and would hit it alone, too.
bool of_content(error const& failure) {
    auto const state = std::string_view{failure.sqlstate()};
    return state.starts_with("22") || state.starts_with("23") || state.starts_with("54") ||
           failure.code() == errc::invalid_argument || failure.code() == errc::invalid_json ||
           state == "RC004";
}

// A process that appends to the same stream without a break always has its next batch in before we
// have planned anew. From then on we take the position lock first (its queue is fair) and plan
// under it.
constexpr int moved_max = 3;

constexpr std::chrono::milliseconds pause_first{10};

std::vector<std::size_t> pending_of(append_work const& work,
                                    std::span<std::size_t const> wanted) {
    std::vector<std::size_t> open;
    for (auto const i : wanted) {
        if (!work.results[i]) open.push_back(i);
    }
    return open;
}

void give_up(append_work& work, std::span<std::size_t const> wanted, error const& failure) {
    server_details const details{failure.sqlstate(), failure.query(), failure.server_text()};
    for (auto const i : pending_of(work, wanted)) {
        if (work.in_doubt[i]) {
            work.results[i] = append_in_doubt(failure);
        } else if (failure.code() == errc::in_doubt) {  // lost while reading
            work.results[i] =
                error{errc::database_unreachable,
                      "the connection was lost before an append took effect", details, true};
        } else {
            work.results[i] = failure;
        }
    }
}

}  // namespace

struct careful_appender::effort {
    bool heads_fresh = false;  // read all heads anew
    bool ask_known = false;    // look first which of the commits the log knows
    int moved = 0;             // attempts that found the log ahead
    int failures = 0;
};

careful_appender::careful_appender(pool& sessions, uuid const& store_id,
                                   log_queries const& queries, heads_cache& cache,
                                   std::function<void(position)> grown)
    : sessions_{sessions}, store_id_{store_id}, queries_{queries}, cache_{cache},
      grown_{std::move(grown)} {}

void careful_appender::append(append_work& work, std::optional<error> const& failure) {
    std::vector<std::size_t> chunk;
    std::unordered_set<uuid> ids;
    detail::batch_meter meter;
    auto const flush = [&] {
        if (!chunk.empty()) run(work, chunk, failure);
        chunk.clear();
        ids.clear();
        meter = {};
    };
    for (std::size_t i = 0; i < work.commits.size(); ++i) {
        if (work.results[i]) continue;
        auto const& one = *work.commits[i];
        // The same id twice: the second sees what became of the first.
        if (ids.contains(one.id) || !meter.has_room_for(one)) flush();
        chunk.push_back(i);
        ids.insert(one.id);
        meter.add(one);
    }
    flush();
}

void careful_appender::run(append_work& work, std::span<std::size_t const> wanted,
                           std::optional<error> const& failure) {
    effort e;
    if (failure && fail(work, e, pending_of(work, wanted), *failure) == outcome::settled) return;
    for (int i = 0; i < limits::append_attempts_max; ++i) {
        auto const pending = pending_of(work, wanted);
        if (pending.empty() || attempt(work, e, pending) == outcome::settled) return;
    }
    give_up(work, wanted,
            error{errc::timed_out,
                  fmt::format("unable to append: the log kept moving for {} attempts",
                              limits::append_attempts_max),
                  {},
                  true});
}

careful_appender::outcome careful_appender::attempt(append_work& work, effort& e,
                                                    std::vector<std::size_t> const& pending) {
    plan p;
    try {
        auto lent = sessions_.lend();
        if (std::exchange(e.ask_known, false)) {
            settle_known(work, *lent, pending);
            return outcome::again;
        }
        std::optional<transaction> holding_lock;
        if (e.moved >= moved_max) {
            holding_lock.emplace(*lent);
            lent->execute(queries_.lock);
            e.heads_fresh = true;
        }
        if (!heads_of(work, e, *lent, pending, p)) return outcome::again;
        p.batch = detail::plan_batch(store_id_, work.commits, pending, p.heads, work.written);
        if (!p.batch.conflicts.empty()) {
            std::vector<std::size_t> refused;
            for (auto const& [index, conflict] : p.batch.conflicts) refused.push_back(index);
            // A repeated command has its first result, whatever the streams look like by now.
            settle_known(work, *lent, refused);
            if (!std::exchange(e.heads_fresh, true)) return outcome::again;
        }
        auto const written = write(work, e, *lent, holding_lock, p);
        if (written && pending_of(work, pending).empty()) return outcome::settled;
        return outcome::again;
    } catch (error const& failure) {
        cache_.forget(p.heads);
        return fail(work, e, pending, failure);
    }
}

detail::known_heads moved_heads(std::string_view moved) {
    detail::known_heads heads;
    for (auto const& one : nlohmann::json::parse(moved)) {
        heads[one.at("name").get<std::string>()] = {
            one.at("id").get<std::int64_t>(), one.at("version").get<version>(),
            digest_from_hex(one.at("hash").get<std::string>())};
    }
    return heads;
}

// False if the log is ahead of the plan, and nothing was written.
bool careful_appender::write(append_work& work, effort& e, session& on,
                             std::optional<transaction>& holding_lock, plan& p) {
    auto const& batch = p.batch;
    // A commit was refused for what this very batch holds, or for fresh heads: either way it is
    // final only now, when the batch is as it was judged.
    auto const settle_conflicts = [&] {
        for (auto const& [index, conflict] : batch.conflicts) {
            if (work.results[index]) continue;
            work.results[index] = conflict;
            detail::tell_conflict(*work.commits[index], conflict);
        }
    };
    if (batch.rows.empty()) {
        settle_conflicts();
        return true;
    }
    result reply;
    append_arguments arguments;
    try {
        for (std::size_t i = 0; i < batch.rows.size(); ++i) {
            if (batch.rows[i].event != 0) continue;
            auto const index = batch.rows[i].commit;
            arguments.add(*work.commits[index], batch, i, batch.metas[index]);
        }
        fault_point<"careful_append.planned">();
        reply = on.execute_binary(queries_.append, arguments.take(batch, p.known));
        if (holding_lock) holding_lock->commit();
        fault_point<"careful_append.answered">();
    } catch (error const& failure) {
        if (failure.code() == errc::in_doubt) {
            for (auto const& row : batch.rows) work.in_doubt[row.commit] = true;
        }
        throw;
    }
    auto const base = reply.integer(0, 0);
    auto const link = digest_of(reply.text(0, 2));
    if (!reply.null(0, 3)) {
        // What did not move was looked at, too. Learning only what did would leave the rest as of
        // `known_at`, and the next attempt would find the same streams moved since then.
        auto heads = p.heads;
        auto const moved = moved_heads(reply.text(0, 3));
        for (auto const& [stream, head] : moved) heads[stream] = head;
        cache_.learn(heads, {base, link}, p.known.age);
        tell_moved(p.known.oldest, moved.size(), ++e.moved);
        return false;
    }
    auto const recorded_at = timestamp{duration{reply.integer(0, 1)}};
    auto const end = base + static_cast<position>(batch.rows.size());
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
        auto const index = batch.rows[i].commit;
        if (batch.rows[i].event != 0) continue;
        work.results[index] = detail::result_of(*work.commits[index], batch, i, base, recorded_at);
        work.written.insert(work.commits[index]->id);
    }
    settle_conflicts();
    cache_.appended(base, {end, link}, batch, arguments.looked_up(), p.known.age);
    detail::tell_batch(work.commits, batch, base, p.began);
    grown_(end);
    return true;
}

careful_appender::outcome careful_appender::fail(append_work& work, effort& e,
                                                 std::vector<std::size_t> const& pending,
                                                 error const& failure) {
    bool const lost =
        failure.code() == errc::in_doubt || failure.code() == errc::database_unreachable;
    if (failure.sqlstate() == state_other_log) {
        cache_.clear();
        if (++e.failures < limits::statement_attempts_max) {
            tell_retried(failure, pending.size(), e.failures);
            return outcome::again;
        }
    } else if (failure.retryable() || lost) {
        if (++e.failures < limits::statement_attempts_max) {
            tell_retried(failure, pending.size(), e.failures);
            pause_before(e.failures, pause_first);
            return outcome::again;
        }
    } else if (failure.sqlstate() == "23505") {
        // Someone else won: either these very commands, or a place in a stream or in the log.
        e.ask_known = true;
        e.heads_fresh = true;
        tell_retried(failure, pending.size(), e.failures);
        return outcome::again;
    } else if (of_content(failure) && pending.size() > 1) {
        // One of them cannot be stored; halving finds it, and the others go through.
        tell_halved(failure, pending.size());
        auto const all = std::span{pending};
        run(work, all.first(all.size() / 2));
        run(work, all.subspan(all.size() / 2));
        return outcome::settled;
    }
    tell_given_up(failure, pending.size());
    give_up(work, pending, failure);
    return outcome::settled;
}

void careful_appender::settle_known(append_work& work, session& on,
                                    std::span<std::size_t const> indexes) {
    std::vector<uuid> ids;
    ids.reserve(indexes.size());
    for (auto const i : indexes) ids.push_back(work.commits[i]->id);
    auto found = remembered_commits(on.execute(queries_.commits, {uuid_array(ids)}));
    for (auto const i : indexes) {
        auto const known = found.find(work.commits[i]->id);
        if (known == found.end()) continue;
        if (same_commit(*work.commits[i], known->second.rows)) {
            known->second.result.repeated = !work.in_doubt[i];
            if (work.in_doubt[i]) work.written.insert(work.commits[i]->id);
            work.results[i] = std::move(known->second.result);
        } else {
            work.results[i] = detail::id_taken(work.commits[i]->id);
        }
    }
}

// Fills in every touched stream's head and the range of the log that all of them hold in. False if
// the log turned out to be another meanwhile.
bool careful_appender::heads_of(append_work& work, effort const& e, session& on,
                                std::vector<std::size_t> const& pending, plan& p) {
    auto const age = cache_.newest().age;
    auto oldest = std::numeric_limits<position>::max();
    std::vector<std::string> unknown;
    for (auto const index : pending) {
        for (auto const name : detail::touched_streams(*work.commits[index])) {
            auto const [at, fresh] = p.heads.try_emplace(std::string{name});
            if (!fresh) continue;
            auto const known = e.heads_fresh ? std::nullopt : cache_.find(at->first);
            if (!known) {
                unknown.push_back(at->first);
                continue;
            }
            at->second = known->head;
            oldest = std::min(oldest, known->as_of.position);
        }
    }
    if (!unknown.empty()) {
        auto const as_of = read_heads(on, queries_, cache_, unknown, p.heads);
        oldest = std::min(oldest, as_of.position);
    }
    p.known = cache_.range(oldest);
    return p.known.age == age;
}

}  // namespace recount::postgres
