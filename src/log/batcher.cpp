// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "log/batcher.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <recount/core/error.hpp>

namespace recount::detail {

namespace {

using std::chrono::microseconds;

constexpr std::size_t in_flight_max = 2;
constexpr std::size_t tiny_part = 3;         // of those who are about
constexpr microseconds patience_max{5'000};
constexpr microseconds worth_waiting{200};   // of what a flight costs however small it is

}  // namespace

void batcher::load::add(commit_size const& one) {
    ++commits;
    events += one.events;
    bytes += one.bytes;
}

void batcher::load::remove(commit_size const& one) {
    --commits;
    events -= one.events;
    bytes -= one.bytes;
}

bool batcher::arrive(caller who, std::span<commit_size const> sizes) {
    assert_that(!sizes.empty(), "an append has at least one commit");
    auto grown = waiting_;
    for (auto const& one : sizes) grown.add(one);
    // One call alone may be larger: its commits are in memory already.
    if (waiting_.commits > 0 &&
        (grown.commits > bounds_.waiting_commits || grown.bytes > bounds_.waiting_bytes)) {
        return false;
    }
    waiting_ = grown;
    queue_.push_back({who, sizes, 0});
    return true;
}

bool batcher::has_room_for(commit_size const& one) const noexcept {
    return open_load_.commits == 0 ||
           (open_load_.events + one.events <= bounds_.batch_events &&
            open_load_.bytes + one.bytes <= bounds_.batch_bytes);
}

// Whoever waits longest first.
void batcher::take() {
    while (!queue_.empty()) {
        auto& front = queue_.front();
        auto to = front.from;
        for (; to < front.sizes.size() && has_room_for(front.sizes[to]); ++to) {
            open_load_.add(front.sizes[to]);
        }
        if (to == front.from) return;
        taken_.push_back({front.who, front.from, to});
        taken_from_.push_back(front);
        front.from = to;
        if (to < front.sizes.size()) return;
        queue_.pop_front();
    }
}

// What is open, in front of the queue again, in the order it came in.
void batcher::take_back() {
    for (auto i = open_from_.size(); i-- > 0;) {
        auto const& back = open_from_[i];
        if (!queue_.empty() && queue_.front().who == back.who) {
            queue_.front().from = back.from;
        } else {
            queue_.push_front(back);
        }
    }
    open_.clear();
    open_from_.clear();
    open_load_ = {};
    open_stale_ = false;
}

std::vector<batcher::piece> batcher::send() {
    std::size_t callers = 0;
    for (std::size_t i = 0; i < open_.size(); ++i) {
        auto const& sizes = open_from_[i].sizes;
        for (auto c = open_[i].from; c < open_[i].to; ++c) waiting_.remove(sizes[c]);
        // Whose call goes on in the next batch is counted there.
        if (open_[i].to == sizes.size()) ++callers;
    }
    flying_.push_back(callers);
    may_follow_ = false;
    open_from_.clear();
    open_load_ = {};
    return std::exchange(open_, {});
}

batcher::step batcher::next(clock::time_point now) {
    if (!building_ && !queue_.empty() && flying_.size() < in_flight_max) {
        take();
        if (!taken_.empty()) {
            building_ = true;
            until_ = std::min(now + patience_ / 4, end_);
            return {doing::build, taken_, {}};
        }
    }
    if (building_ || open_.empty()) return {};
    if (!flying_.empty() && !sends_behind()) return {};
    if (flying_.empty() && queue_.empty() && open_.size() < company_ && now < until_) {
        return {doing::wait, {}, until_};
    }
    company_ = 0;
    return {doing::fly, send(), {}};
}

// All who are about are in one of the two, and the open one is no tiny part of them, which had
// better wait for company; nor is one batch of all of them better. Commits of one call are not in
// both: if the first batch fails, the rest of the call is not to be written before it.
bool batcher::sends_behind() const noexcept {
    auto const callers = open_.size();
    return may_follow_ && !expects_all_ && flying_.size() < in_flight_max && about_ > 0 &&
           callers >= bounds_.behind_min && callers <= bounds_.behind_max &&
           callers * tiny_part >= about_ && callers + flying_.front() >= about_ &&
           open_.front().from == 0;
}

bool batcher::built(bool may_follow) {
    assert_that(building_, "built() without a step to build");
    building_ = false;
    may_follow_ = may_follow;
    open_.insert(open_.end(), taken_.begin(), taken_.end());
    open_from_.insert(open_from_.end(), taken_from_.begin(), taken_from_.end());
    taken_.clear();
    taken_from_.clear();
    if (!open_stale_) return true;
    take_back();
    return false;
}

void batcher::flown(bool as_planned, clock::time_point now,
                    std::optional<clock::duration> fixed) {
    assert_that(flying(), "flown() without a batch in flight");
    auto const back = flying_.front();
    flying_.pop_front();
    about_ = 0;
    if (!as_planned) {
        open_stale_ = building_;
        if (!building_) take_back();
    }
    company_ = 0;
    expects_all_ = false;
    if (fixed) expect_company(now, *fixed, back);
}

void batcher::expect_company(clock::time_point now, clock::duration fixed, std::size_t back) {
    // Of one flight it says how busy the machine was, too: the least of late is what counts.
    auto const before = fixed_.value_or(fixed);
    fixed_ = std::min(fixed, before + (fixed - before) / 16);
    auto const all = std::accumulate(flying_.begin(), flying_.end(),
                                     back + open_.size() + taken_.size() + queue_.size());
    about_ = all;
    if (*fixed_ < worth_waiting) return;
    expects_all_ = *fixed_ > all * bounds_.comes_back_in;
    company_ = expects_all_ ? all : (all + 1) / 2;
    patience_ = std::min<clock::duration>(*fixed_ / 2, patience_max);
    end_ = now + patience_;
    until_ = now + patience_ / 4;
}

batcher::caller batcher::next_to_build() const noexcept {
    bool const none = building_ || queue_.empty() || flying_.size() == in_flight_max;
    return none ? nullptr : queue_.front().who;
}

}  // namespace recount::detail
