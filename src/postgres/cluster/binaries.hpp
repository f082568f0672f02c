// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Where PostgreSQL's server programs are on this machine.
#pragma once

#include <filesystem>
#include <optional>

namespace recount::postgres::detail {

struct binaries {
    std::filesystem::path folder;  // holds postgres and initdb
    int major = 0;                 // 15
};

// $RECOUNT_PG_BIN alone if set; else what pg_config names, the distributions' folders by falling
// version, /usr/local/pgsql/bin and $PATH. With `major`, the first of that version: the data of one
// major version cannot be read by another. Throws errc::refused with both versions, or with the
// places looked at.
[[nodiscard]] binaries find_binaries(std::optional<int> major,
                                     std::filesystem::path const& data_folder);

}  // namespace recount::postgres::detail
