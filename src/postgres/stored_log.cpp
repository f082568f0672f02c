// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/postgres/stored_log.hpp>

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include <recount/postgres/migrate.hpp>
#include <recount/postgres/session.hpp>

#include "postgres/event_rows.hpp"
#include "postgres/log_queries.hpp"
#include "postgres/store_identity.hpp"

namespace recount::postgres {

namespace {

constexpr std::chrono::milliseconds statement_timeout{60'000};

// Times as the eight bytes that are stored: to print them as dates and to parse those again costs
// more than the hash.
constexpr std::string_view columns =
    "position, stream_id, version, event_id, ordinal, type, schema_version, commit_last, "
    "timestamptz_send(recorded_at), timestamptz_send(effective_at), command, payload, meta, hash";

std::optional<std::uint64_t> number_of(std::string_view bytea) {
    if (bytea.size() != 18) return std::nullopt;
    std::uint64_t value = 0;
    auto const* const last = bytea.data() + bytea.size();
    auto const [end, failed] = std::from_chars(bytea.data() + 2, last, value, 16);
    if (failed != std::errc{} || end != last) return std::nullopt;
    return value;
}

// PostgreSQL counts from the year 2000. Unsigned: infinity is the largest number.
timestamp time_of(std::string_view bytea) {
    constexpr std::uint64_t epoch_us = 946'684'800'000'000;
    auto const us = number_of(bytea);
    if (!us) throw error{errc::corrupted, "a stored time does not have eight bytes"};
    return timestamp{duration{static_cast<std::int64_t>(*us + epoch_us)}};
}

std::optional<digest> hash_of(std::string_view bytea) {
    if (bytea.size() != 2 + 2 * sizeof(digest)) return std::nullopt;
    return digest_of(bytea);
}

stored_event stored_event_of(result const& from, std::size_t row) {
    stored_event e;
    e.position = from.integer(row, 0);
    e.stream_id = from.integer(row, 1);
    e.version = from.integer(row, 2);
    e.id = uuid_from_string(from.text(row, 3));
    e.ordinal = static_cast<int>(from.integer(row, 4));
    e.type = from.text(row, 5);
    e.schema_version = static_cast<int>(from.integer(row, 6));
    e.commit_last = from.integer(row, 7);
    e.recorded_at = time_of(from.text(row, 8));
    if (!from.null(row, 9)) e.effective_at = time_of(from.text(row, 9));
    if (!from.null(row, 10)) e.command = from.text(row, 10);
    e.payload = from.text(row, 11);
    e.meta = from.text(row, 12);
    e.hash = hash_of(from.text(row, 13));
    return e;
}

stored_page page_of(result rows) {
    auto const kept = std::make_shared<result>(std::move(rows));
    stored_page page;
    page.bytes = kept;
    page.events.reserve(kept->size());
    for (std::size_t row = 0; row < kept->size(); ++row) {
        page.events.push_back(stored_event_of(*kept, row));
    }
    return page;
}

stored_link link_of(result const& from, std::size_t row) {
    return {from.integer(row, 0), from.integer(row, 1), time_of(from.text(row, 2)),
            hash_of(from.text(row, 3))};
}

stored_stream stream_of(result const& from, std::size_t row, std::size_t column) {
    return {from.integer(row, column), std::string{from.text(row, column + 1)},
            std::string{from.text(row, column + 2)},
            static_cast<int>(from.integer(row, column + 3)), from.integer(row, column + 4)};
}

struct stored_queries {
    explicit stored_queries(std::string const& schema) {
        auto const s = quote_identifier(schema);
        auto const make = [&](std::string name, std::string_view text) {
            return store_query(std::move(name), s, columns, text);
        };
        ends = make("stored_ends",
                    "SELECT coalesce((SELECT min(position) FROM @.log), 0), "
                    "coalesce((SELECT max(position) FROM @.log), 0), "
                    "coalesce((SELECT max(last_position) FROM @.links), 0)");
        rows = make("stored_rows",
                    "SELECT % FROM @.log WHERE position >= $1::bigint AND position < $2::bigint "
                    "ORDER BY position");
        next_row = make("stored_next_row",
                        "SELECT min(position) FROM @.log WHERE position >= $1::bigint");
        stream_rows = make("stored_stream_rows",
                           "SELECT % FROM @.log WHERE stream_id = $1::bigint AND "
                           "version > $2::bigint ORDER BY version LIMIT $3::bigint");
        links = make("stored_links",
                     "SELECT first_position, last_position, timestamptz_send(recorded_at), link "
                     "FROM @.links WHERE last_position > $1::bigint ORDER BY last_position "
                     "LIMIT $2::bigint");
        link_until = make("stored_link_until",
                          "SELECT first_position, last_position, timestamptz_send(recorded_at), "
                          "link FROM @.links WHERE last_position <= $1::bigint "
                          "ORDER BY last_position DESC LIMIT 1");
        // LIMIT keeps the planner from joining with the whole log.
        before = make("stored_before",
                      "SELECT n.id, n.version, p.position, p.hash, s.id, s.name, s.category, "
                      "s.slice, s.created_position "
                      "FROM unnest($1::bigint[], $2::bigint[]) AS n(id, version) "
                      "LEFT JOIN LATERAL (SELECT * FROM @.streams t WHERE t.id = n.id LIMIT 1) s "
                      "ON true LEFT JOIN LATERAL (SELECT position, hash FROM @.log l "
                      "WHERE n.version > 1 AND l.stream_id = n.id AND l.version = n.version - 1 "
                      "LIMIT 1) p ON true");
        stream = make("stored_stream",
                      "SELECT id, name, category, slice, created_position FROM @.streams "
                      "WHERE name = $1");
        count_streams = make("stored_count_streams",
                             "SELECT count(*) FROM @.streams WHERE (id > $1::bigint AND "
                             "id <= $2::bigint) OR id < 1 OR "
                             "id > (SELECT coalesce(max(position), 0) FROM @.log)");
        streams_without_events =
            make("stored_streams_without_events",
                 "SELECT id, name, category, slice, created_position FROM @.streams s "
                 "WHERE NOT EXISTS (SELECT FROM @.log l WHERE l.position = s.id "
                 "AND l.stream_id = s.id AND l.version = 1) ORDER BY id LIMIT $1::bigint");
        types = make("stored_types",
                     "SELECT t.type, t.schema_version, t.first_position, l.type FROM @.types t "
                     "LEFT JOIN @.log l ON l.position = t.first_position ORDER BY 1, 2, 3");
    }

    owned_query ends, rows, next_row, stream_rows, links, link_until, before, stream, count_streams,
        streams_without_events, types;
};

class postgres_stored_log final : public recount::stored_log {
public:
    postgres_stored_log(session_options const& options, std::string store, store_names const& names)
        : store_{std::move(store)},
          id_{postgres::store_identity(options, store_, names.schema)},
          queries_{names.schema},
          pages_{options},
          other_{options} {
        // A plan made for any range would not be one for this range.
        for (auto* const on : {&pages_, &other_}) {
            on->execute_script({"plans", "SET plan_cache_mode = force_custom_plan"});
        }
    }

    uuid store_id() const override { return id_; }
    std::string const& store_name() const override { return store_; }

    stored_ends ends() override {
        auto const found = other_.execute(queries_.ends);
        return {found.integer(0, 0), found.integer(0, 1), found.integer(0, 2)};
    }
    stored_page rows(position first, position past) override {
        return page_of(pages_.execute(queries_.rows, {text(first), text(past)}));
    }
    std::optional<position> next_row(position from) override {
        auto const found = other_.execute(queries_.next_row, {text(from)});
        if (found.null(0, 0)) return std::nullopt;
        return found.integer(0, 0);
    }
    stored_page stream_rows(std::int64_t stream_id, version after, std::size_t limit) override {
        return page_of(other_.execute(queries_.stream_rows,
                                      {text(stream_id), text(after), std::to_string(limit)}));
    }
    std::vector<stored_link> links(position after, std::size_t limit) override {
        auto const found =
            other_.execute(queries_.links, {text(after), std::to_string(limit)});
        std::vector<stored_link> list;
        list.reserve(found.size());
        for (std::size_t row = 0; row < found.size(); ++row) list.push_back(link_of(found, row));
        return list;
    }
    std::optional<stored_link> link_until(position at) override {
        auto const found = other_.execute(queries_.link_until, {text(at)});
        if (found.empty()) return std::nullopt;
        return link_of(found, 0);
    }
    std::vector<stored_before> before(std::span<stored_version const> versions) override;
    std::optional<stored_stream> stream(std::string_view name) override {
        auto const found = other_.execute(queries_.stream, {std::string{name}});
        if (found.empty()) return std::nullopt;
        return stream_of(found, 0, 0);
    }
    std::int64_t count_streams(position after, position through) override {
        return other_.execute(queries_.count_streams, {text(after), text(through)}).integer(0, 0);
    }
    std::vector<stored_stream> streams_without_events(std::size_t limit) override {
        auto const found =
            other_.execute(queries_.streams_without_events, {std::to_string(limit)});
        std::vector<stored_stream> list;
        for (std::size_t row = 0; row < found.size(); ++row) {
            list.push_back(stream_of(found, row, 0));
        }
        return list;
    }
    std::vector<stored_type> types() override {
        auto const found = other_.execute(queries_.types);
        std::vector<stored_type> list;
        for (std::size_t row = 0; row < found.size(); ++row) {
            list.push_back({std::string{found.text(row, 0)},
                            static_cast<int>(found.integer(row, 1)), found.integer(row, 2),
                            {}});
            if (!found.null(row, 3)) list.back().row_type = std::string{found.text(row, 3)};
        }
        return list;
    }

private:
    std::string store_;
    uuid id_;
    stored_queries queries_;
    session pages_;   // a page is on its way here while …
    session other_;   // … the one before is looked at with the help of this one

    static std::string text(std::int64_t number) { return std::to_string(number); }
};

std::vector<stored_before> postgres_stored_log::before(std::span<stored_version const> versions) {
    if (versions.empty()) return {};
    array_literal ids;
    array_literal wanted;
    for (auto const& one : versions) {
        ids.add(one.stream_id);
        wanted.add(one.version);
    }
    auto const found = other_.execute(queries_.before, {ids.take(), wanted.take()});
    std::vector<stored_before> list;
    list.reserve(found.size());
    for (std::size_t row = 0; row < found.size(); ++row) {
        stored_before one;
        one.of = {found.integer(row, 0), found.integer(row, 1)};
        if (!found.null(row, 2)) {
            one.at = found.integer(row, 2);
            one.hash = hash_of(found.text(row, 3));
        }
        if (!found.null(row, 4)) one.stream = stream_of(found, row, 4);
        list.push_back(std::move(one));
    }
    return list;
}

}  // namespace

std::unique_ptr<recount::stored_log> open_stored_log(stored_log_options const& options) {
    session_options wanted;
    wanted.url = options.url;
    wanted.statement_timeout = statement_timeout;
    wanted.application_name = options.program;
    auto const names = names_of(options.store, database_of(wanted));
    wanted.role = options.role.empty() ? names.auditor : options.role;
    return std::make_unique<postgres_stored_log>(wanted, options.store, names);
}

}  // namespace recount::postgres
