// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "effects/runner.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace recount::detail {

namespace {

constexpr std::chrono::milliseconds look_pause_min{20};      // others are ahead of us in a queue
constexpr std::chrono::milliseconds failure_pause_max{5'000};
constexpr int doublings_max = 40;

}  // namespace

std::chrono::milliseconds pause_after(effect_worker_options const& options, int attempts,
                                      double chance) {
    auto const doublings = std::clamp(attempts - 1, 0, doublings_max);
    auto const grown = std::ldexp(static_cast<double>(options.pause_first.count()), doublings);
    auto const most = std::min(grown, static_cast<double>(options.pause_max.count()));
    return std::chrono::milliseconds{std::llround(most * (1.0 + chance) / 2.0)};
}

std::size_t effect_runner::held() const noexcept {
    auto count = ready_.size() + sending_;
    for (auto const& [order, list] : behind_) count += list.size();
    return count;
}

void effect_runner::give_back(std::deque<claimed>& list) {
    for (auto& one : list) to_release_.push_back(std::move(one.message));
    list.clear();
}

effect_runner::action effect_runner::next(clock::time_point now) {
    if (stopping_) {
        give_back(ready_);
        for (auto& [order, list] : behind_) give_back(list);
    }
    while (!ready_.empty() && ready_.front().good_until < now) {
        auto stale = std::move(ready_.front().message);
        ready_.pop_front();
        if (auto const queue = behind_.find({stale.saga, stale.order_key});
            queue != behind_.end() && !stale.order_key.empty()) {
            give_back(queue->second);
            behind_.erase(queue);
        }
        to_release_.push_back(std::move(stale));
    }
    if (!to_release_.empty()) {
        return {action_kind::release, 0, std::exchange(to_release_, {}), {}};
    }
    if (stopping_) return {action_kind::done};
    if (!ready_.empty()) {
        action send{action_kind::send, 0, {}, {}};
        send.messages.push_back(std::move(ready_.front().message));
        ready_.pop_front();
        ++sending_;
        return send;
    }
    auto const room = 2 * options_.threads;
    if (claiming_ || held() >= room) return {action_kind::wait, 0, {}, now + options_.look_again};
    if (look_at_ > now) return {action_kind::wait, 0, {}, look_at_};
    claiming_ = true;
    news_ = false;
    return {action_kind::claim, room - held(), {}, {}};
}

void effect_runner::on_claimed(std::vector<outbox_message> batch, clock::time_point now) {
    claiming_ = false;
    failures_ = 0;
    auto const good_until = now + options_.lease / 2;
    for (auto& m : batch) {
        if (m.order_key.empty()) {
            ready_.push_back({std::move(m), good_until});
            continue;
        }
        // The first of its order makes the queue that the others stand in.
        auto const [queue, first] = behind_.try_emplace({m.saga, m.order_key});
        auto& list = first ? ready_ : queue->second;
        list.push_back({std::move(m), good_until});
    }
}

void effect_runner::on_nothing(std::optional<std::chrono::milliseconds> until,
                               clock::time_point now) {
    claiming_ = false;
    failures_ = 0;
    // It came while nothing was found: the claim may have missed it.
    if (std::exchange(news_, false)) {
        look_at_ = now;
        return;
    }
    auto const pause = std::min(until.value_or(options_.look_again), options_.look_again);
    look_at_ = now + std::max(pause, look_pause_min);
}

void effect_runner::on_claim_failed(clock::time_point now) {
    claiming_ = false;
    auto const pause = options_.look_again * (1U << static_cast<unsigned>(std::min(failures_, 5)));
    ++failures_;
    look_at_ = now + std::min<std::chrono::milliseconds>(pause, failure_pause_max);
}

effect_runner::outcome effect_runner::on_result(outbox_message const& m,
                                                effect_result const& result) {
    if (result.what() != effect_result::kind::again) return {result.what(), result.why()};
    auto const attempts = m.attempts + 1;
    if (attempts >= options_.attempts_max) return {effect_result::kind::give_up, result.why()};
    auto const chance = std::uniform_real_distribution<double>{0, 1}(random_);
    auto const pause = result.after()
                           ? std::clamp(*result.after(), std::chrono::milliseconds{0},
                                        options_.asked_pause_max)
                           : pause_after(options_, attempts, chance);
    return {effect_result::kind::again, result.why(), pause};
}

void effect_runner::on_kept(outbox_message const& m, outcome const& what, bool kept) {
    --sending_;
    if (m.order_key.empty()) return;
    auto const queue = behind_.find({m.saga, m.order_key});
    if (queue == behind_.end()) return;
    bool const over = kept && what.what != effect_result::kind::again;
    if (!over) give_back(queue->second);
    if (queue->second.empty()) {
        behind_.erase(queue);
        return;
    }
    ready_.push_back(std::move(queue->second.front()));
    queue->second.pop_front();
}

}  // namespace recount::detail
