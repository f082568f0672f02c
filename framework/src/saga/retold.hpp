// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The inputs of an instance told to a fresh state: what comes of them, with nothing sent.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "saga/deeds.hpp"

namespace recount::detail {

struct retold {
    erased_object state;
    std::map<output_place, saga_output> outputs{};      // commands and effects
    std::vector<output_place> order{};                  // of those
    std::map<std::string, set_timer> timers{};
    std::vector<uuid> passed{};                         // inputs that were not told
    bool started = false;
    bool ended = false;
    std::string problem{};                              // why it was not told to its end
};

// `known` says which output a timer was set by.
[[nodiscard]] retold retell(saga_descriptor const& saga, deeds const& known,
                            std::vector<placed_input> const& inputs);

}  // namespace recount::detail
