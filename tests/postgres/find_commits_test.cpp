// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Commits that are looked for together cost what they hold, not what the log does.
#include <fmt/format.h>

#include <recount/postgres/log.hpp>
#include <recount/postgres/migrate.hpp>

#include "conformance/log_conformance.hpp"
#include "postgres/log_queries.hpp"
#include "support/executed_plan.hpp"

namespace postgres = recount::postgres;

TEST_CASE("several commits are found without a look at the rest of the log", "[postgres]") {
    constexpr int commits = 3'000;
    recount::tests::test_database database;
    postgres::migrate({.url = database.url()});
    auto const log = postgres::log::open({.url = database.url()});
    std::vector<recount::commit> all;
    for (int i = 0; i < commits; ++i) {
        all.push_back(conformance::commit_to("thing-" + std::to_string(i), 1 + i % 2));
    }
    for (auto const& done : log->append_batch(all)) conformance::success(done);
    auto on = database.connect();
    recount::tests::run(on, "ANALYZE recount.log, recount.streams");

    for (std::size_t const wanted : {1, 2, 12, 100}) {
        CAPTURE(wanted);
        std::vector<recount::uuid> ids;
        std::string list;
        std::int64_t rows = 0;
        for (std::size_t i = 0; i < wanted; ++i) {
            auto const& one = all[i * 29];
            ids.push_back(one.id);
            list += fmt::format("{}{}", list.empty() ? "" : ",", to_string(one.id));
            rows += static_cast<std::int64_t>(one.events.size());
        }
        auto const found = log->find_commits(ids);
        REQUIRE(found.size() == wanted);
        for (std::size_t i = 0; i < wanted; ++i) {
            CHECK(found.at(ids[i]).rows.size() == all[i * 29].events.size());
        }
        auto session = database.connect();
        auto const touched = recount::tests::rows_touched(
            session, postgres::log_queries{"recount"}.commits, "'{" + list + "}'");
        CHECK(touched <= 10 * rows);   // a row in each node of the plan
    }
}
