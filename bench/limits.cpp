// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "limits.hpp"

#include <fmt/format.h>

#include <recount/describe/json.hpp>

#include "client.hpp"

namespace recount::bench {

namespace {

constexpr std::size_t copy_batches_ahead = 48;
constexpr seconds warm_up{0.2};

// The place of a row in its stream: streams take turns in the same order as the writers' do.
struct row_key {
    std::int64_t stream_id, version;
};

row_key key_of(workload const& work, std::int64_t row) {
    auto const streams = static_cast<std::int64_t>(work.streams());
    auto const stream = work.shuffled(static_cast<std::size_t>(row % streams));
    return {static_cast<std::int64_t>(stream) + 1, row / streams + 1};
}

// The rest, as the log would hold it. The hash is of the right length and as random as one.
struct row_texts {
    std::string event_id, payload, meta, hash;
};

row_texts texts_of(workload const& work, std::int64_t stream_id) {
    auto const id = work.next_id();
    auto const stream = static_cast<std::size_t>(stream_id - 1);
    row_texts one;
    one.event_id = to_string(id);
    one.payload = describe::to_json(work.event_of(stream)).str();
    one.meta = to_json(work.meta_of(id)).str();
    one.hash = to_hex(sha256(one.event_id));
    return one;
}

constexpr std::string_view type = event_name_of<moved>().name;

}  // namespace

server_limits::server_limits(place const& here, workload const& work,
                             std::string const& store_schema)
    : here_{here}, work_{work} {
    client to{here.url()};
    to.run(fmt::format("SET client_min_messages = warning; DROP SCHEMA IF EXISTS {0} CASCADE; "
                       "CREATE SCHEMA {0}",
                       schema_));
    for (auto const* table : {"copied", "inserted", "ordered"}) {
        to.run(fmt::format("CREATE TABLE {}.{} (LIKE {}.log INCLUDING ALL)", schema_, table,
                           store_schema));
    }
    // The lock and the last position are two statements: the second must see what was committed
    // while the first waited.
    to.run(fmt::format(
        "CREATE FUNCTION {0}.append_one(bigint, bigint, uuid, json, json, bytea) RETURNS void "
        "LANGUAGE plpgsql AS $$ BEGIN "
        "PERFORM pg_advisory_xact_lock(hashtextextended('{0}', 0)); "
        "INSERT INTO {0}.ordered SELECT p.next, $1, $2, $3, 0, '{1}', 1, p.next, "
        "clock_timestamp(), NULL, NULL, $4, $5, $6 "
        "FROM (SELECT coalesce(max(position), 0) + 1 AS next FROM {0}.ordered) p; END $$",
        schema_, type));
}

server_limits::~server_limits() {
    try {
        client{here_.url()}.run(fmt::format(
            "SET client_min_messages = warning; DROP SCHEMA IF EXISTS {} CASCADE", schema_));
    } catch (...) {
        // The server is gone, or the next run does it.
    }
}

std::string server_limits::copy_batch() {
    std::string rows;
    for (std::size_t i = 0; i < copy_rows; ++i) {
        auto const at = key_of(work_, copied_++);
        auto const one = texts_of(work_, at.stream_id);
        // position … hash, in the table's order; nothing in them needs an escape but the hash.
        fmt::format_to(std::back_inserter(rows),
                       "{0}\t{1}\t{2}\t{3}\t0\t{4}\t1\t{0}\t2026-01-31 12:00:00.123456Z\t\\N\t\\N\t"
                       "{5}\t{6}\t\\\\x{7}\n",
                       copied_, at.stream_id, at.version, one.event_id, type, one.payload,
                       one.meta, one.hash);
    }
    return rows;
}

double server_limits::copy(seconds length) {
    client to{here_.url()};
    auto const sql = fmt::format("COPY {}.copied FROM STDIN", schema_);
    double spent_s = 0;
    std::size_t batches = 0;
    while (spent_s < length.count()) {
        throw_if_stopped();
        std::vector<std::string> ahead;
        for (std::size_t i = 0; i < copy_batches_ahead; ++i) ahead.push_back(copy_batch());
        auto const begun = steady::now();
        for (auto const& batch : ahead) to.copy(sql, batch);
        spent_s += seconds_since(begun);
        batches += ahead.size();
    }
    return static_cast<double>(batches * copy_rows) / spent_s;
}

double server_limits::insert(std::size_t clients, seconds length) {
    return by_clients(clients, length, false, inserted_);
}

double server_limits::ordered(std::size_t clients, seconds length) {
    return by_clients(clients, length, true, ordered_);
}

double server_limits::by_clients(std::size_t clients, seconds length, bool in_order,
                                 std::atomic<std::int64_t>& rows) {
    auto const sql =
        in_order ? fmt::format("SELECT {}.append_one($1, $2, $3, $4, $5, $6)", schema_)
                 : fmt::format("INSERT INTO {}.inserted VALUES ($7, $1, $2, $3, 0, '{}', 1, $7, "
                               "clock_timestamp(), NULL, NULL, $4, $5, $6)",
                               schema_, type);
    std::vector<std::unique_ptr<client>> connected;
    for (std::size_t i = 0; i < clients; ++i) {
        connected.push_back(std::make_unique<client>(here_.url()));
        connected.back()->prepare("one", sql);
    }
    std::atomic<std::int64_t> done{0};
    auto const w = window::after(warm_up, length);
    // What is dear to make is made once, so that the clients are not the limit.
    auto const texts = texts_of(work_, 1);
    auto const hash = "\\x" + texts.hash;
    run_threads(clients, [&](std::size_t index) {
        std::int64_t mine = 0;
        while (!stop_wanted()) {
            auto const row = rows.fetch_add(1, std::memory_order_relaxed);
            auto const at = key_of(work_, row);
            auto const stream_id = std::to_string(at.stream_id);
            auto const version = std::to_string(at.version);
            auto const event_id = to_string(work_.next_id());
            auto const place = std::to_string(row + 1);
            std::vector<char const*> values{stream_id.c_str(),     version.c_str(),
                                            event_id.c_str(),      texts.payload.c_str(),
                                            texts.meta.c_str(),    hash.c_str()};
            if (!in_order) values.push_back(place.c_str());
            connected[index]->execute("one", values);
            auto const ended = steady::now();
            if (w.holds(ended)) ++mine;
            if (ended >= w.to) break;
        }
        done += mine;
    });
    return static_cast<double>(done.load()) / w.length_s();
}

}  // namespace recount::bench
