// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Registers as they are written in a plan and in the log: ["presence","content","place"].
#pragma once

#include <string>

#include <recount/describe/raw_json.hpp>
#include <recount/restructure/operation.hpp>

namespace recount::history {

// Throws errc::invalid_json for another name, and for none.
[[nodiscard]] registers registers_of(describe::raw_json const& value);
[[nodiscard]] std::string names_of(registers which);   // without the brackets

}  // namespace recount::history
