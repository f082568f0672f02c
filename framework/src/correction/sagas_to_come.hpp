// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the sagas would make of a restructure: by what repairs them when it is in the log, only that
// nothing is written, and that what waits now may have left by then.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <recount/app/application.hpp>

#include "correction/imagined.hpp"

namespace recount::detail {

[[nodiscard]] std::vector<preview_saga> sagas_after(
    application& app, imagined const& history, std::span<history::weighted_version const> delta);

// A member of the preview's JSON, with a comma before it; lines of its text.
void append_sagas_json(std::string& to, std::vector<preview_saga> const& sagas);
[[nodiscard]] std::string sagas_text(std::vector<preview_saga> const& sagas);

}  // namespace recount::detail
