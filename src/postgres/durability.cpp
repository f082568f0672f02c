// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/postgres/migrate.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <recount/postgres/session.hpp>

namespace recount::postgres {

namespace {

// In another encoding the database stores other bytes than those that were hashed, or refuses them.
void check_encoding(session& on) {
    constexpr query encoding{"database_encoding",
                             "SELECT current_setting('server_encoding'), current_database()"};
    auto const found = on.execute(encoding);
    if (found.text(0, 0) == "UTF8") return;
    throw error{errc::refused,
                fmt::format("the database {} has the encoding {}: make one with CREATE DATABASE … "
                            "ENCODING 'UTF8' TEMPLATE template0",
                            found.text(0, 1), found.text(0, 0))};
}

}  // namespace

std::vector<std::string> check_durability(std::string const& url, bool allow) {
    // As the session has them, since ALTER ROLE and ALTER DATABASE can set the last one too.
    constexpr query settings{
        "durability_settings",
        "SELECT name, current_setting(name)"
        " FROM unnest('{fsync,full_page_writes,synchronous_commit}'::text[]) AS name"};
    session_options options;
    options.url = url;
    session on{options};
    check_encoding(on);
    auto const rows = on.execute(settings);
    std::vector<std::string> unsafe;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        // synchronous_commit has more values; only `off` answers before the log is on the disk.
        if (rows.text(row, 1) != "off") continue;
        unsafe.push_back(fmt::format("{} = off", rows.text(row, 0)));
    }
    if (!unsafe.empty() && !allow) {
        throw error{errc::refused,
                    fmt::format("the server may lose data that was acknowledged: {}; set {} to on",
                                fmt::join(unsafe, ", "), unsafe.size() == 1 ? "it" : "them")};
    }
    return unsafe;
}

void check_writable(std::string const& url) {
    constexpr query writable{
        "database_writable",
        "SELECT current_setting('transaction_read_only') = 'off', pg_is_in_recovery()"};
    session_options options;
    options.url = url;
    auto const found = session{options}.execute(writable);
    if (found.boolean(0, 0)) return;
    throw error{errc::refused,
                found.boolean(0, 1)
                    ? "the server is a standby, which takes no appends: name the primary; "
                      "target_session_attrs=read-write in the URL finds it among several hosts"
                    : "the database takes no changes: default_transaction_read_only is on, for the "
                      "server, the database or the login"};
}

}  // namespace recount::postgres
