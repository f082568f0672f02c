// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The table that cmake/EmbedMigrations.cmake generates from the files of migrations/.
#pragma once

#include <span>
#include <string_view>

namespace recount::postgres::detail {

struct embedded_migration {
    std::string_view name;  // "0001_store"
    std::string_view text;
};
[[nodiscard]] std::span<embedded_migration const> embedded_migrations() noexcept;

}  // namespace recount::postgres::detail
