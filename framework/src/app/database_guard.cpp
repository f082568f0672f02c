// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "app/database_guard.hpp"

#include <cstdio>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace recount {

namespace {

constexpr std::chrono::seconds look_every{1};

// To ask the server itself takes seconds when it is gone: requests wait no longer than that.
bool answers(verb_call& call) {
    if (!call.database_runs()) return false;
    try {
        static_cast<void>(call.application().log().head());
    } catch (error const& failure) {
        return failure.code() != errc::database_unreachable;
    }
    return true;
}

// `said`: why it could not be started again, when that was told.
void look(verb_call& call, std::string& said) {
    if (answers(call)) return;
    try {
        call.revive_database();
        said.clear();
    } catch (error const& why) {
        // Tried again; once is enough to say so.
        if (std::exchange(said, why.what()) == why.what()) return;
        fmt::print(stderr, "unable to start the private PostgreSQL again: {}\n", why.what());
    }
}

}  // namespace

database_guard::database_guard(verb_call& call)
    : thread_{[this, &call] {
          std::string said;
          while (!ended_within(look_every)) look(call, said);
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
