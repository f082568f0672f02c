// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/store_identity.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace recount::postgres {

namespace {

constexpr int format_known = 1;

}  // namespace

std::string database_of(session_options options) {
    options.role.clear();  // the names of the roles depend on it
    session on{options};
    constexpr query name{"current_database", "SELECT current_database()"};
    return std::string{on.execute(name).text(0, 0)};
}

uuid store_identity(session_options const& options, std::string const& store,
                    std::string const& schema, std::size_t migrations_needed) {
    owned_query const read_store{
        "store", fmt::format("SELECT id, format, (SELECT count(*) FROM {0}.migrations) "
                             "FROM {0}.store",
                             quote_identifier(schema))};
    auto const rows = [&] {
        try {
            return session{options}.execute(read_store);
        } catch (error const& failure) {
            // No such role, schema or table.
            auto const missing = {"22023", "3F000", "42P01"};
            if (std::find(missing.begin(), missing.end(), failure.sqlstate()) == missing.end()) {
                throw;
            }
            throw error{errc::refused,
                        fmt::format("there is no store '{}' in this database: run migrate", store)};
        }
    }();
    if (rows.empty()) {
        throw error{errc::corrupted, fmt::format("store '{}' has no identity", store)};
    }
    auto const format = rows.integer(0, 1);
    if (format != format_known) {
        throw error{errc::refused,
                    fmt::format("store '{}' has format {}, this program knows format {}", store,
                                format, format_known)};
    }
    auto const applied = static_cast<std::size_t>(rows.integer(0, 2));
    if (applied < migrations_needed) {
        auto const pending = migrations_needed - applied;
        throw error{errc::refused,
                    fmt::format("store '{}' has {} pending migration{}: run migrate first", store,
                                pending, pending == 1 ? "" : "s")};
    }
    return uuid_from_string(rows.text(0, 0));
}

}  // namespace recount::postgres
