// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "log/seals.hpp"

#include <fmt/format.h>

#include <recount/core/text.hpp>
#include <recount/log/stream_name.hpp>

namespace recount {

seals_in_force::seals_in_force(std::vector<recorded_seal> const& oldest_first) {
    for (auto const& one : oldest_first) {
        if (one.category.empty()) {
            through = one.through;
        } else if (one.until) {
            until[one.category] = *one.until;
        } else {
            until.erase(one.category);
        }
    }
}

std::optional<timestamp> seals_in_force::closes(std::string_view category, timestamp when) const {
    auto const found = until.find(category);
    if (found == until.end() || when > found->second) return std::nullopt;
    return found->second;
}

namespace detail {

namespace {

bool storable(std::string const& text) {
    return is_utf8(text) && text.find('\0') == std::string::npos;
}

}  // namespace

std::optional<error> defect_of(new_seal const& one) {
    auto const invalid = [](std::string const& sentence) {
        return error{errc::invalid_argument, sentence};
    };
    if (one.because.empty() || one.actor.empty()) {
        return invalid("a seal needs an actor and a reason");
    }
    if (!storable(one.because) || !storable(one.actor)) {
        return invalid("the actor and the reason of a seal are UTF-8 without NUL");
    }
    if (one.category.empty()) {
        if (one.until) return invalid("a seal until a time is of a category");
        if (one.through < 0) {
            return invalid(fmt::format("a position to seal is 0 or more, found {}", one.through));
        }
        return std::nullopt;
    }
    if (one.through != 0) return invalid("a seal is by category or by position, not both");
    if (!valid_category(one.category) || one.category.front() == '$') {
        return invalid(fmt::format("'{}' is no category of yours", printable_utf8(one.category)));
    }
    return std::nullopt;
}

error beyond_the_log(position through, position head) {
    return error{errc::invalid_argument,
                 fmt::format("a position to seal is one of the log, which ends at {}, found {}",
                             head, through)};
}

std::optional<error> sealed(commit const& one, seals_in_force const& seals, timestamp now) {
    if (seals.until.empty()) return std::nullopt;
    for (auto const& event : one.events) {
        if (event.type.starts_with('$')) continue;  // judged where it is made
        auto const happened = event.effective_at.value_or(now);
        auto const until = seals.closes(event.stream.category(), happened);
        if (!until) continue;
        return error{errc::refused,
                     fmt::format("unable to append to {}: it happened at {}, and {} is sealed "
                                 "until {}",
                                 event.stream.str(), to_string(happened), event.stream.category(),
                                 to_string(*until))};
    }
    return std::nullopt;
}

}  // namespace detail

}  // namespace recount
