// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Law 14: tables that follow a log with restructures have the rows that its corrected history says,
// however the log is cut into pages and whenever they are brought up to date.
#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/projection/runner.hpp>

#include <fmt/format.h>

#include "support/catch.hpp"
#include "support/restructure/laws.hpp"
#include "support/restructure/projections.hpp"
#include "support/row_dump.hpp"

using namespace recount;
using namespace recount::tests;

namespace {

std::string difference_of(follower const& one, std::string const& how, std::string const& found,
                          std::string const& wanted) {
    if (found == wanted) return {};
    return fmt::format("{} {}: found\n{}wanted\n{}", one.projection->name, how, found, wanted);
}

projection_run run(recount::log& from, row_store& rows, projection_descriptor const& p,
                   table_build build, position until, std::size_t page) {
    runner_options options;
    options.until = until;
    options.page_events = page;
    return run_projection(from, rows, p, build, options);
}

std::string followed(choices& c) {
    auto const told = random_log(c);
    for (auto const& one : followers()) {
        auto const& p = *one.projection;
        memory::log log;
        memory_row_store rows;
        rows.prepare(p);
        for (position next = 1; next <= told.head();) {
            next = append_commits(log, told, next, next + position(c.below(9)));
            if (c.one_in(3)) continue;
            run(log, rows, p, table_build::live, position(c.below(std::size_t(next))),
                c.below(7) + 1);
        }
        run(log, rows, p, table_build::live, told.head(), c.below(20) + 1);
        auto const wanted = one.rows_of(told);
        auto failure = difference_of(one, "followed", dump(p, rows), wanted);
        rows.begin_rebuild(p);
        run(log, rows, p, table_build::rebuild, told.head(), 1'000);
        if (!rows.swap(p)) return "the rebuilt table is behind";
        if (failure.empty()) failure = difference_of(one, "rebuilt", dump(p, rows), wanted);
        if (!failure.empty()) return failure + "in the log\n" + told.told();
    }
    return {};
}

}  // namespace

TEST_CASE("tables that follow hold what the corrected history says", "[corrected]") {
    check_law("14 projections follow", followed);
}

TEST_CASE("tables that follow hold what the corrected history says, at length",
          "[corrected][full]") {
    check_law("14 projections follow", followed, cases_full);
}
