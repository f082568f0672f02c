// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "app/database_guard.hpp"

namespace recount {

namespace {

constexpr std::chrono::seconds look_every{1};

void look(verb_call& call) {
    try {
        static_cast<void>(call.application().log().head());
    } catch (error const& failure) {
        if (failure.code() != errc::database_unreachable) return;
        try {
            call.revive_database();
        } catch (error const&) {
            // Tried again; what is wrong is in the log lines of the connections.
        }
    }
}

}  // namespace

database_guard::database_guard(verb_call& call)
    : thread_{[this, &call] {
          while (!ended_within(look_every)) look(call);
      }} {}

database_guard::~database_guard() {
    {
        std::lock_guard const hold{mutex_};
        ended_ = true;
    }
    end_.notify_all();
    thread_.join();
}

bool database_guard::ended_within(std::chrono::milliseconds time) {
    std::unique_lock hold{mutex_};
    return end_.wait_for(hold, time, [this] { return ended_; });
}

}  // namespace recount
