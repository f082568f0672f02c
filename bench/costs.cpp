// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "costs.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include <fmt/format.h>

#include <recount/describe/json.hpp>
#include <recount/log/hash.hpp>

#include "client.hpp"
#include "measure.hpp"

namespace recount::bench {

namespace {

constexpr std::size_t batches_ahead = 16;
constexpr auto schema = "recount_bench_costs";

// Steps of the server, each with all that the ones before it do. None of them waits for the disk,
// whose time would hide what they cost: that wait is a step of its own, the last.
struct step {
    char const* name;
    bool types, order, link;
};
constexpr std::array steps{
    step{"rows: INSERT … SELECT FROM unnest", false, false, false},
    step{"types: written once", true, false, false},
    step{"order of commit: lock, end of the log, a link's row", true, true, false},
    step{"the link's hash over the batch", true, true, true},
};
constexpr auto name_whole = "heads, versions, hashes, ids, results, NOTIFY: all of Recount";
constexpr auto name_disk = "waiting for the disk";

std::string function_text(std::size_t index) {
    auto const& s = steps[index];
    std::string body;
    if (s.order) {
        body += fmt::format(
            "PERFORM pg_advisory_xact_lock(hashtextextended('{0}', 0)); "
            "SELECT l.last_position, l.link INTO base, previous FROM {0}.links l "
            "ORDER BY l.last_position DESC LIMIT 1; ",
            schema);
    }
    if (s.types) {
        body += fmt::format(
            "INSERT INTO {0}.types SELECT t.type, t.schema_version, base + min(t.relative) "
            "FROM unnest(types, schema_versions) WITH ORDINALITY AS t(type, schema_version, "
            "relative) WHERE NOT EXISTS (SELECT FROM {0}.types k WHERE k.type = t.type AND "
            "k.schema_version = t.schema_version) GROUP BY t.type, t.schema_version; ",
            schema);
    }
    body += fmt::format(
        "INSERT INTO {0}.log SELECT base + r.relative, r.ref, r.version, r.event_id, r.ordinal, "
        "r.type, r.schema_version, base + r.commit_last, stamp, r.effective_at, "
        "r.command::json, r.payload::json, r.meta::json, r.hash FROM unnest(stream_refs, "
        "versions, event_ids, ordinals, types, schema_versions, commit_lasts, effective_ats, "
        "commands, payloads, metas, hashes) WITH ORDINALITY AS r(ref, version, event_id, ordinal, "
        "type, schema_version, commit_last, effective_at, command, payload, meta, hash, "
        "relative); ",
        schema);
    if (s.link) {
        body += "SELECT sha256('recount/link/1'::bytea || previous || int8send(base + 1) || "
                "string_agg(int8send(base + r.commit_last) || r.hash, ''::bytea ORDER BY "
                "r.relative)) INTO previous FROM unnest(commit_lasts, hashes) WITH ORDINALITY AS "
                "r(commit_last, hash, relative); ";
    }
    if (s.order) {
        body += fmt::format("INSERT INTO {}.links VALUES (base + cardinality(versions), base + 1, "
                            "stamp, previous); ",
                            schema);
    }
    return fmt::format(
        "CREATE FUNCTION {}.step_{}(base bigint, stream_refs bigint[], versions bigint[], "
        "event_ids uuid[], ordinals smallint[], types text[], schema_versions int[], "
        "commit_lasts bigint[], effective_ats timestamptz[], commands text[], payloads text[], "
        "metas text[], hashes bytea[]) RETURNS void LANGUAGE plpgsql SET enable_seqscan = off "
        "SET plan_cache_mode = force_generic_plan AS $$ DECLARE previous bytea; "
        "stamp timestamptz := clock_timestamp(); BEGIN {} END $$",
        schema, index, body);
}

using arrays = std::vector<std::string>;

class measuring {
public:
    measuring(place const& here, workload const& work, std::string const& store_schema,
              std::size_t batch_events)
        : to_{here.url()}, work_{work}, batch_{batch_events} {
        to_.run(fmt::format("SET client_min_messages = warning; DROP SCHEMA IF EXISTS {0} CASCADE; "
                            "CREATE SCHEMA {0}",
                            schema));
        to_.run("SET synchronous_commit = off");
        for (auto const* table : {"log", "types", "links"}) {
            to_.run(fmt::format("CREATE TABLE {}.{} (LIKE {}.{} INCLUDING ALL)", schema, table,
                                store_schema, table));
        }
        for (std::size_t i = 0; i < steps.size(); ++i) {
            to_.run(function_text(i));
            to_.prepare(fmt::format("step_{}", i),
                        fmt::format("SELECT {}.step_{}($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
                                    "$11, $12, $13)",
                                    schema, i));
        }
    }
    ~measuring() {
        try {
            to_.run(fmt::format("DROP SCHEMA IF EXISTS {} CASCADE", schema));
        } catch (...) {
            // The server is gone, or the next run does it.
        }
    }
    measuring(measuring const&) = delete;
    measuring& operator=(measuring const&) = delete;

    // Microseconds an event.
    double server(std::size_t index, seconds length) {
        auto const name = fmt::format("step_{}", index);
        double spent_s = 0;
        std::size_t events = 0;
        while (spent_s < length.count()) {
            throw_if_stopped();
            // The end of the log, where a step that asks for it must find it.
            to_.run(fmt::format("INSERT INTO {}.links VALUES ({}, 0, now(), '') "
                                "ON CONFLICT DO NOTHING",
                                schema, rows_));
            std::vector<arrays> ahead;
            for (std::size_t i = 0; i < batches_ahead; ++i) ahead.push_back(next());
            auto const begun = steady::now();
            for (auto const& one : ahead) {
                std::vector<char const*> values;
                for (auto const& text : one) values.push_back(text.c_str());
                to_.execute(name, values);
            }
            spent_s += seconds_since(begun);
            events += ahead.size() * batch_;
        }
        return spent_s * 1e6 / static_cast<double>(events);
    }

    // The arguments of one call.
    arrays next() {
        std::array<postgres::array_literal, 12> list;
        auto const base = std::to_string(rows_);
        auto const streams = static_cast<std::int64_t>(work_.streams());
        for (std::size_t i = 0; i < batch_; ++i, ++rows_) {
            auto const stream = work_.shuffled(static_cast<std::size_t>(rows_ % streams));
            auto const id = work_.next_id();
            auto const text = to_string(id);
            list[0].add(static_cast<std::int64_t>(stream) + 1);
            list[1].add(rows_ / streams + 1);
            list[2].add_raw(text);
            list[3].add(std::int64_t{0});
            list[4].add(event_name_of<moved>().name);
            list[5].add(std::int64_t{1});
            list[6].add(static_cast<std::int64_t>(i) + 1);
            list[7].add_null();
            list[8].add_null();
            list[9].add(describe::to_json(work_.event_of(stream)).str());
            list[10].add(to_json(work_.meta_of(id)).str());
            list[11].add("\\x" + to_hex(sha256(text)));
        }
        arrays all{base};
        for (auto& one : list) all.push_back(one.take());
        return all;
    }

private:
    client to_;
    workload const& work_;
    std::size_t batch_;
    std::int64_t rows_ = 0;
};

double us_per_event(std::size_t events, std::function<void()> const& work) {
    constexpr seconds at_least{0.1};
    std::size_t done = 0;
    auto const begun = steady::now();
    do {
        work();
        done += events;
    } while (seconds{steady::now() - begun} < at_least);
    return seconds_since(begun) * 1e6 / static_cast<double>(done);
}

// The whole of it, as the library does it: a batch of commits by one caller.
double whole(workload const& work, postgres::log& log, std::vector<version>& versions,
             std::size_t batch_events, seconds length) {
    double spent_s = 0;
    std::size_t events = 0, next = 0;
    while (spent_s < length.count()) {
        throw_if_stopped();
        std::vector<commit> commits;
        for (std::size_t i = 0; i < batch_events; ++i, ++next) {
            auto const stream = work.shuffled(next % work.streams());
            commits.push_back(work.commit_of(stream, versions[stream]++, 1));
        }
        auto const begun = steady::now();
        auto const results = log.append_batch(commits);
        spent_s += seconds_since(begun);
        events += commits.size();
        for (auto const& one : results) {
            if (auto const* const failure = std::get_if<error>(&one)) throw *failure;
        }
    }
    return spent_s * 1e6 / static_cast<double>(events);
}

std::vector<cost> client_parts(workload const& work, place const& here, measuring& server,
                               std::size_t batch_events) {
    auto const one = work.commit_of(0, 1, 1);
    auto const meta = to_json(one.meta).str();
    auto const& event = one.events.front();
    auto const& payload = event.payload.str();
    digest previous{};
    std::vector<cost> list;
    list.push_back({"the event's hash", us_per_event(1, [&] {
                        previous = event_hash(previous, {event.stream.str(), 2, one.id, event.type,
                                                         1, std::nullopt, std::nullopt, meta,
                                                         payload});
                    })});
    list.push_back({"ids, payload and metadata as JSON, arrays of text",
                    us_per_event(batch_events, [&] { (void)server.next(); })});
    auto session = here.connect();
    constexpr postgres::query notify{
        "notify", "SELECT set_config('synchronous_commit', 'off', true), "
                  "pg_notify('recount_bench', '')"};
    list.push_back({"telling other processes (NOTIFY)", us_per_event(batch_events, [&] {
                        session.execute(notify);
                    })});
    list.push_back({"checking JSON that comes from outside (not in the above)",
                    us_per_event(1, [&] { (void)json_text::checked(payload); })});
    return list;
}

}  // namespace

std::vector<cost> costs_of(place const& here, workload const& work, postgres::log& log,
                           options const& how, std::size_t batch_events) {
    auto const batch = std::max<std::size_t>(batch_events, 1);
    seconds const length{std::max(how.seconds / 9, 0.1) / static_cast<double>(how.rounds)};
    measuring server{here, work, log.names().schema, batch};
    auto const relaxed = here.open(log.store_name(), "synchronous_commit=off");
    // Streams of their own: the writers know the versions of theirs.
    workload const fresh_relaxed{how}, fresh{how};
    std::vector<version> versions_relaxed(how.streams, 0), versions(how.streams, 0);
    fresh_relaxed.create_streams(*relaxed, versions_relaxed, 1);
    fresh.create_streams(log, versions, 1);
    std::vector<std::vector<double>> times(steps.size());
    std::vector<double> all_relaxed, all;
    for (std::size_t round = 0; round < how.rounds; ++round) {
        for (std::size_t i = 0; i < steps.size(); ++i) {
            times[i].push_back(server.server(i, length));
        }
        all_relaxed.push_back(whole(fresh_relaxed, *relaxed, versions_relaxed, batch, length));
        all.push_back(whole(fresh, log, versions, batch, length));
    }
    std::vector<cost> list;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        list.push_back({steps[i].name, median(times[i]), true});
    }
    list.push_back({name_whole, median(all_relaxed), true});
    list.push_back({name_disk, median(all), true});
    for (auto& part : client_parts(work, here, server, batch)) list.push_back(std::move(part));
    return list;
}

}  // namespace recount::bench
