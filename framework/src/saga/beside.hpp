// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A thread that does one thing at a time beside the one that asks for it.
//
//     beside other;
//     other.begin([&] { results = log.append_batch(commits); });
//     decide_the_next();
//     other.end();                    // throws what the work threw
//
// Thread safety: one thread asks. Lifetimes: the destructor waits for the work's end.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace recount::detail {

class beside {
public:
    beside() = default;
    ~beside();
    beside(beside const&) = delete;
    beside& operator=(beside const&) = delete;

    // The work before has ended. The thread is made when it is first needed.
    void begin(std::function<void()> work);
    void end();
    [[nodiscard]] bool busy() const noexcept { return begun_; }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::function<void()> work_;      // that was not begun yet, or is being done
    std::exception_ptr failure_;
    bool closing_ = false;
    bool begun_ = false;              // of the thread that asks
    std::thread thread_;

    void run();
};

}  // namespace recount::detail
