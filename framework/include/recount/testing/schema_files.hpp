// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Published schemas against what the program has now. Under recount/testing/published_schemas.hpp,
// which says what is published and what may change; it knows nothing of Catch2.
//
//     auto changes = schema_changes(before, now);     // "$.amount: the field was removed"
//
// Thread safety: one thread a folder.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <recount/app/application.hpp>

namespace recount::testing {

struct published_shape {
    std::string name;
    int version;
    describe::type_descriptor const* shape;
};

// Every version of an event that the program can read.
[[nodiscard]] std::vector<published_shape> event_shapes(std::span<event_version const> versions);

struct schema_change {
    bool compatible;
    std::string text;    // "$.amount: the field was removed"
};
// What `now` takes otherwise than `before` did, both JSON Schema as describe::json_schema writes
// it. Empty: they take the same.
[[nodiscard]] std::vector<schema_change> schema_changes(std::string const& before,
                                                        std::string const& now);

struct schema_report {
    int files = 0;                       // as they should be
    std::vector<std::string> failures;   // a text each
};
[[nodiscard]] schema_report compare_published(application_parts const& parts,
                                              std::filesystem::path const& folder, bool approve);

// True if RECOUNT_APPROVE is set to anything but 0.
[[nodiscard]] bool approving();

}  // namespace recount::testing
