// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/postgres/session.hpp>

#include <condition_variable>
#include <mutex>

#include <fmt/format.h>

namespace recount::postgres {

struct pool::implementation {
    session_options options;
    std::size_t sessions_max;

    std::mutex mutex;
    std::condition_variable returned;
    std::vector<std::unique_ptr<session>> idle;  // the last one returned is lent first
    std::size_t open = 0;                        // idle, lent, or being opened
};

pool::pool(session_options options, std::size_t sessions_max)
    : self_{std::make_unique<implementation>()} {
    if (sessions_max == 0) {
        throw error{errc::invalid_argument, "a pool needs room for at least one session"};
    }
    self_->options = std::move(options);
    self_->sessions_max = sessions_max;
    self_->idle.reserve(sessions_max);  // so that taking one back cannot fail
}

pool::~pool() {
    assert_that(self_->idle.size() == self_->open, "a pool died before a session it had lent");
}

pool::lease pool::lend(std::chrono::milliseconds lend_timeout) {
    auto const deadline = std::chrono::steady_clock::now() + lend_timeout;
    std::unique_lock lock{self_->mutex};
    for (;;) {
        while (!self_->idle.empty()) {
            auto candidate = std::move(self_->idle.back());
            self_->idle.pop_back();
            if (candidate->alive()) return lease{*this, std::move(candidate)};
            --self_->open;
        }
        if (self_->open < self_->sessions_max) break;
        if (self_->returned.wait_until(lock, deadline) == std::cv_status::timeout &&
            self_->idle.empty() && self_->open >= self_->sessions_max) {
            throw error{errc::timed_out,
                        fmt::format("none of the {} database sessions became free in {} ms",
                                    self_->sessions_max, lend_timeout.count()),
                        {},
                        true};
        }
    }
    ++self_->open;  // the place is ours while connecting without the lock
    lock.unlock();
    try {
        return lease{*this, std::make_unique<session>(self_->options)};
    } catch (...) {
        lock.lock();
        --self_->open;
        self_->returned.notify_one();
        throw;
    }
}

void pool::take_back(std::unique_ptr<session> returned) noexcept {
    returned->rollback();
    if (returned->broken()) returned.reset();
    std::lock_guard const lock{self_->mutex};
    if (returned == nullptr) {
        --self_->open;
    } else {
        self_->idle.push_back(std::move(returned));
    }
    self_->returned.notify_one();
}

pool::lease::~lease() {
    if (session_ != nullptr) pool_->take_back(std::move(session_));
}

}  // namespace recount::postgres
