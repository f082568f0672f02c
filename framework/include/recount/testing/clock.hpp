// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A clock that stands still until the test moves it.
//
//     recount::testing::test_clock clock;             // 2026-01-01, midnight
//     recount::application bank{parts, log, rows, {.clock = clock}};
//     clock.advance(std::chrono::hours{24});
//
// Thread safety: from any thread. Lifetimes: copies are the same clock.
#pragma once

#include <atomic>
#include <memory>

#include <recount/core/time.hpp>

namespace recount::testing {

// What every test begins at, unless it says otherwise.
inline constexpr timestamp first_of_2026{
    date{std::chrono::year{2026} / std::chrono::January / 1}};

class test_clock {
public:
    explicit test_clock(timestamp start = first_of_2026)
        : microseconds_{std::make_shared<std::atomic<std::int64_t>>(
              microseconds_since_epoch(start))} {}

    [[nodiscard]] timestamp now() const { return timestamp{duration{microseconds_->load()}}; }
    [[nodiscard]] timestamp operator()() const { return now(); }
    void set(timestamp to) { microseconds_->store(microseconds_since_epoch(to)); }
    void advance(duration by) { microseconds_->fetch_add(by.count()); }

private:
    std::shared_ptr<std::atomic<std::int64_t>> microseconds_;
};

}  // namespace recount::testing
