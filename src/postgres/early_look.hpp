// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Reads the pages of the log's indexes that a planned batch will be put into, while the one before
// is at the server. Of a large log they are not in the server's buffers: keys of callers are
// random, and so may be which stream comes next. append() would read them, and write others to make
// room, while everybody waits for the position lock; here another connection does it beside.
//
//     early_look early{sessions, queries};
//     early.look(log_end, commits, rows);     // planned now; does not wait
//     early.forget();                         // it is under way: no use in looking now
//
// Nothing depends on it: what it has not looked at in time, or could not, append() reads itself. It
// does nothing for a log whose indexes fit into the server's buffers: now and then it asks, on the
// same connection, whether they do. It stops until then when it finds that the pages were there
// anyway, and it waits for no connection.
// Thread safety: every function from any thread. Errors: none; a look that fails is left out.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include <recount/log/event.hpp>
#include <recount/postgres/session.hpp>

#include "log/batch.hpp"
#include "postgres/log_queries.hpp"

namespace recount::postgres {

struct early_look_options {
    position rows_min = 1'000'000;  // of a log that is worth asking about
    double of_buffers = 0.5;        // an index larger than this share of them is looked at early
    std::chrono::milliseconds ask_again{10'000};
};

class early_look {
public:
    early_look(pool& sessions, log_queries const& queries, early_look_options const& options = {});
    ~early_look();
    early_look(early_look const&) = delete;
    early_look& operator=(early_look const&) = delete;

    void look(position end_of_log, std::span<commit const* const> commits,
              std::span<detail::planned_row const> rows) noexcept;
    void forget() noexcept;
    [[nodiscard]] std::uint64_t asked() const noexcept { return asked_; }  // how large they are
    [[nodiscard]] std::uint64_t looked_at() const noexcept { return looked_at_; }  // places

private:
    using clock = std::chrono::steady_clock;
    struct next_row {
        std::int64_t stream = 0;
        recount::version version = 0;
    };
    struct places {
        std::vector<uuid> keys;
        std::vector<next_row> heads;
        [[nodiscard]] bool empty() const noexcept { return keys.empty() && heads.empty(); }
    };
    enum worth : unsigned { nothing = 0, in_keys = 1, in_heads = 2 };  // of which index

    struct sample {  // of the blocks that looks of late have fetched
        std::int64_t fetched = 0;
        std::int64_t hit = 0;
        [[nodiscard]] bool were_in_buffers(std::int64_t more_fetched, std::int64_t more_hit);
    };

    pool& sessions_;
    log_queries const& queries_;
    early_look_options options_;
    std::atomic<unsigned> worth_{worth::nothing};
    std::atomic<clock::rep> ask_at_{0};
    std::atomic<std::uint64_t> asked_{0};
    std::atomic<std::uint64_t> looked_at_{0};

    sample keys_seen_;   // of the thread alone
    sample heads_seen_;

    std::mutex mutex_;  // of all below
    std::condition_variable news_;
    places wanted_;
    bool to_ask_ = false;
    bool stopping_ = false;
    std::thread thread_;

    void want(unsigned which, std::span<commit const* const> commits,
              std::span<detail::planned_row const> rows);
    void serve();
    void work();
    void ask(session& on);
    void read(session& on, places const& now);
};

}  // namespace recount::postgres
