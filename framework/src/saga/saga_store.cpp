// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/saga/saga_store.hpp>

#include <map>
#include <mutex>

namespace recount {

// Shared with the handles, which may outlive the store.
struct saga_store::listeners {
    std::mutex mutex;
    std::uint64_t last = 0;
    std::map<std::uint64_t, std::function<void()>> list;
};

saga_store::saga_store() : listeners_{std::make_shared<listeners>()} {}
saga_store::~saga_store() = default;

std::shared_ptr<void const> saga_store::when_effects_come(std::function<void()> tell) {
    std::lock_guard const hold{listeners_->mutex};
    auto const number = ++listeners_->last;
    listeners_->list.emplace(number, std::move(tell));
    return {&listeners_->list, [of = listeners_, number](void const*) {
                std::lock_guard const hold_again{of->mutex};
                of->list.erase(number);
            }};
}

void saga_store::effects_have_come() noexcept {
    std::lock_guard const hold{listeners_->mutex};
    for (auto const& [number, tell] : listeners_->list) tell();
}

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
