// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "projection/kept_changes.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include <recount/core/error.hpp>

#include "projection/made_changes.hpp"

namespace recount::detail {

using postgres::owned_query;
using postgres::parameter;

namespace {

std::vector<parameter> name_of(projection_descriptor const& p) {
    return {std::string{p.name}, std::to_string(p.version)};
}

std::vector<parameter> with(std::vector<parameter> first, std::initializer_list<parameter> more) {
    first.insert(first.end(), more.begin(), more.end());
    return first;
}

}  // namespace

kept_changes::kept_changes(std::string const& schema) {
    auto const quoted = postgres::quote_identifier(schema);
    constexpr std::string_view of_projection = "projection = $1::text AND version = $2::int";
    auto const make = [&](std::string name, std::string_view text) {
        return owned_query{std::move(name), fmt::format(fmt::runtime(text), fmt::arg("s", quoted),
                                                        fmt::arg("of", of_projection))};
    };
    wanted_ = make("changes_wanted", "SELECT 1 FROM {s}.row_changes_kept WHERE {of}");
    insert_ = make("keep_row_changes",
                   "INSERT INTO {s}.row_changes "
                   "(projection, version, k, ordinal, removed, content) "
                   "SELECT $1::text, $2::int, * FROM unnest($3::bigint[], $4::int[], "
                   "$5::boolean[], $6::json[])");
    hold_ = make("hold_live_checkpoint",
                 "SELECT position FROM {s}.checkpoints WHERE {of} AND build = 'live' "
                 "AND lane = 0 FOR UPDATE");
    keep_ = make("begin_row_changes",
                 "INSERT INTO {s}.row_changes_kept (projection, version, since) "
                 "VALUES ($1::text, $2::int, $3::bigint) "
                 "ON CONFLICT (projection, version) DO NOTHING");
    since_ = make("since_row_changes", "SELECT since FROM {s}.row_changes_kept WHERE {of}");
    raise_ = make("raise_row_changes",
                  "UPDATE {s}.row_changes_kept SET since = $3::bigint WHERE {of}");
    clear_ = make("forget_row_changes",
                  "DELETE FROM {s}.row_changes WHERE {of} AND k <= $3::bigint");
    drop_ = make("end_row_changes", "DELETE FROM {s}.row_changes_kept WHERE {of}");
    // One statement, so that the checkpoint is that of the changes.
    read_ = make("read_row_changes",
                 "SELECT c.position, s.since, r.k, r.ordinal, r.removed, r.content "
                 "FROM (SELECT position FROM {s}.checkpoints WHERE {of} AND build = 'live' "
                 "AND lane = 0) c "
                 "LEFT JOIN (SELECT since FROM {s}.row_changes_kept WHERE {of}) s ON true "
                 "LEFT JOIN (SELECT k, ordinal, removed, content FROM {s}.row_changes WHERE {of} "
                 "AND (k, ordinal) > ($3::bigint, $4::int) AND k <= coalesce((SELECT k "
                 "FROM {s}.row_changes WHERE {of} AND (k, ordinal) > ($3::bigint, $4::int) "
                 "ORDER BY projection, version, k, ordinal OFFSET $5::bigint - 1 LIMIT 1), "
                 "9223372036854775807) ORDER BY projection, version, k, ordinal) r ON true "
                 "ORDER BY r.k, r.ordinal");
}

bool kept_changes::wanted(postgres::session& on, projection_descriptor const& p) const {
    return !on.execute(wanted_, name_of(p)).empty();
}

void kept_changes::write(postgres::session& on, projection_descriptor const& p,
                         std::vector<row_change> const& made) const {
    if (made.empty()) return;
    postgres::array_literal ks;
    postgres::array_literal ordinals;
    postgres::array_literal removed;
    postgres::array_literal rows;
    for (auto const& one : made) {
        ks.add(one.k);
        ordinals.add(static_cast<std::int64_t>(one.ordinal));
        removed.add(one.removed ? "true" : "false");
        rows.add(one.row);
    }
    on.execute(insert_, with(name_of(p), {ks.take(), ordinals.take(), removed.take(),
                                          rows.take()}));
}

position kept_changes::begin(postgres::session& on, projection_descriptor const& p) const {
    auto const at = on.execute(hold_, name_of(p));
    if (at.empty()) {
        throw error{errc::not_found, fmt::format("projection {} version {} has no live table",
                                                 p.name, p.version)};
    }
    on.execute(keep_, with(name_of(p), {std::to_string(at.integer(0, 0))}));
    return on.execute(since_, name_of(p)).integer(0, 0);
}

void kept_changes::forget(postgres::session& on, projection_descriptor const& p,
                          position through) const {
    auto const at = on.execute(hold_, name_of(p));
    auto const since = on.execute(since_, name_of(p));
    if (at.empty() || since.empty() || through <= since.integer(0, 0)) return;
    if (through > at.integer(0, 0)) throw no_changes_yet(p, at.integer(0, 0), through);
    on.execute(raise_, with(name_of(p), {std::to_string(through)}));
    on.execute(clear_, with(name_of(p), {std::to_string(through)}));
}

void kept_changes::end(postgres::session& on, projection_descriptor const& p) const {
    on.execute(hold_, name_of(p));
    on.execute(drop_, name_of(p));
    on.execute(clear_, with(name_of(p), {std::to_string(std::numeric_limits<position>::max())}));
}

void kept_changes::begin_again(postgres::session& on, projection_descriptor const& p) const {
    auto const at = on.execute(hold_, name_of(p));
    if (at.empty() || !wanted(on, p)) return;
    on.execute(raise_, with(name_of(p), {std::to_string(at.integer(0, 0))}));
    on.execute(clear_, with(name_of(p), {std::to_string(std::numeric_limits<position>::max())}));
}

row_changes_page kept_changes::read(postgres::pool& sessions, projection_descriptor const& p,
                                    history::change_mark const& after, std::size_t limit) const {
    constexpr auto all = std::numeric_limits<std::int32_t>::max();
    auto const most = std::clamp<std::size_t>(limit, 1, limits::page_events_max);
    auto const rows = sessions.read(
        read_, with(name_of(p), {std::to_string(after.k),
                                 std::to_string(after.ordinal.value_or(all)),
                                 std::to_string(most)}));
    row_changes_page page;
    if (rows.empty()) {
        throw error{errc::not_found, fmt::format("projection {} version {} has no live table",
                                                 p.name, p.version)};
    }
    page.at = rows.integer(0, 0);
    if (!rows.null(0, 1)) page.since = rows.integer(0, 1);
    for (std::size_t i = 0; i < rows.size() && !rows.null(i, 2); ++i) {
        page.changes.push_back({rows.integer(i, 2), static_cast<std::uint32_t>(rows.integer(i, 3)),
                                rows.boolean(i, 4), false, std::string{rows.text(i, 5)}});
    }
    finish(page, after, page.changes.size() < most);
    return page;
}

}  // namespace recount::detail
