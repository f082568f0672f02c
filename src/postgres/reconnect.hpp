// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Whether and when to connect to a database that may be away: a state machine without I/O and
// without a clock. A pool asks it before each connection and tells it what came of it.
//
//     auto const advice = machine.wanted(now);
//     switch (advice.what) {
//         case reconnect::action::connect: …       // then succeeded() or failed(attempt, now)
//         case reconnect::action::wait: …          // for news, until advice.until; then ask again
//         case reconnect::action::give_up: …       // away for longer than anybody should wait
//     }
//
//     connected ── an attempt fails ──▶ waiting ── its pause is over ──▶ trying ─ fails ─▶ waiting
//         ▲                                                                │
//         └──────────────────────────── succeeds ──────────────────────────┘
//
// While connected, as many may connect at once as like. From the first failure on there is one
// attempt at a time, after pauses that double up to a cap and vary at random, so that a server that
// comes back is not met by everybody at once. Callers wait as long as the database has been away
// for less than `patience`; afterwards they fail at once, save the one whose call falls due to try.
// Thread safety: none; the pool's lock guards it.
#pragma once

#include <chrono>
#include <cstdint>
#include <random>

namespace recount::postgres::detail {

struct reconnect_manners {
    std::chrono::milliseconds pause_first{20};
    std::chrono::milliseconds pause_max{1'000};
    std::chrono::milliseconds patience{3'000};
};

class reconnect {
public:
    using time_point = std::chrono::steady_clock::time_point;
    enum class state : std::uint8_t { connected, trying, waiting };
    enum class action : std::uint8_t { connect, wait, give_up };
    struct advice {
        action what = action::connect;
        std::uint64_t attempt = 0;  // to connect: handed back with its outcome
        time_point until{};         // to wait
    };

    explicit reconnect(reconnect_manners const& manners, std::uint64_t seed)
        : manners_{manners}, random_{seed} {}

    // Somebody needs a connection.
    [[nodiscard]] advice wanted(time_point now);
    void succeeded() noexcept;
    void failed(std::uint64_t attempt, time_point now);
    // The attempt ended for a reason that says nothing of the database: a role that may not be set.
    void abandoned(std::uint64_t attempt, time_point now) noexcept;
    [[nodiscard]] state what() const noexcept { return state_; }

private:
    reconnect_manners manners_;
    std::mt19937_64 random_;
    state state_ = state::connected;
    std::uint64_t attempt_ = 0;         // attempts of an earlier number are no longer news
    std::chrono::milliseconds pause_{0};
    time_point away_since_{};
    time_point next_{};
};

}  // namespace recount::postgres::detail
