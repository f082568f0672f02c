// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a restructure asks of an instance: its inputs are told again as they are now, with nothing
// sent, and what should have come of them is compared with what did. Pure: a preview plans with the
// same function as the runner.
//
//     auto plan = plan_repair(saga, known, cause, fates);
//     if (!plan.unknown.empty()) …                  // what became of those must be known first
//     if (!plan.nothing) append(to_json(plan.row));
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <recount/restructure/view.hpp>

#include "saga/deeds.hpp"

namespace recount::detail {

// One event as the instance was to read it, and as it is to be now; nothing: it is not its own.
struct input_change {
    uuid event{};
    std::optional<placed_input> before{};
    std::optional<placed_input> after{};
};

struct repair_cause {
    uuid restructure{};
    position k = 0;
    std::optional<uuid> correlation{};
    std::vector<input_change> changes{};
};

// By instance. A reactor's are the events themselves.
struct repair_causes {
    std::map<std::string, repair_cause> of{};
    // Events that `route` throws at now, and what it says.
    std::vector<std::pair<saga_input, std::string>> unroutable{};
};
// `rows`: of one restructure.
[[nodiscard]] repair_causes causes_of(saga_descriptor const& saga,
                                      std::span<recorded_event const> rows,
                                      std::span<history::weighted_version const> delta);

// What became of a command or effect.
enum class fate : std::uint8_t {
    withdrawn,   // it has not left, and will not
    out,         // accepted, or sent
    never,       // it was never there
};
using known_fates = std::unordered_map<uuid, fate>;

struct repair_plan {
    repaired_row row{};
    bool nothing = false;                    // the restructure changes nothing for this instance
    std::vector<saga_output> unknown{};      // their fates must be known; the row is of no use yet
};
[[nodiscard]] repair_plan plan_repair(saga_descriptor const& saga, deeds const& was,
                                      repair_cause const& cause, known_fates const& fates);

// A reactor's instance that has no stream yet: what it was told is what it is to be told no more.
void assume_told(saga_descriptor const& reactor, deeds& to, repair_cause const& cause);

}  // namespace recount::detail
