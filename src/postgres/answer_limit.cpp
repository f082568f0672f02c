// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/answer_limit.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace recount::postgres::detail {

namespace {

using time_point = std::chrono::steady_clock::time_point;

class watcher {
public:
    void add(time_point end, int descriptor) {
        std::lock_guard const hold{mutex_};
        if (!started_) {
            std::thread{[this] { watch(); }}.detach();
            started_ = true;
        }
        ends_.emplace(end, descriptor);
        if (end < looks_at_) sooner_.notify_one();
    }

    void remove(time_point end, int descriptor) {
        std::lock_guard const hold{mutex_};
        ends_.erase({end, descriptor});
    }

private:
    std::mutex mutex_;
    std::condition_variable sooner_;
    std::set<std::pair<time_point, int>> ends_;
    // It sleeps over statements that are long over: few ends are ever reached, and to wake it for
    // each would cost a statement two switches of threads.
    time_point looks_at_ = time_point::max();
    bool started_ = false;

    void watch() {
        std::unique_lock hold{mutex_};
        for (;;) {
            if (ends_.empty()) {
                looks_at_ = time_point::max();
                sooner_.wait(hold);
                continue;
            }
            auto const [end, descriptor] = *ends_.begin();
            if (std::chrono::steady_clock::now() < end) {
                looks_at_ = end;
                sooner_.wait_until(hold, end);
                continue;
            }
            // Under the lock, so that its owner cannot close it meanwhile.
            ::shutdown(descriptor, SHUT_RDWR);
            ends_.erase(ends_.begin());
        }
    }
};

// Never destroyed: its thread lives as long as the process, and so may sessions in static objects.
watcher& the_watcher() {
    static auto* const one = new watcher;
    return *one;
}

}  // namespace

line::line(int socket) : descriptor_{::fcntl(socket, F_DUPFD_CLOEXEC, 0)} {}

line::~line() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

line::line(line&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}

line& line::operator=(line&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

answer_limit::answer_limit(line const& on, std::chrono::milliseconds time) {
    if (time.count() <= 0 || on.descriptor() < 0) return;
    end_ = std::chrono::steady_clock::now() + time;
    the_watcher().add(end_, on.descriptor());
    descriptor_ = on.descriptor();
}

answer_limit::~answer_limit() {
    if (descriptor_ >= 0) the_watcher().remove(end_, descriptor_);
}

}  // namespace recount::postgres::detail
