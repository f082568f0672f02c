// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/core/error.hpp>

#include <cstdio>
#include <cstdlib>

#include <fmt/core.h>

namespace recount {

std::string_view to_string(errc code) noexcept {
    switch (code) {
        case errc::invalid_argument: return "invalid_argument";
        case errc::invalid_json: return "invalid_json";
        case errc::limit_exceeded: return "limit_exceeded";
        case errc::out_of_range: return "out_of_range";
        case errc::conflict: return "conflict";
        case errc::command_id_taken: return "command_id_taken";
        case errc::not_found: return "not_found";
        case errc::unknown_type: return "unknown_type";
        case errc::refused: return "refused";
        case errc::fenced: return "fenced";
        case errc::corrupted: return "corrupted";
        case errc::database_unreachable: return "database_unreachable";
        case errc::database_failed: return "database_failed";
        case errc::timed_out: return "timed_out";
        case errc::in_doubt: return "in_doubt";
        case errc::stopped: return "stopped";
    }
    return "unknown";
}

namespace {

std::string conflict_sentence(conflict_details const& c) {
    auto const found = c.actual_version == 0
                           ? std::string{"the stream does not exist"}
                           : fmt::format("stream is at {}", c.actual_version);
    return fmt::format("unable to append to {}: expected {}, {}", c.stream, c.expected, found);
}

}  // namespace

error::error(conflict_details conflict)
    : std::runtime_error{conflict_sentence(conflict)}, code_{errc::conflict}, retryable_{true},
      conflict_{std::move(conflict)} {}

void assert_that(bool holds, char const* sentence, std::source_location where) noexcept {
    if (holds) return;
    std::fprintf(stderr, "recount: bug: %s (%s:%u, %s)\n", sentence, where.file_name(),
                 static_cast<unsigned>(where.line()), where.function_name());
    std::abort();
}

}  // namespace recount
