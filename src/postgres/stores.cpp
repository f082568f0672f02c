// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <algorithm>

#include <fmt/core.h>

#include <recount/postgres/migrate.hpp>
#include <recount/postgres/session.hpp>

namespace recount::postgres {

namespace {

constexpr std::string_view schema_of_main = "recount";
constexpr std::string_view schema_prefix = "recount_";

session open_session(std::string const& url) {
    session_options with;
    with.url = url;
    with.application_name = "recount stores";
    return session{with};
}

// Asked of the catalog, which everybody may read.
std::vector<std::string> names_in(session& on) {
    constexpr query store_schemas{
        "store_schemas",
        "SELECT n.nspname FROM pg_catalog.pg_namespace n"
        " WHERE (n.nspname = 'recount' OR n.nspname LIKE 'recount\\_%')"
        " AND EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid"
        " AND c.relname = 'store' AND c.relkind = 'r')"};
    auto const rows = on.execute(store_schemas);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto const schema = rows.text(i, 0);
        names.emplace_back(schema == schema_of_main ? "main"
                                                    : schema.substr(schema_prefix.size()));
    }
    std::sort(names.begin(), names.end());
    return names;
}

void tell_of(session& on, store_names const& names, store_summary& to) {
    transaction reading{on};
    on.execute_script(owned_query{"set_role", "SET LOCAL ROLE " + quote_identifier(names.app)});
    auto const rows = on.execute(owned_query{
        "store_summary",
        fmt::format("SELECT s.format, l.last_position, CASE WHEN l.last_position > 0 THEN "
                    "to_char(l.recorded_at AT TIME ZONE 'UTC', "
                    "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') END, "
                    "(SELECT count(*) FROM {0}.migrations) FROM {0}.store s CROSS JOIN "
                    "(SELECT last_position, recorded_at FROM {0}.links "
                    "ORDER BY last_position DESC LIMIT 1) l",
                    quote_identifier(names.schema))});
    reading.commit();
    if (rows.empty()) throw error{errc::corrupted, "the store has no identity"};
    to.format = static_cast<int>(rows.integer(0, 0));
    to.events = rows.integer(0, 1);
    to.head_at = rows.text(0, 2);
    to.pending = std::max(static_cast<int>(migrations().size()) -
                              static_cast<int>(rows.integer(0, 3)), 0);
}

}  // namespace

std::vector<std::string> store_list(std::string const& url) {
    auto on = open_session(url);
    return names_in(on);
}

std::vector<store_summary> stores(std::string const& url) {
    auto on = open_session(url);
    constexpr query current{"current_database", "SELECT current_database()"};
    auto const database = std::string{on.execute(current).text(0, 0)};
    std::vector<store_summary> list;
    for (auto const& name : names_in(on)) {
        store_summary one;
        one.name = name;
        try {
            auto const names = names_of(name, database);
            one.schema = names.schema;
            tell_of(on, names, one);
        } catch (error const& failure) {
            if (failure.code() == errc::database_unreachable) throw;
            one.refused = failure.what();
        }
        list.push_back(std::move(one));
    }
    return list;
}

std::vector<std::string> create_store(migrate_options const& options) {
    static_cast<void>(names_of(options.store, ""));   // a name at all
    auto const known = store_list(options.url);
    if (std::find(known.begin(), known.end(), options.store) != known.end()) {
        throw error{errc::refused, fmt::format("there is a store '{}' already", options.store)};
    }
    return migrate(options);
}

}  // namespace recount::postgres
