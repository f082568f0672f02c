// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What application::apply does, on a condition, and with company in its commit.
#pragma once

#include <recount/correction/checked.hpp>
#include <recount/restructure/append_with.hpp>

namespace recount::detail {

struct applied_how {
    std::string preview{};             // empty: any
    plan_condition condition{};        // may be empty
    history::plan_company company{};
};
[[nodiscard]] restructured apply_with(application& app, restructure const& plan,
                                      restructure_options const& options, applied_how const& how);

// Of the restructure: given, made of a key, or a new one.
[[nodiscard]] uuid id_of(restructure_options const& options);

// Of a restructure that the log holds.
[[nodiscard]] std::optional<restructured> first_result(log& of, uuid const& id);

}  // namespace recount::detail
