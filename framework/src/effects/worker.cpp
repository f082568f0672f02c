// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/effects/worker.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

#include <recount/core/fault_point.hpp>

#include "effects/report.hpp"
#include "effects/runner.hpp"

namespace recount {

using detail::effect_runner;
using kind = effect_runner::action_kind;

struct effect_worker::implementation {
    using clock = effect_runner::clock;

    saga_store& store;
    effect_handlers handlers;
    message_claim wanted{};
    mutable std::mutex mutex;
    std::condition_variable changed;
    effect_runner runner;
    std::string failure{};
    std::vector<std::thread> threads{};
    std::shared_ptr<void const> subscription{};   // to effects that come in by this process

    implementation(saga_store& of, effect_handlers with, effect_worker_options const& options)
        : store{of}, handlers{std::move(with)}, runner{options, std::random_device{}()} {
        wanted.kind = message_kind::effect;
        wanted.types = handlers.types();
        wanted.lease = options.lease;
        if (handlers.empty()) return;
        subscription = store.when_effects_come([this] { nudge(); });
        try {
            for (std::size_t i = 0; i < options.threads; ++i) {
                threads.emplace_back([this] { work(); });
            }
        } catch (...) {
            stop();
            throw;
        }
    }

    void nudge() noexcept {
        {
            std::lock_guard const hold{mutex};
            runner.on_news(clock::now());
        }
        changed.notify_all();
    }

    void stop() noexcept {
        {
            std::lock_guard const hold{mutex};
            runner.on_stop();
        }
        changed.notify_all();
        for (auto& one : threads) {
            if (one.joinable()) one.join();
        }
        subscription.reset();
    }

    void work() {
        std::unique_lock hold{mutex};
        for (;;) {
            auto const next = runner.next(clock::now());
            if (next.kind == kind::done) return;
            if (next.kind == kind::wait) {
                changed.wait_until(hold, next.until);
                continue;
            }
            hold.unlock();
            if (next.kind == kind::claim) {
                claim(next.limit);
            } else if (next.kind == kind::send) {
                send(next.messages.front());
            } else {
                static_cast<void>(reached([&] { store.release(next.messages); }));
            }
            changed.notify_all();
            hold.lock();
        }
    }

    // Whether the store could be spoken to; why not is kept.
    template <class Call>
    bool reached(Call const& call) {
        std::string why;
        try {
            call();
        } catch (std::exception const& failed) {
            why = failed.what();
        }
        bool fresh = false;
        {
            std::lock_guard const hold{mutex};
            fresh = failure.empty() && !why.empty();
            failure = why;
        }
        if (fresh) detail::tell_outbox_failed(why);
        return why.empty();
    }

    void claim(std::size_t limit) {
        auto asked = wanted;
        asked.limit = limit;
        std::vector<outbox_message> batch;
        std::optional<std::chrono::milliseconds> until;
        // Before it is asked for: the lease runs from then on.
        auto const now = clock::now();
        bool const ok = reached([&] {
            batch = store.claim(asked);
            if (batch.empty()) until = store.until_next(asked);
        });
        if (!batch.empty()) fault_point<"effect.claimed">();
        std::lock_guard const hold{mutex};
        if (!ok) {
            runner.on_claim_failed(clock::now());
        } else if (batch.empty()) {
            runner.on_nothing(until, clock::now());
        } else {
            runner.on_claimed(std::move(batch), now);
        }
    }

    void send(outbox_message const& m) {
        fault_point<"effect.calling">();
        auto const begun = clock::now();
        auto const result = handlers.handle(m);
        auto const took = clock::now() - begun;
        fault_point<"effect.called">();
        effect_runner::outcome what;
        {
            std::lock_guard const hold{mutex};
            what = runner.on_result(m, result);
        }
        detail::tell_attempt(m, what, took);
        bool const kept = reached([&] {
            switch (what.what) {
                case effect_result::kind::sent: return store.sent(m.key);
                case effect_result::kind::again: return store.failed(m, what.why, what.again_in);
                case effect_result::kind::give_up: return store.give_up(m, what.why);
            }
        });
        fault_point<"effect.settled">();
        std::lock_guard const hold{mutex};
        runner.on_kept(m, what, kept);
    }
};

effect_worker::effect_worker(saga_store& store, effect_handlers handlers,
                             effect_worker_options options) {
    if (options.threads == 0 || options.attempts_max < 1) {
        throw error{errc::invalid_argument,
                    "a worker of effects needs a thread, and an attempt that it may make"};
    }
    self_ = std::make_unique<implementation>(store, std::move(handlers), options);
}
effect_worker::~effect_worker() { self_->stop(); }

void effect_worker::nudge() noexcept { self_->nudge(); }

void effect_worker::stop() noexcept { self_->stop(); }

std::string effect_worker::failure() const {
    std::lock_guard const hold{self_->mutex};
    return self_->failure;
}

}  // namespace recount
