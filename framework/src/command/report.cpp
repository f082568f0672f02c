// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "command/report.hpp"

#include <fmt/format.h>

#include <recount/core/logging_events.hpp>
#include <recount/core/metrics.hpp>

namespace recount::detail {

using metrics::metric;

void enter(std::optional<logging::correlation_scope>& scope, command_call const& call,
           uuid const& id) {
    if (!logging::enabled(logging::level::error)) return;
    scope.emplace(to_string(call.options.correlation.value_or(id)));
}

namespace {

std::string name_of(told_command const& which) {
    return std::string{which.call->command->command.name};
}

void tell_accepted(told_command const& which, accepted const& yes) {
    metrics::add(metric::commands, yes.repeated         ? "repeated"
                                   : yes.events.empty() ? "unchanged"
                                                        : "accepted");
    auto const tell = [&](logging::known_event event, std::string_view verdict) {
        if (!logging::wanted(event)) return;
        std::optional<logging::correlation_scope> scope;
        enter(scope, *which.call, *which.id);
        logging::tell(event, fmt::format("{} {}", name_of(which), verdict),
                      {{"command", name_of(which)},
                       {"stream", yes.stream},
                       {"version", std::to_string(yes.version)},
                       {"position", std::to_string(yes.position)},
                       {"events", std::to_string(yes.events.size())},
                       {"command_id", to_string(*which.id)}});
    };
    if (yes.repeated) {
        tell("command.repeated", "was known before");
    } else {
        tell("command.accepted", yes.events.empty() ? "changed nothing" : "was accepted");
    }
}

// The text of a rejection may quote what is private: the code is all that a log needs.
void tell_refused(told_command const& which, logging::known_event event, std::string_view code,
                  std::string_view verdict) {
    if (!logging::wanted(event)) return;
    std::optional<logging::correlation_scope> scope;
    enter(scope, *which.call, *which.id);
    logging::tell(event, fmt::format("{} {}: {}", name_of(which), verdict, code),
                  {{"command", name_of(which)},
                   {"stream", *which.stream},
                   {"code", std::string{code}},
                   {"command_id", to_string(*which.id)}});
}

}  // namespace

void tell_settled(told_command const& which, dispatch_result const& result) {
    if (auto const* failure = std::get_if<error>(&result)) {
        metrics::add(metric::commands, "failed");
        tell_refused(which, "command.failed", to_string(failure->code()), "failed");
        return;
    }
    auto const& decided = std::get<outcome>(result);
    if (decided) {
        tell_accepted(which, decided.value());
        return;
    }
    metrics::add(metric::commands, "rejected");
    tell_refused(which, "command.rejected", decided.rejected().code, "was rejected");
}

void tell_again(told_command const& which, int attempt, error const& conflict) {
    metrics::add(metric::command_retries);
    if (!logging::wanted("command.retried")) return;
    std::optional<logging::correlation_scope> scope;
    enter(scope, *which.call, *which.id);
    auto const& found = conflict.conflict();
    logging::tell("command.retried", fmt::format("{} is decided again", name_of(which)),
                  {{"command", name_of(which)},
                   {"stream", *which.stream},
                   {"attempt", std::to_string(attempt)},
                   {"actual_version", found ? std::to_string(found->actual_version) : ""},
                   {"command_id", to_string(*which.id)}});
}

}  // namespace recount::detail
