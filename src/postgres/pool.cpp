// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/postgres/session.hpp>

#include <condition_variable>
#include <mutex>
#include <random>

#include <fmt/format.h>

#include <recount/core/limits.hpp>

#include "postgres/again.hpp"
#include "postgres/reconnect.hpp"
#include "session_report.hpp"

namespace recount::postgres {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds read_pause_first{5};

}  // namespace

struct pool::implementation {
    session_options options;
    std::size_t sessions_max;

    std::mutex mutex;
    std::condition_variable returned;
    std::vector<std::unique_ptr<session>> idle;  // the last one returned is lent first
    std::size_t open = 0;                        // idle, lent, or being opened
    detail::reconnect reconnect{{}, std::random_device{}()};
    std::optional<error> away;                   // why the last connection could not be had
    std::condition_variable tried;               // an attempt to connect has ended

    std::unique_ptr<session> connect(std::unique_lock<std::mutex>& lock,
                                     clock::time_point deadline);
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
    auto const deadline = clock::now() + lend_timeout;
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
    try {
        return lease{*this, self_->connect(lock, deadline)};
    } catch (...) {
        --self_->open;
        self_->returned.notify_all();
        throw;
    }
}

// As the state machine says: now, after a pause, or not at all. Holds the lock but while it
// connects or waits.
std::unique_ptr<session> pool::implementation::connect(std::unique_lock<std::mutex>& lock,
                                                       clock::time_point deadline) {
    using action = detail::reconnect::action;
    for (;;) {
        auto const now = clock::now();
        auto const advice = reconnect.wanted(now);
        if (advice.what == action::give_up || (advice.what == action::wait && now >= deadline)) {
            assert_that(away.has_value(), "a database is away for a reason");
            throw error{*away};
        }
        if (advice.what == action::wait) {
            tried.wait_until(lock, std::min(advice.until, deadline));
            continue;
        }
        lock.unlock();
        try {
            auto made = std::make_unique<session>(options);
            lock.lock();
            reconnect.succeeded();
            tried.notify_all();
            return made;
        } catch (error const& failure) {
            lock.lock();
            if (failure.code() == errc::database_unreachable) {
                reconnect.failed(advice.attempt, clock::now());
                away = failure;
                continue;
            }
            reconnect.abandoned(advice.attempt, clock::now());
            tried.notify_all();
            throw;
        } catch (...) {
            lock.lock();
            reconnect.abandoned(advice.attempt, clock::now());
            tried.notify_all();
            throw;
        }
    }
}

result pool::read(query const& statement, std::vector<parameter> const& parameters) {
    for (int attempt = 1;; ++attempt) {
        bool lost = false;
        try {
            auto lent = lend();
            try {
                return lent->execute(statement, parameters);
            } catch (...) {
                lost = lent->broken();
                throw;
            }
        } catch (error const& failure) {
            bool const again = lost || ran_into_another(failure);
            if (!again || attempt == limits::statement_attempts_max) {
                // Whether a read has happened is not in doubt, only what it would have said.
                if (failure.code() != errc::in_doubt) throw;
                throw error{errc::database_unreachable,
                            fmt::format("the connection was lost during '{}'", statement.name),
                            {failure.sqlstate(), failure.query(), failure.server_text()},
                            true};
            }
            detail::tell_read_again(statement.name, failure, attempt);
        }
        // At once the first time: that a connection had gone stale is mostly all there was to it.
        if (!lost || attempt > 1) pause_before(attempt, read_pause_first);
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
