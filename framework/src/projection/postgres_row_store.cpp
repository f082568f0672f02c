// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/projection/postgres_row_store.hpp>

#include <map>
#include <mutex>

#include <fmt/format.h>

#include <recount/core/fault_point.hpp>
#include <recount/core/limits.hpp>

#include "projection/kept_changes.hpp"
#include "projection/made_changes.hpp"
#include "projection/row_filters.hpp"
#include "projection/table_sql.hpp"

namespace recount {

namespace {

using postgres::owned_query;
using postgres::parameter;

struct checkpoint_queries {
    explicit checkpoint_queries(std::string const& schema) {
        auto const table = postgres::quote_identifier(schema) + ".checkpoints";
        read = {"read_checkpoint",
                "SELECT position, encode(hash, 'hex'), epoch FROM " + table +
                    " WHERE projection = $1 AND version = $2::int AND build = $3 AND lane = 0"};
        // Begins at 0 whenever the table was just created; the epoch fences out who held on to it.
        reset = {"reset_checkpoint",
                 "INSERT INTO " + table +
                     " AS c (projection, version, build) VALUES ($1, $2::int, $3) "
                     "ON CONFLICT (projection, version, build, lane) DO UPDATE SET position = 0, "
                     "hash = DEFAULT, epoch = c.epoch + 1, updated_at = clock_timestamp()"};
        advance = {"advance_checkpoint",
                   "UPDATE " + table +
                       " SET position = $4::bigint, hash = decode($5, 'hex'), "
                       "updated_at = clock_timestamp() WHERE projection = $1 AND version = "
                       "$2::int AND build = $3 AND lane = 0 AND position = $6::bigint AND "
                       "epoch = $7::bigint"};
        // Before it is taken over nobody may move it on: the rows would be ahead of it.
        hold = {"hold_checkpoint",
                "SELECT position FROM " + table +
                    " WHERE projection = $1 AND version = $2::int AND build = $3 AND lane = 0 "
                    "FOR UPDATE"};
        take_over = {"take_over_checkpoint",
                     "UPDATE " + table +
                         " l SET position = r.position, hash = r.hash, epoch = l.epoch + 1, "
                         "updated_at = clock_timestamp() FROM " + table +
                         " r WHERE l.projection = $1 AND l.version = $2::int AND l.build = "
                         "'live' AND l.lane = 0 AND r.projection = $1 AND r.version = $2::int "
                         "AND r.build = 'rebuild' AND r.lane = 0 AND r.position >= l.position"};
        forget = {"forget_checkpoint", "DELETE FROM " + table +
                                           " WHERE projection = $1 AND version = $2::int AND "
                                           "build = 'rebuild'"};
    }
    owned_query read, reset, advance, hold, take_over, forget;
};

// Tables and views are made, swapped and dropped by one worker at a time.
constexpr postgres::query one_at_a_time{
    "lock_tables", "SELECT pg_advisory_xact_lock(hashtextextended('recount.tables', 0))"};

char const* text_of(table_build build) {
    return build == table_build::live ? "live" : "rebuild";
}

std::vector<parameter> name_of(projection_descriptor const& p, table_build build) {
    return {std::string{p.name}, std::to_string(p.version), text_of(build)};
}

postgres::session_options options_for(std::string url, std::string role, std::string program) {
    postgres::session_options options;
    options.url = std::move(url);
    options.role = std::move(role);
    options.application_name = std::move(program);
    options.statement_timeout = std::chrono::seconds{60};
    return options;
}

}  // namespace

struct postgres_row_store::implementation {
    std::string schema;
    postgres::pool sessions;
    checkpoint_queries checkpoints;
    detail::kept_changes kept;
    std::mutex mutex;
    std::map<std::pair<projection_descriptor const*, table_build>, std::unique_ptr<table_sql>>
        tables;

    implementation(std::string url, postgres::store_names const& names, std::string program)
        : schema{names.schema},
          sessions{options_for(std::move(url), names.projector, std::move(program)), sessions_max},
          checkpoints{names.schema}, kept{names.schema} {}

    // By descriptor: what another row makes of a table's name is no business of this one.
    table_sql const& of(projection_descriptor const& p, table_build build) {
        std::lock_guard const hold{mutex};
        auto& table = tables[{&p, build}];
        if (!table) table = std::make_unique<table_sql>(p, schema, build);
        return *table;
    }

    // A change of tables, in a transaction of its own. Whoever reads for long holds it up; then it
    // gives way after the session's lock timeout, and comes back.
    template <class Change>
    void alter(Change const& change) {
        alone([&](postgres::session& on) {
            on.execute(one_at_a_time);
            change(on);
        });
    }
    template <class Change>
    void alone(Change const& change) {
        for (int attempt = 1;; ++attempt) {
            try {
                auto lent = sessions.lend();
                postgres::transaction work{*lent};
                change(*lent);
                work.commit();
                return;
            } catch (error const& failure) {
                if (!failure.retryable() || attempt == limits::statement_attempts_max) throw;
            }
        }
    }
    [[nodiscard]] error no_table(projection_descriptor const& p, table_build build) const {
        return error{errc::not_found, fmt::format("projection {} version {} has no {} table",
                                                  p.name, p.version, text_of(build))};
    }

private:
    static constexpr std::size_t sessions_max = 8;
};

namespace {

class postgres_source final : public row_source {
public:
    postgres_source(postgres::pool& sessions, table_sql const& sql)
        : sessions_{sessions}, sql_{sql} {}

    std::vector<stored_row> load(std::vector<void const*> const& keys) override {
        return sql_.rows_of(sessions_.read(sql_.load, sql_.keys_of(keys)));
    }

    std::vector<stored_row> load_last(std::vector<std::string> const& groups,
                                      void const* below) override {
        std::vector<parameter> parameters{array_of(groups)};
        if (below != nullptr) {
            auto const& shape = sql_.projection->rows->shape();
            for (auto const c : sql_.key_columns) {
                parameters.push_back(describe::column_text(shape, sql_.columns[c], below));
            }
        }
        return sql_.rows_of(
            sessions_.read(below == nullptr ? sql_.load_last : sql_.load_below, parameters));
    }

    std::vector<stored_row> load_groups(std::vector<std::string> const& groups) override {
        return sql_.rows_of(sessions_.read(sql_.load_groups, {array_of(groups)}));
    }

    std::vector<group_stream> streams_of(std::vector<std::string> const& groups) override {
        auto const found = sessions_.read(sql_.streams_of, {array_of(groups)});
        std::vector<group_stream> list;
        for (std::size_t r = 0; r < found.size(); ++r) {
            list.push_back({std::string{found.text(r, 0)}, std::string{found.text(r, 1)}});
        }
        return list;
    }

private:
    postgres::pool& sessions_;
    table_sql const& sql_;

    static parameter array_of(std::vector<std::string> const& texts) {
        postgres::array_literal array;
        for (auto const& text : texts) array.add(text);
        return array.take();
    }
};

}  // namespace

postgres_row_store::postgres_row_store(std::string url, postgres::store_names names,
                                       std::string program)
    : self_{std::make_unique<implementation>(std::move(url), names, std::move(program))} {}
postgres_row_store::~postgres_row_store() = default;

void postgres_row_store::prepare(projection_descriptor const& p) {
    auto const& sql = self_->of(p, table_build::live);
    auto const name = name_of(p, table_build::live);
    self_->alter([&](postgres::session& on) {
        auto const found = on.execute(sql.comment);
        if (!found.boolean(0, 1)) {
            if (p.notes_streams()) on.execute(sql.drop);   // what was noted for rows that are gone
            on.execute_script(sql.create);
            on.execute(self_->checkpoints.reset, name);
            self_->kept.begin_again(on, p);
        } else if (found.text(0, 0) != sql.definition) {
            throw other_columns(p);
        } else if (on.execute(self_->checkpoints.read, name).empty()) {
            on.execute(sql.empty);  // nobody knows what these rows hold
            on.execute(self_->checkpoints.reset, name);
            self_->kept.begin_again(on, p);
        }
    });
}

void postgres_row_store::publish(projection_descriptor const& p) {
    auto const& sql = self_->of(p, table_build::live);
    // A program of an older version that still runs keeps its own table, and leaves the view alone.
    auto const settled = [&](postgres::session& on) {
        return !on.execute(sql.in_view).empty() || !on.execute(sql.newer_view).empty();
    };
    if (settled(*self_->sessions.lend())) return;
    self_->alter([&](postgres::session& on) {
        if (!settled(on)) on.execute_script(sql.view);
    });
}

checkpoint postgres_row_store::read_checkpoint(projection_descriptor const& p,
                                               table_build build) {
    auto const rows = self_->sessions.read(self_->checkpoints.read, name_of(p, build));
    if (rows.empty()) throw self_->no_table(p, build);
    return {rows.integer(0, 0), digest_from_hex(rows.text(0, 1)), rows.integer(0, 2)};
}

std::unique_ptr<row_source> postgres_row_store::source(projection_descriptor const& p,
                                                       table_build build) {
    return std::make_unique<postgres_source>(self_->sessions, self_->of(p, build));
}

namespace {

// A row that was to be written found one of another group in its place.
error taken(postgres::session& on, table_sql const& sql,
            std::vector<unit_of_work::change const*> const& kept) {
    auto const& rows = *sql.projection->rows;
    std::vector<void const*> keys;
    for (auto const* change : kept) keys.push_back(change->object);
    for (auto const& row : sql.rows_of(on.execute(sql.load, sql.keys_of(keys)))) {
        for (auto const* change : kept) {
            bool const same = !rows.key_less(row.object.get(), change->object) &&
                              !rows.key_less(change->object, row.object.get());
            if (same && row.group != *change->group) {
                return row_of_another_group(*sql.projection, row.group, *change->group);
            }
        }
    }
    return error{errc::refused, fmt::format("projection {}: a row could not be written",
                                            sql.projection->name)};
}

void upsert_rows(postgres::session& on, table_sql const& sql,
                 std::vector<unit_of_work::change> const& changes) {
    std::vector<unit_of_work::change const*> kept;
    std::vector<void const*> removed;
    for (auto const& change : changes) {
        if (change.removed) {
            removed.push_back(change.object);
        } else {
            kept.push_back(&change);
        }
    }
    if (!removed.empty()) {
        on.execute(sql.remove, sql.keys_of(removed));
        fault_point<"refold.rows_removed">();
    }
    if (kept.empty()) return;
    auto const& shape = sql.projection->rows->shape();
    std::vector<parameter> arrays;
    for (auto const& column : sql.columns) {
        postgres::array_literal array;
        for (auto const* change : kept) {
            if (auto const text = describe::column_text(shape, column, change->object)) {
                array.add(*text);
            } else {
                array.add_null();
            }
        }
        arrays.emplace_back(array.take());
    }
    postgres::array_literal positions;
    postgres::array_literal hidden;   // groups, or weights
    for (auto const* change : kept) {
        positions.add(change->last_position);
        if (sql.projection->invertible) {
            hidden.add(change->weight);
        } else {
            hidden.add(*change->group);
        }
    }
    arrays.emplace_back(positions.take());
    arrays.emplace_back(hidden.take());
    if (on.execute(sql.upsert, arrays).affected() != kept.size()) throw taken(on, sql, kept);
}

void note_groups(postgres::session& on, table_sql const& sql,
                 std::vector<group_stream> const& noted) {
    if (noted.empty()) return;
    postgres::array_literal groups;
    postgres::array_literal streams;
    for (auto const& one : noted) {
        groups.add(one.group);
        streams.add(one.stream);
    }
    on.execute(sql.note, {groups.take(), streams.take()});
}

}  // namespace

bool postgres_row_store::write(projection_descriptor const& p, table_build build,
                               checkpoint const& from, checkpoint const& to,
                               std::vector<unit_of_work::change> const& changes,
                               std::vector<group_stream> const& noted) {
    auto const& sql = self_->of(p, build);
    auto lent = self_->sessions.lend();
    postgres::transaction work{*lent};
    // First the fence: whoever was overtaken waits here, finds the checkpoint moved, and leaves.
    auto fence = name_of(p, build);
    fence.insert(fence.end(), {std::to_string(to.position), to_hex(to.hash),
                               std::to_string(from.position), std::to_string(from.epoch)});
    if (lent->execute(self_->checkpoints.advance, fence).affected() != 1) return false;
    fault_point<"projection.fence_passed">();
    upsert_rows(*lent, sql, changes);
    fault_point<"projection.rows_written">();
    note_groups(*lent, sql, noted);
    if (build == table_build::live && self_->kept.wanted(*lent, p)) {
        self_->kept.write(*lent, p,
                          detail::made_changes(p, from.position, to.position, changes));
    }
    fault_point<"projection.all_written">();
    work.commit();
    fault_point<"projection.committed">();
    return true;
}

void postgres_row_store::begin_rebuild(projection_descriptor const& p) {
    auto const& sql = self_->of(p, table_build::rebuild);
    self_->alter([&](postgres::session& on) {
        on.execute(sql.drop);
        on.execute_script(sql.create);
        on.execute(self_->checkpoints.reset, name_of(p, table_build::rebuild));
    });
}

bool postgres_row_store::swap(projection_descriptor const& p) {
    auto const& fresh = self_->of(p, table_build::rebuild);
    auto const& live = self_->of(p, table_build::live);
    std::vector<parameter> const name{std::string{p.name}, std::to_string(p.version)};
    auto script = fmt::format("{};\nALTER TABLE {} RENAME TO {}", live.drop.text, fresh.table,
                              postgres::quote_identifier(live.table_name));
    if (p.notes_streams()) {
        script += fmt::format(";\nALTER TABLE {} RENAME TO {}", fresh.groups,
                              postgres::quote_identifier(live.groups_name));
    }
    owned_query const replace{"swap_" + live.table_name, script};
    bool swapped = false;
    self_->alter([&](postgres::session& on) {
        auto const rebuilt = name_of(p, table_build::rebuild);
        if (on.execute(self_->checkpoints.hold, rebuilt).empty()) {
            throw self_->no_table(p, table_build::rebuild);
        }
        swapped = on.execute(self_->checkpoints.take_over, name).affected() == 1;
        if (!swapped) return;
        bool const viewed = !on.execute(live.in_view).empty();
        on.execute_script(viewed ? fresh.turn_view : fresh.view);
        on.execute_script(replace);
        on.execute(self_->checkpoints.forget, name);
        self_->kept.begin_again(on, p);
        fault_point<"rebuild.swapped">();
    });
    fault_point<"rebuild.committed">();
    return swapped;
}

std::vector<stored_row> postgres_row_store::query(projection_descriptor const& p,
                                                  row_query const& wanted) {
    auto const& sql = self_->of(p, table_build::live);
    bool const ascending = wanted.order == row_order::ascending;
    auto statement = sql.select;
    std::vector<parameter> parameters;
    std::vector<std::string> conditions;
    for (auto& filter : checked_filters(p, sql.columns, wanted.equals)) {
        auto const column = static_cast<std::size_t>(filter.column - sql.columns.data());
        conditions.push_back(fmt::format("t.{} = {}",
                                         postgres::quote_identifier(filter.column->name),
                                         sql.cast(column, parameters.size())));
        parameters.emplace_back(std::move(filter.text));
    }
    if (wanted.after != nullptr) {
        std::vector<std::string> key;
        for (auto const column : sql.key_columns) {
            key.push_back(sql.cast(column, parameters.size()));
            parameters.push_back(
                describe::column_text(p.rows->shape(), sql.columns[column], wanted.after));
        }
        conditions.push_back(fmt::format("({}) {} ({})", sql.keys("t."), ascending ? ">" : "<",
                                         fmt::join(key, ", ")));
    }
    if (!conditions.empty()) {
        statement.text += fmt::format("WHERE {}", fmt::join(conditions, " AND "));
    }
    statement.text += " ORDER BY " + sql.keys("t.", ascending ? "" : " DESC");
    if (wanted.limit != 0) {
        parameters.emplace_back(std::to_string(wanted.limit));
        statement.text += fmt::format(" LIMIT ${}::bigint", parameters.size());
    }
    return sql.rows_of(self_->sessions.read(statement, parameters));
}

position postgres_row_store::keep_changes(projection_descriptor const& p) {
    position since = 0;
    self_->alone([&](postgres::session& on) { since = self_->kept.begin(on, p); });
    return since;
}

void postgres_row_store::stop_keeping_changes(projection_descriptor const& p) {
    self_->alone([&](postgres::session& on) { self_->kept.end(on, p); });
}

void postgres_row_store::forget_changes(projection_descriptor const& p, position through) {
    self_->alone([&](postgres::session& on) { self_->kept.forget(on, p, through); });
}

row_changes_page postgres_row_store::read_changes(projection_descriptor const& p,
                                                  history::change_mark const& after,
                                                  std::size_t limit) {
    return self_->kept.read(self_->sessions, p, after, limit);
}

std::string postgres_row_store::ddl(projection_descriptor const& p, std::string const& schema) {
    table_sql const sql{p, schema, table_build::live};
    return sql.create.text + sql.view.text;
}

}  // namespace recount
