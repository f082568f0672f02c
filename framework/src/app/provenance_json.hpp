// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What a verification found, as JSON: for the command line and for HTTP.
#pragma once

#include <string>

#include <recount/provenance/verify.hpp>

namespace recount {

// {"position":…,"stream":…,"what":…,"expected":…,"found":…}; stream is left out of what has none.
[[nodiscard]] std::string to_json(provenance::difference const& one);
// {"since":…,"through":…,"events":…,"streams":…,"batches":…,"differences":…,"events_per_s":…}
[[nodiscard]] std::string summary_json(provenance::verify_report const& report,
                                       std::int64_t per_second);

}  // namespace recount
