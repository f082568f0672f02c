// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "batches.hpp"

#include <cstdlib>

#include <fmt/core.h>

namespace recount::bench {

batch_sizes batches_of(postgres::session& on, std::string const& schema,
                       std::vector<turn> const& turns) {
    postgres::array_literal from, through;
    for (auto const& one : turns) {
        from.add(one.from);
        through.add(one.through);
    }
    postgres::owned_query const count{
        "batch_sizes",
        fmt::format("SELECT count(*), coalesce(avg(b.size), 0)::float8, "
                    "coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY b.size), 0), "
                    "coalesce(max(b.size), 0) "
                    "FROM (SELECT l.last_position - l.first_position + 1 AS size FROM {}.links l "
                    "JOIN unnest($1::bigint[], $2::bigint[]) AS t(first, last) "
                    "ON l.first_position > t.first AND l.last_position <= t.last) b",
                    postgres::quote_identifier(schema))};
    auto const rows = on.execute(count, {from.take(), through.take()});
    return {rows.integer(0, 0), std::strtod(std::string{rows.text(0, 1)}.c_str(), nullptr),
            rows.integer(0, 2), rows.integer(0, 3)};
}

}  // namespace recount::bench
