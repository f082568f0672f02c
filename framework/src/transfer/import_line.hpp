// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// One line of an import, read and judged by what the application knows.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <recount/app/application.hpp>

namespace recount::detail {

struct import_line {
    new_event event;
    std::optional<uuid> id{};            // of the event
    std::string key{};                   // of its commit
    std::optional<version> at_version{};
    bool ends_commit = true;             // no more lines of its commit follow, as far as it says
    std::optional<json_text> command{};
    std::optional<metadata> meta{};
    position at = 0;                     // in the log that it comes from; 0: it does not say
};

// Throws errc::invalid_argument or invalid_json with a sentence that does not name the line yet.
[[nodiscard]] import_line read_import_line(application_parts const& parts, std::string_view text);

}  // namespace recount::detail
