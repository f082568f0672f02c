// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/stream_heads.hpp"

#include "postgres/event_rows.hpp"

namespace recount::postgres {

log_end read_heads(session& on, log_queries const& queries, heads_cache& cache,
                   std::vector<std::string> const& streams, detail::known_heads& heads) {
    auto const horizon = cache.newest();
    array_literal names;
    for (auto const& stream : streams) names.add(stream);
    std::vector<parameter> values{names.take(), std::nullopt, std::nullopt};
    if (horizon.newest) {
        values[1] = std::to_string(horizon.newest->position);
        values[2] = bytea_of(horizon.newest->link);
    }
    auto const rows = on.execute(queries.heads, values);
    if (!rows.boolean(0, 6)) {
        cache.clear();
        throw error{errc::database_failed,
                    "the log is not the one that was known: it was restored or failed over",
                    {std::string{state_other_log}, queries.heads.name, {}},
                    true};
    }
    detail::known_heads learnt;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto& head = learnt[std::string{rows.text(i, 2)}];
        if (rows.null(i, 3)) continue;
        head = {rows.integer(i, 3), rows.integer(i, 4), digest_of(rows.text(i, 5))};
    }
    log_end const as_of{rows.integer(0, 0), digest_of(rows.text(0, 1))};
    for (auto const& [stream, head] : learnt) heads[stream] = head;
    cache.learn(learnt, as_of, horizon.age);
    return as_of;
}

}  // namespace recount::postgres
