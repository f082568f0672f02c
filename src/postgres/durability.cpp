// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/postgres/migrate.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <recount/postgres/session.hpp>

namespace recount::postgres {

std::vector<std::string> check_durability(std::string const& url, bool allow) {
    // As the session has them, since ALTER ROLE and ALTER DATABASE can set the last one too.
    constexpr query settings{
        "durability_settings",
        "SELECT name, current_setting(name)"
        " FROM unnest('{fsync,full_page_writes,synchronous_commit}'::text[]) AS name"};
    session_options options;
    options.url = url;
    session on{options};
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

}  // namespace recount::postgres
