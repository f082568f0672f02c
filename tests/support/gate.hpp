// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Holds up another thread at a known place.
//
//     gate held;
//     log.before_append = [&] { held.pass(); };
//     …                                          // somebody appends
//     held.until_somebody_waits();
//     held.open();                               // for good
#pragma once

#include <condition_variable>
#include <mutex>

namespace recount::tests {

class gate {
public:
    void pass() {
        std::unique_lock hold{mutex_};
        came_ = true;
        changed_.notify_all();
        changed_.wait(hold, [&] { return open_; });
    }
    void until_somebody_waits() {
        std::unique_lock hold{mutex_};
        changed_.wait(hold, [&] { return came_; });
    }
    void open() {
        std::lock_guard const hold{mutex_};
        open_ = true;
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool came_ = false;
    bool open_ = false;
};

}  // namespace recount::tests
