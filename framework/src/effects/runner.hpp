// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A worker of the outbox as a state machine without I/O: threads ask what to do next and say what
// came of it. `effect_worker` performs the actions.
//
//     effect_runner runner{options, seed};
//     auto const next = runner.next(now);                   // claim
//     runner.on_claimed(batch, now);
//     auto const then = runner.next(now);                   // send: then.messages.front()
//     auto const kept = runner.on_result(m, result);        // keep_sent, keep_failed, keep_dead
//     runner.on_kept(m, true);
//
// Thread safety: one thread at a time. Errors: none.
#pragma once

#include <deque>
#include <map>
#include <random>
#include <utility>

#include <recount/effects/worker.hpp>

namespace recount::detail {

// How long to wait after so many failed attempts: doubled from `pause_first` on, up to
// `pause_max`, of that between half and all, so that what failed together does not come together.
[[nodiscard]] std::chrono::milliseconds pause_after(effect_worker_options const& options,
                                                    int attempts, double chance);

class effect_runner {
public:
    using clock = std::chrono::steady_clock;

    enum class action_kind : std::uint8_t {
        claim,     // at most `limit`
        send,      // the one message: call its handler
        release,   // these are given back
        wait,      // until `until`, or until something has happened
        done,
    };
    struct action {
        action_kind kind;
        std::size_t limit = 0;
        std::vector<outbox_message> messages{};
        clock::time_point until{};
    };

    // What is to be written of an attempt.
    struct outcome {
        effect_result::kind what;
        std::string why{};
        std::chrono::milliseconds again_in{0};
    };

    effect_runner(effect_worker_options options, std::uint64_t seed)
        : options_{options}, random_{seed} {}

    [[nodiscard]] action next(clock::time_point now);
    // `until`: how long until the next one is due, asked only when there was none.
    void on_claimed(std::vector<outbox_message> batch, clock::time_point now);
    void on_nothing(std::optional<std::chrono::milliseconds> until, clock::time_point now);
    void on_claim_failed(clock::time_point now);
    [[nodiscard]] outcome on_result(outbox_message const& m, effect_result const& result);
    // `kept`: that was written. If not, another worker sends it once its lease is over.
    void on_kept(outbox_message const& m, outcome const& what, bool kept);
    void on_news(clock::time_point now) noexcept {
        look_at_ = now;
        news_ = true;
    }
    void on_stop() noexcept { stopping_ = true; }

private:
    using line = std::pair<std::string, std::string>;   // saga, order key
    struct claimed {
        outbox_message message;
        clock::time_point good_until;   // begun later, it might outlast its lease
    };

    effect_worker_options options_;
    std::mt19937_64 random_;
    std::deque<claimed> ready_;
    std::map<line, std::deque<claimed>> behind_;        // of orders of which one is ready or sent
    std::vector<outbox_message> to_release_;
    std::size_t sending_ = 0;
    bool claiming_ = false;
    bool news_ = false;                                  // since the last claim was asked for
    bool stopping_ = false;
    int failures_ = 0;                                   // of claims, in a row
    clock::time_point look_at_{};

    [[nodiscard]] std::size_t held() const noexcept;
    void give_back(std::deque<claimed>& list);
};

}  // namespace recount::detail
