// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What application::apply does, with company in its commit.
#pragma once

#include <recount/app/application.hpp>
#include <recount/restructure/append_with.hpp>

namespace recount::detail {

[[nodiscard]] restructured apply_with(application& app, restructure const& plan,
                                      std::string const& preview,
                                      restructure_options const& options,
                                      history::plan_company const& company);

// Of one that the log holds already.
[[nodiscard]] restructured restructured_of(log& of, uuid const& id, std::string title,
                                           appended const& done);

}  // namespace recount::detail
