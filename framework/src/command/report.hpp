// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the dispatcher tells of commands: one line and one count for each outcome.
#pragma once

#include <optional>
#include <string>

#include <recount/command/dispatcher.hpp>
#include <recount/core/logging.hpp>

namespace recount::detail {

// Lines of this thread have the correlation of the command while `scope` lives. Does nothing while
// nobody listens.
void enter(std::optional<logging::correlation_scope>& scope, command_call const& call,
           uuid const& id);

struct told_command {
    command_call const* call;
    std::string const* stream;
    uuid const* id;
};
void tell_settled(told_command const& which, dispatch_result const& result);
void tell_again(told_command const& which, int attempt, error const& conflict);

}  // namespace recount::detail
