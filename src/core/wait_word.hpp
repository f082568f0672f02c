// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A number that threads sleep on until it changes.
//
//     auto const seen = word.load();
//     if (not_yet()) word.wait(seen);     // returns at once if it is another by now
//     word.advance_for_one();             // wakes one who sleeps; he may wake_one() in turn
//     word.advance_for_all();             // wakes all who sleep
//
// std::atomic::wait would do, but spins and yields before it sleeps: with many writers on few cores
// that is a twentieth of all their time. Thread safety: every function from any thread.
#pragma once

#include <atomic>
#include <climits>
#include <cstdint>

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace recount::detail {

class wait_word {
public:
    [[nodiscard]] std::uint32_t load() const noexcept {
        return value_.load(std::memory_order_acquire);
    }
    // May return early.
    void wait(std::uint32_t seen) const noexcept {
#if defined(__linux__)
        ::syscall(SYS_futex, &value_, FUTEX_WAIT_PRIVATE, seen, nullptr, nullptr, 0);
#else
        value_.wait(seen, std::memory_order_acquire);
#endif
    }
    // Who sleeps still does so until wake_one(); who comes now does not sleep.
    void advance_for_one() noexcept {
        value_.fetch_add(1, std::memory_order_release);
        wake_one();
    }
    void wake_one() noexcept { wake(1); }
    void advance_for_all() noexcept {
        value_.fetch_add(1, std::memory_order_release);
        wake(INT_MAX);
    }

private:
    void wake([[maybe_unused]] int most) noexcept {
#if defined(__linux__)
        ::syscall(SYS_futex, &value_, FUTEX_WAKE_PRIVATE, most, nullptr, nullptr, 0);
#else
        value_.notify_all();
#endif
    }

    std::atomic<std::uint32_t> value_{0};
    static_assert(sizeof(std::atomic<std::uint32_t>) == 4);
};

}  // namespace recount::detail
