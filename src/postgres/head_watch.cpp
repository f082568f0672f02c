// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/head_watch.hpp"

#include <algorithm>
#include <utility>

namespace recount::postgres {

head_watch::head_watch(session_options options, log_queries const& queries,
                       std::chrono::milliseconds poll_interval)
    : options_{std::move(options)}, queries_{queries}, poll_interval_{poll_interval} {}

head_watch::~head_watch() {
    {
        std::lock_guard const hold{mutex_};
        stopping_ = true;
    }
    news_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void head_watch::grown_to(position head) {
    {
        std::lock_guard const hold{mutex_};
        ++growths_;
        seen_ = std::chrono::steady_clock::now();
        if (head <= head_) return;
        head_ = head;
    }
    news_.notify_all();
}

void head_watch::looked(position head, std::uint64_t growths) {
    {
        std::lock_guard const hold{mutex_};
        // An append in between knows better than a look that was begun before it.
        if (growths != growths_ && head <= head_) return;
        seen_ = std::chrono::steady_clock::now();
        if (std::exchange(head_, head) >= head) return;
    }
    news_.notify_all();
}

std::uint64_t head_watch::growths() {
    std::lock_guard const hold{mutex_};
    return growths_;
}

position head_watch::wait(position after, std::chrono::milliseconds timeout,
                          std::function<position()> const& look) {
    auto const deadline = std::chrono::steady_clock::now() + timeout;
    {
        std::lock_guard const hold{mutex_};
        // Older knowledge may be of a log that is no more: who waits would be sent away for ever.
        bool const fresh = std::chrono::steady_clock::now() - seen_ < poll_interval_;
        if (head_ > after && fresh) return head_;
        if (!thread_.joinable()) thread_ = std::thread{[this] { listen(); }};
        ++waiting_;  // before the look: what comes after it is looked for by the listener
    }
    struct leaving {
        head_watch& from;
        ~leaving() {
            std::lock_guard const hold{from.mutex_};
            --from.waiting_;
        }
    } const left{*this};
    auto const before = growths();
    looked(look(), before);
    std::unique_lock hold{mutex_};
    news_.wait_until(hold, deadline, [&] { return head_ > after || stopping_; });
    return head_;
}

bool head_watch::stopping() {
    std::lock_guard const hold{mutex_};
    return stopping_;
}

bool head_watch::awaited() {
    std::lock_guard const hold{mutex_};
    return waiting_ > 0;
}

void head_watch::listen() {
    constexpr std::chrono::milliseconds first_pause{50};
    constexpr std::chrono::milliseconds longest_pause{5'000};
    auto pause = first_pause;
    while (!stopping()) {
        auto const begun = std::chrono::steady_clock::now();
        try {
            listen_once();
        } catch (error const&) {
            // The server is away. Waiters keep waiting until their own time is over.
            if (std::chrono::steady_clock::now() - begun > longest_pause) pause = first_pause;
            std::unique_lock hold{mutex_};
            news_.wait_for(hold, pause, [&] { return stopping_; });
            pause = std::min(pause * 2, longest_pause);
        }
    }
}

void head_watch::listen_once() {
    session on{options_};
    // LISTEN first, then look: an append in between is told, not lost.
    on.listen(queries_.channel);
    while (!stopping()) {
        if (awaited()) {
            auto const before = growths();
            auto const rows = on.execute(queries_.head);
            looked(rows.empty() ? 0 : rows.integer(0, 0), before);
        }
        doze(on);
    }
}

// In steps, so that a long interval does not hold up the end of the program.
void head_watch::doze(session& on) {
    using clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds step{500};
    auto const until = clock::now() + poll_interval_;
    for (auto left = poll_interval_; left.count() > 0 && !stopping();
         left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now())) {
        if (on.await_notification(std::min(step, left))) return;
    }
}

}  // namespace recount::postgres
