// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "statement.hpp"

#include <recount/projection/memory_row_store.hpp>
#include <recount/projection/runner.hpp>
#include <recount/restructure/read.hpp>

#include "projections.hpp"

namespace bank {

statement statement_at(recount::log& log, recount::stream_name const& account,
                       recount::position at) {
    auto const view = recount::history::read_corrected(log, account, {.known_at = at});
    auto const& p = recount::projection_of<statement_lines>();
    recount::memory_row_store side;
    side.prepare(p);
    auto const from = side.read_checkpoint(p, recount::table_build::live);
    auto to = from;
    to.position = view.known_at;
    static_cast<void>(
        recount::apply_page(p, side, recount::table_build::live, from, to, view.events));
    return {side.query(p, {}), view.known_at};
}

}  // namespace bank
