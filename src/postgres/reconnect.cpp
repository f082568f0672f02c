// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/reconnect.hpp"

#include <algorithm>

namespace recount::postgres::detail {

reconnect::advice reconnect::wanted(time_point now) {
    if (state_ == state::connected) return {action::connect, attempt_, {}};
    if (state_ == state::waiting && now >= next_) {
        state_ = state::trying;
        return {action::connect, ++attempt_, {}};
    }
    auto const end = away_since_ + manners_.patience;
    if (now >= end) return {action::give_up, 0, {}};
    return {action::wait, 0, state_ == state::waiting ? std::min(next_, end) : end};
}

void reconnect::succeeded() noexcept {
    state_ = state::connected;
    ++attempt_;  // what began before and fails now is old news
}

void reconnect::failed(std::uint64_t attempt, time_point now) {
    if (attempt != attempt_) return;
    if (state_ == state::connected) {
        away_since_ = now;
        pause_ = manners_.pause_first;
        ++attempt_;  // several may have been under way: one failure is counted
    } else {
        pause_ = std::min(pause_ * 2, manners_.pause_max);
    }
    std::uniform_int_distribution<std::int64_t> pick{pause_.count() / 2, pause_.count()};
    next_ = now + std::chrono::milliseconds{pick(random_)};
    state_ = state::waiting;
}

void reconnect::abandoned(std::uint64_t attempt, time_point now) noexcept {
    if (attempt != attempt_ || state_ != state::trying) return;
    next_ = now;
    state_ = state::waiting;
}

}  // namespace recount::postgres::detail
