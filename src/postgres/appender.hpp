// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Appends of all callers of this process, grouped (log/batcher.hpp) and written through the
// database's append function: one batch in flight, the next one planned meanwhile on the heads that
// the one in flight will leave, and sent behind it where nothing speaks against it.
//
// The work is done by the callers' own threads: who comes in plans what has come in, and who finds
// nothing in flight sends, and brings in the answer. So a lone writer never waits for another
// thread. One thread beside them does so when a batch comes back and the next is ready, since the
// caller who brought it back has his result and goes.
//
// What goes through is all that happens here. A batch that does not (its streams have moved, the
// server refuses it, the connection is lost) is handed to the careful appender as a whole, and a
// commit that seems to conflict goes there alone, on its caller's thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <semaphore>
#include <span>
#include <thread>
#include <vector>

#include <recount/log/log.hpp>
#include <recount/postgres/session.hpp>

#include "log/batcher.hpp"
#include "postgres/append_pipeline.hpp"
#include "postgres/careful_appender.hpp"
#include "postgres/early_look.hpp"
#include "postgres/heads_cache.hpp"
#include "postgres/log_queries.hpp"
#include "postgres/notifier.hpp"

namespace recount::postgres {

class appender {
public:
    // `grown` is told the end of the log after each batch that was written.
    appender(pool& sessions, session_options const& connect, uuid const& store_id,
             log_queries const& queries, std::function<void(position)> grown,
             early_look_options const& early = {},
             detail::batcher_limits const& bounds = {});
    ~appender();
    appender(appender const&) = delete;
    appender& operator=(appender const&) = delete;

    // From any thread. Results in order.
    [[nodiscard]] std::vector<append_result> append(std::span<commit const> commits);

    // From any thread. That the log has grown by a commit that went another way.
    void tell_others() { notices_.tell(); }

    [[nodiscard]] early_look const& early() const noexcept { return early_; }
    // How many batches were sent while another was in flight.
    [[nodiscard]] std::uint64_t sent_behind() const noexcept { return sent_behind_; }
    // How many answers were waited for eagerly.
    [[nodiscard]] std::uint64_t eager() const noexcept { return eager_; }

private:
    class bell;
    struct call;
    struct batch;
    struct flight;
    using lock = std::unique_lock<std::mutex>;
    using bells = std::vector<std::shared_ptr<bell>>;

    pool& sessions_;
    uuid store_id_;
    log_queries const& queries_;
    std::function<void(position)> grown_;
    heads_cache cache_;
    notifier notices_;
    careful_appender careful_;
    early_look early_;
    append_pipeline pipeline_;
    std::atomic<std::uint64_t> sent_behind_{0};
    std::atomic<std::uint64_t> eager_{0};
    std::counting_semaphore<4> several_at_a_time_{4};  // look again at what seemed to conflict

    // Of whoever brings in, one at a time.
    detail::batcher::clock::time_point last_answer_{};
    unsigned lone_answers_ = 0;  // in a row: to a single caller, with nothing else at the server
    std::atomic<bool> others_append_{false};  // the log had grown when a batch came there, of late

    std::mutex mutex_;  // of all below
    detail::batcher group_;
    std::shared_ptr<batch> open_;
    std::deque<std::shared_ptr<batch>> flights_;  // in the order in which they were sent
    std::condition_variable left_;   // the first of them was sent, or is back
    std::shared_ptr<bell> gathering_;  // for those who come in now
    std::shared_ptr<batch> to_fly_;  // by the sender
    bool to_bring_in_ = false;       // the first flight has been sent, and nobody waits for it
    bool sender_away_ = false;       // it sends or waits for an answer
    bool asked_ = false;   // there may be something to do for the sender
    bool timing_ = false;  // it waits for company for the open batch
    bool stopping_ = false;
    std::condition_variable news_;  // for the sender
    std::thread sender_;

    void enter(call& mine);
    void work(lock& hold, call* mine);
    [[nodiscard]] bool ring(lock& hold, bells& to_ring);
    void build(lock& hold, std::vector<detail::batcher::piece> const& pieces, bells& to_ring);
    void plan(batch& open, batch const* before, std::vector<detail::batcher::piece> const& pieces);
    [[nodiscard]] static bool may_follow(batch const& open);
    void learn_heads(batch& open, batch const* before,
                     std::vector<detail::batcher::piece> const& pieces);
    [[nodiscard]] std::shared_ptr<batch> take_off(std::vector<detail::batcher::piece> pieces);
    void fly(lock& hold, std::shared_ptr<batch> const& one, call* mine, bells& to_ring);
    void offer_build();
    void bring_in(lock& hold, call* mine, bells& to_ring);
    void send(batch& one);
    void give(batch& one);
    void receive(batch& one);
    void fail(batch& one, error const& failure);
    void append_carefully(batch& one);
    void land(std::shared_ptr<batch> const& one, call const* mine, bells& to_ring);
    void look_again(call& mine);
    void ask_sender();
    void serve();
};

}  // namespace recount::postgres
