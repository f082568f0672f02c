// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Where history was corrected, a saga had acted on it, and nobody has declared what to do about
// that: such an instance has diverged, and waits for a person.
//
//     for (auto const& one : list_divergences(log, tables)) say(to_text(one));
//     acknowledge_divergence(log, "stamping", "ada", {.actor = "ines", .because = "in order"});
//
// To acknowledge says that the world is as the corrected history has it: from then on what the
// instance did counts as what it should have done, and what came in meanwhile is reacted to, in
// order. A divergence is closed once; another restructure may open another one.
// Of a reactor, the instance is the id of the event.
// Errors: errc::not_found for an instance that there is not; errc::refused for one that has not
// diverged; errc::invalid_argument for an act without a reason; errc::conflict if the instance
// moved on meanwhile. Thread safety: pure but for log and tables. Cost: the rows of the streams.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <recount/saga/operations.hpp>

namespace recount {

struct divergent_output {
    uuid trigger{};               // the input
    int n = 0;                    // which of its outputs
    std::string did;              // as stored, with its key; empty: nothing
    std::string should;
};

struct divergence {
    std::string saga;
    std::string instance;
    uuid restructure{};           // whose repair has shown it last
    position k = 0;               // the knowledge position of that
    timestamp recorded_at{};
    std::vector<divergent_output> outputs;
};

// Those that are open, in order of sagas and instances; of all sagas, or of one.
[[nodiscard]] std::vector<divergence> list_divergences(
    log& from, saga_store& tables, std::optional<std::string> const& saga = {});
[[nodiscard]] std::optional<divergence> find_divergence(log& from, std::string_view saga,
                                                        std::string_view instance);
appended acknowledge_divergence(log& to, std::string_view saga, std::string_view instance,
                                saga_act const& act);

// {"saga":…,"instance":…,"restructure":…,"k":…,"recorded_at":…,
//  "outputs":[{"trigger":…,"n":…,"did":…,"should":…}]}
[[nodiscard]] std::string to_json(divergence const& one);
// For a terminal; ends in a newline.
[[nodiscard]] std::string to_text(divergence const& one);

}  // namespace recount
