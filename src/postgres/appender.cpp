// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/appender.hpp"

#include <algorithm>
#include <limits>
#include <random>
#include <thread>
#include <unordered_set>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "log/append_report.hpp"
#include "postgres/appender_report.hpp"
#include "postgres/event_rows.hpp"

namespace recount::postgres {

namespace {

// What append() raises when the log behind the URL is not the one that the heads are of.
constexpr std::string_view state_other_log = "RC001";

// Failures that come from what one commit holds, and would hit it alone, too.
bool of_content(error const& failure) {
    auto const state = std::string_view{failure.sqlstate()};
    return state.starts_with("22") || state.starts_with("23") || state.starts_with("54") ||
           failure.code() == errc::invalid_argument || failure.code() == errc::invalid_json;
}

// A process that appends to the same stream without a break always has its next batch in before we
// have planned anew. From then on we take the position lock first (its queue is fair) and plan
// under it.
constexpr int moved_max = 3;

void pause_before(int attempt) {
    thread_local std::minstd_rand random{std::random_device{}()};
    auto const longest_ms = 10 << std::min(attempt, 5);
    std::uniform_int_distribution<int> pick{longest_ms / 2, longest_ms};
    std::this_thread::sleep_for(std::chrono::milliseconds{pick(random)});
}

}  // namespace

struct appender::round {
    std::span<commit const* const> commits;
    std::vector<std::optional<append_result>> results;
    // The connection was lost while these were on their way, so the log may hold our own first
    // attempt: finding it is no repetition then, and not finding it no proof.
    std::vector<bool> in_doubt;
    std::unordered_set<uuid> written{};  // by this call, for those that follow them

    [[nodiscard]] std::vector<std::size_t> pending(std::span<std::size_t const> wanted) const {
        std::vector<std::size_t> open;
        for (auto const i : wanted) {
            if (!results[i]) open.push_back(i);
        }
        return open;
    }

    void give_up(std::span<std::size_t const> wanted, error const& failure) {
        for (auto const i : pending(wanted)) {
            if (in_doubt[i]) {
                results[i] = error{errc::in_doubt,
                                   "the connection was lost during an append, and what became of "
                                   "it could not be found out: run the same append again",
                                   {failure.sqlstate(), failure.query(), failure.server_text()},
                                   true};
            } else if (failure.code() == errc::in_doubt) {  // lost while reading
                results[i] = error{errc::database_unreachable,
                                   "the connection was lost before an append took effect",
                                   {failure.sqlstate(), failure.query(), failure.server_text()},
                                   true};
            } else {
                results[i] = failure;
            }
        }
    }
};

struct appender::effort {
    bool heads_fresh = false;  // read all heads anew
    bool ask_known = false;    // look first which of the commits the log knows
    int moved = 0;             // attempts that found the log ahead
    int failures = 0;
};

appender::appender(pool& sessions, uuid const& store_id, log_queries const& queries,
                   std::function<void(position)> grown)
    : sessions_{sessions}, store_id_{store_id}, queries_{queries}, grown_{std::move(grown)},
      group_{[this](std::span<commit const* const> commits) { return write_all(commits); }} {}

std::vector<append_result> appender::write_all(std::span<commit const* const> commits) {
    round r{commits, std::vector<std::optional<append_result>>(commits.size()),
            std::vector<bool>(commits.size())};
    std::vector<std::size_t> chunk;
    std::unordered_set<uuid> ids;
    detail::batch_meter meter;
    auto const flush = [&] {
        if (!chunk.empty()) run(r, chunk);
        chunk.clear();
        ids.clear();
        meter = {};
    };
    for (std::size_t i = 0; i < commits.size(); ++i) {
        if (auto defect = detail::defect_of(*commits[i])) {
            r.results[i] = std::move(*defect);
            continue;
        }
        // The same id twice in one call: the second sees what became of the first.
        if (ids.contains(commits[i]->id) || !meter.has_room_for(*commits[i])) flush();
        chunk.push_back(i);
        ids.insert(commits[i]->id);
        meter.add(*commits[i]);
    }
    flush();
    std::vector<append_result> done;
    done.reserve(commits.size());
    for (auto& result : r.results) {
        assert_that(result.has_value(), "every commit of a batch has a result");
        done.push_back(std::move(*result));
    }
    return done;
}

void appender::run(round& r, std::span<std::size_t const> wanted) {
    effort e;
    for (int i = 0; i < limits::append_attempts_max; ++i) {
        auto const pending = r.pending(wanted);
        if (pending.empty() || attempt(r, e, pending) == outcome::settled) return;
    }
    r.give_up(wanted, error{errc::timed_out,
                            fmt::format("unable to append: the log kept moving for {} attempts",
                                        limits::append_attempts_max),
                            {},
                            true});
}

appender::outcome appender::attempt(round& r, effort& e, std::vector<std::size_t> const& pending) {
    plan p;
    try {
        auto lent = sessions_.lend();
        if (std::exchange(e.ask_known, false)) {
            settle_known(r, *lent, pending);
            return outcome::again;
        }
        std::optional<transaction> holding_lock;
        if (e.moved >= moved_max) {
            holding_lock.emplace(*lent);
            lent->execute(queries_.lock);
            e.heads_fresh = true;
        }
        heads_of(r, e, *lent, pending, p);
        p.batch = detail::plan_batch(store_id_, r.commits, pending, p.heads, r.written);
        if (!p.batch.conflicts.empty()) {
            std::vector<std::size_t> refused;
            for (auto const& [index, conflict] : p.batch.conflicts) refused.push_back(index);
            // A repeated command has its first result, whatever the streams look like by now.
            settle_known(r, *lent, refused);
            if (!std::exchange(e.heads_fresh, true)) return outcome::again;
        }
        auto const written = write(r, e, *lent, holding_lock, p);
        if (written && r.pending(pending).empty()) return outcome::settled;
        return outcome::again;
    } catch (error const& failure) {
        cache_.forget(p.heads);
        return fail(r, e, pending, failure);
    }
}

namespace {

struct arguments {
    array_literal touched_ids, absent_names, new_names, new_firsts;
    array_literal stream_refs, versions, event_ids, ordinals, types, schema_versions, commit_lasts;
    array_literal effective_ats, commands, payloads, metas, hashes;

    void add_row(commit const& one, detail::planned_row const& row, std::string const& meta) {
        auto const& event = one.events[row.event];
        stream_refs.add(row.stream_ref);
        versions.add(row.version);
        event_ids.add_raw(to_string(event_id(one.id, static_cast<std::uint16_t>(row.event))));
        ordinals.add(static_cast<std::int64_t>(row.event));
        types.add(event.type);
        schema_versions.add(static_cast<std::int64_t>(event.schema_version));
        commit_lasts.add(row.commit_last);
        if (event.effective_at) {
            effective_ats.add(to_string(*event.effective_at));
        } else {
            effective_ats.add_null();
        }
        if (row.event == 0 && one.command) {
            commands.add(one.command->str());
        } else {
            commands.add_null();
        }
        payloads.add(event.payload.str());
        metas.add(meta);
        hashes.add(bytea_of(row.hash));
    }

    std::vector<parameter> take(log_end const& known_at) {
        std::vector<parameter> list{std::to_string(known_at.position), bytea_of(known_at.link)};
        for (auto* array : {&touched_ids, &absent_names, &new_names, &new_firsts, &stream_refs,
                            &versions, &event_ids, &ordinals, &types, &schema_versions,
                            &commit_lasts, &effective_ats, &commands, &payloads, &metas, &hashes}) {
            list.emplace_back(array->take());
        }
        return list;
    }
};

detail::known_heads moved_heads(std::string_view moved) {
    detail::known_heads heads;
    for (auto const& one : nlohmann::json::parse(moved)) {
        heads[one.at("name").get<std::string>()] = {
            one.at("id").get<std::int64_t>(), one.at("version").get<version>(),
            digest_from_hex(one.at("hash").get<std::string>())};
    }
    return heads;
}

// append() has looked at all of `heads`; those of written streams are now as the batch left them.
detail::known_heads heads_after(detail::known_heads heads, std::span<commit const* const> commits,
                                detail::planned_batch const& batch, position base) {
    for (auto const& row : batch.rows) {
        auto const& stream = commits[row.commit]->events[row.event].stream.str();
        auto const id = row.stream_ref < 0 ? base - row.stream_ref : row.stream_ref;
        heads[stream] = {id, row.version, row.hash};
    }
    return heads;
}

std::vector<parameter> arguments_of(std::span<commit const* const> commits,
                                    detail::known_heads const& heads,
                                    detail::planned_batch const& batch, log_end const& known_at) {
    arguments a;
    for (auto const& [name, head] : heads) {
        if (head.version == 0) {
            a.absent_names.add(name);
        } else {
            a.touched_ids.add(head.stream_id);
        }
    }
    for (auto const& stream : batch.new_streams) {
        a.new_names.add(stream.name);
        a.new_firsts.add(stream.first);
    }
    for (auto const& row : batch.rows) {
        a.add_row(*commits[row.commit], row, batch.metas[row.commit]);
    }
    return a.take(known_at);
}

}  // namespace

// False if the log is ahead of the plan, and nothing was written.
bool appender::write(round& r, effort& e, session& on, std::optional<transaction>& holding_lock,
                     plan const& p) {
    auto const& batch = p.batch;
    // A commit was refused for what this very batch holds, or for fresh heads: either way it is
    // final only now, when the batch is as it was judged.
    auto const settle_conflicts = [&] {
        for (auto const& [index, conflict] : batch.conflicts) {
            if (r.results[index]) continue;
            r.results[index] = conflict;
            detail::tell_conflict(*r.commits[index], conflict);
        }
    };
    if (batch.rows.empty()) {
        settle_conflicts();
        return true;
    }
    result reply;
    try {
        reply = on.execute(queries_.append, arguments_of(r.commits, p.heads, batch, p.known_at));
        if (holding_lock) holding_lock->commit();
    } catch (error const& failure) {
        if (failure.code() == errc::in_doubt) {
            for (auto const& row : batch.rows) r.in_doubt[row.commit] = true;
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
        cache_.learn(heads, {base, link});
        tell_moved(p.known_at.position, moved.size(), ++e.moved);
        return false;
    }
    auto const recorded_at = timestamp{duration{reply.integer(0, 1)}};
    auto const end = base + static_cast<position>(batch.rows.size());
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
        auto const index = batch.rows[i].commit;
        if (batch.rows[i].event != 0) continue;
        r.results[index] = detail::result_of(*r.commits[index], batch, i, base, recorded_at);
        r.written.insert(r.commits[index]->id);
    }
    settle_conflicts();
    cache_.appended(base, {end, link}, heads_after(p.heads, r.commits, batch, base));
    detail::tell_batch(r.commits, batch, base, p.began);
    grown_(end);
    try {
        on.execute(queries_.notify);
    } catch (error const&) {
        // The batch stands; whoever waits looks again by itself within its poll interval.
    }
    return true;
}

appender::outcome appender::fail(round& r, effort& e, std::vector<std::size_t> const& pending,
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
            pause_before(e.failures);
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
        run(r, all.first(all.size() / 2));
        run(r, all.subspan(all.size() / 2));
        return outcome::settled;
    }
    tell_given_up(failure, pending.size());
    r.give_up(pending, failure);
    return outcome::settled;
}

void appender::settle_known(round& r, session& on, std::span<std::size_t const> indexes) {
    std::vector<uuid> ids;
    ids.reserve(indexes.size());
    for (auto const i : indexes) ids.push_back(r.commits[i]->id);
    auto found = remembered_commits(on.execute(queries_.commits, {uuid_array(ids)}));
    for (auto const i : indexes) {
        auto const known = found.find(r.commits[i]->id);
        if (known == found.end()) continue;
        if (same_commit(*r.commits[i], known->second.rows)) {
            known->second.result.repeated = !r.in_doubt[i];
            if (r.in_doubt[i]) r.written.insert(r.commits[i]->id);
            r.results[i] = std::move(known->second.result);
        } else {
            r.results[i] = error{errc::command_id_taken, fmt::format("the command id {} is taken",
                                                                     to_string(r.commits[i]->id))};
        }
    }
}

// Fills in every touched stream's head, and the end of the log up to which all of them hold.
void appender::heads_of(round& r, effort const& e, session& on,
                        std::vector<std::size_t> const& pending, plan& p) {
    p.known_at.position = std::numeric_limits<position>::max();
    std::vector<std::string> unknown;
    for (auto const index : pending) {
        for (auto const name : detail::touched_streams(*r.commits[index])) {
            auto const [at, fresh] = p.heads.try_emplace(std::string{name});
            if (!fresh) continue;
            auto const known = e.heads_fresh ? std::nullopt : cache_.find(at->first);
            if (!known) {
                unknown.push_back(at->first);
                continue;
            }
            at->second = known->head;
            if (known->as_of.position < p.known_at.position) p.known_at = known->as_of;
        }
    }
    if (unknown.empty()) return;
    auto const asked_at = query_heads(on, unknown, p.heads);
    if (asked_at.position < p.known_at.position) p.known_at = asked_at;
}

log_end appender::query_heads(session& on, std::vector<std::string> const& streams,
                              detail::known_heads& heads) {
    array_literal names;
    for (auto const& stream : streams) names.add(stream);
    auto const rows = on.execute(queries_.heads, {names.take()});
    detail::known_heads learnt;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto& head = learnt[std::string{rows.text(i, 2)}];
        if (rows.null(i, 3)) continue;
        head = {rows.integer(i, 3), rows.integer(i, 4), digest_of(rows.text(i, 5))};
    }
    log_end const as_of{rows.integer(0, 0), digest_of(rows.text(0, 1))};
    for (auto const& [stream, head] : learnt) heads[stream] = head;
    cache_.learn(learnt, as_of);
    return as_of;
}

std::string uuid_array(std::span<uuid const> ids) {
    array_literal list;
    for (auto const& id : ids) list.add_raw(to_string(id));
    return list.take();
}

std::map<uuid, remembered_commit> remembered_commits(result const& rows) {
    std::map<uuid, remembered_commit> found;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto event = event_of(rows, i);
        auto& one = found[command_id_of(event.id)];
        if (one.rows.empty()) {
            one.result.first = event.position;
            one.result.last = event.commit_last;
            one.result.recorded_at = event.recorded_at;
            one.result.repeated = true;
        }
        one.result.events.push_back({event.stream, event.version, event.id, event.hash});
        one.rows.push_back(std::move(event));
    }
    return found;
}

}  // namespace recount::postgres
