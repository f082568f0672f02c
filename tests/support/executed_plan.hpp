// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a statement reads, by the plan that the server makes for any parameters.
//
//     auto on = database.connect();
//     CHECK(rows_touched(on, queries.commits, "'{…}'") < 50);
#pragma once

#include <regex>
#include <string>

#include <recount/postgres/session.hpp>

#include "support/catch.hpp"
#include "support/postgres.hpp"

namespace recount::tests {

// Rows that the nodes of the executed plan have given or dropped, all together. A session comes to
// that plan after a few calls.
inline std::int64_t rows_touched(postgres::session& on, postgres::owned_query const& statement,
                                 std::string const& parameters) {
    run(on, "SET plan_cache_mode = force_generic_plan");
    run(on, "PREPARE listed AS " + statement.text);
    auto const plan = on.execute(postgres::owned_query{
        "plan", "EXPLAIN (ANALYZE, TIMING off) EXECUTE listed(" + parameters + ")"});
    std::regex const actual{R"(actual rows=(\d+) loops=(\d+))"};
    std::regex const removed{R"(Rows Removed by (?:Join )?Filter: (\d+))"};
    std::int64_t rows = 0;
    for (std::size_t i = 0; i < plan.size(); ++i) {
        auto const line = std::string{plan.text(i, 0)};
        UNSCOPED_INFO(line);
        std::smatch found;
        if (std::regex_search(line, found, actual)) {
            rows += std::stoll(found[1]) * std::stoll(found[2]);
        }
        if (std::regex_search(line, found, removed)) rows += std::stoll(found[1]);
    }
    return rows;
}

}  // namespace recount::tests
