// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/saga/saga_store.hpp>

namespace recount {

std::string_view to_string(saga_status s) noexcept {
    switch (s) {
        case saga_status::running: return "running";
        case saga_status::parked: return "parked";
        case saga_status::diverged: return "diverged";
        case saga_status::ended: return "ended";
    }
    return "unknown";
}

std::string_view to_string(message_kind k) noexcept {
    return k == message_kind::command ? "command" : "effect";
}

std::string_view to_string(message_status s) noexcept {
    switch (s) {
        case message_status::waiting: return "waiting";
        case message_status::done: return "done";
        case message_status::dead: return "dead";
        case message_status::withdrawn: return "withdrawn";
    }
    return "unknown";
}

}  // namespace recount
