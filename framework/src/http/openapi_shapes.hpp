// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The JSON Schemas of the answers that every application gives, by the names the routes use.
#pragma once

#include <span>
#include <string_view>

namespace recount::http {

struct named_shape {
    std::string_view name;
    std::string_view schema;   // JSON; refers to others as "#/components/schemas/…"
};

[[nodiscard]] std::span<named_shape const> shapes() noexcept;

}  // namespace recount::http
