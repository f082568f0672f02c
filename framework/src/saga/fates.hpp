// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What became of commands and effects that history does not want any more.
//
// `settle_fates` decides it for ever: an effect that waits is withdrawn in the ledger, and the id
// of a command that is not in the log is taken by a commit of the saga's own, so that whoever has
// claimed it meanwhile cannot have it accepted any more. `look_at_fates` writes nothing, for
// previews.
// Thread safety: pure but for log and store. Cost: one query for all commands, one an effect.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <recount/log/log.hpp>
#include <recount/saga/saga_store.hpp>

#include "saga/repair.hpp"

namespace recount::detail {

struct wanted_fate {
    std::string instance;
    uuid restructure{};
    uuid key{};
    bool effect = false;
};

[[nodiscard]] known_fates settle_fates(saga_descriptor const& saga, log& of, saga_store& store,
                                       std::string const& program,
                                       std::span<wanted_fate const> wanted);
[[nodiscard]] known_fates look_at_fates(log& of, saga_store& store,
                                        std::span<wanted_fate const> wanted);

}  // namespace recount::detail
