// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "saga/beside.hpp"

#include <utility>

namespace recount::detail {

beside::~beside() {
    {
        std::lock_guard const lock{mutex_};
        closing_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void beside::begin(std::function<void()> work) {
    if (!thread_.joinable()) thread_ = std::thread{[this] { run(); }};
    {
        std::lock_guard const lock{mutex_};
        work_ = std::move(work);
    }
    begun_ = true;
    changed_.notify_all();
}

void beside::end() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return !work_; });
    begun_ = false;
    if (auto const failure = std::exchange(failure_, nullptr)) std::rethrow_exception(failure);
}

void beside::run() {
    std::unique_lock lock{mutex_};
    for (;;) {
        changed_.wait(lock, [this] { return work_ || closing_; });
        if (!work_) return;
        lock.unlock();
        std::exception_ptr failure;
        try {
            work_();
        } catch (...) {
            failure = std::current_exception();
        }
        lock.lock();
        failure_ = std::move(failure);
        work_ = nullptr;
        changed_.notify_all();
    }
}

}  // namespace recount::detail
