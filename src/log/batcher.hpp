// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Group commit as a state machine without I/O: which appends are put into a batch, when a batch is
// sent, and by whom nothing is to be done now. Whoever runs it performs the steps it hands out.
//
//     batcher group{{}};
//     group.arrive(&call, sizes);                       // an append comes in
//     while ((step = group.next(now)).what != batcher::doing::nothing)
//         …                                        // build: group.built(); fly: group.flown(…)
//
// While a batch is in flight the next is built, on the heads as they will be when the one in flight
// is written. So a batch is what came in while the one before was away. If that one was not written
// as it was planned, what was built on it is built anew.
//
// The next is sent when that one is back, or behind it while it is still away: if whoever built it
// says that it may be, nobody else is to be expected for it, and one batch of all would not be
// better (see below). Two are in flight then, and the next is built when the first is back. They
// come back in the order in which they were sent.
//
// When a batch comes back, its callers often have their next append ready a moment later. A batch
// waits for company: for half of them, so that half are at the server while the other half make
// their next appends, and no tiny batch goes between two large ones; for all of them if a flight
// costs more, however small it is (a disk that takes a millisecond to flush), than it takes them to
// come back. At most half of that cost is waited, and an eighth after the last who came.
// Thread safety: none; one lock around it.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include <recount/core/limits.hpp>

namespace recount::detail {

struct commit_size {
    std::size_t events = 0;
    std::size_t bytes = 0;
};

struct batcher_limits {
    std::size_t batch_events = limits::append_batch_events;   // a single commit may be larger
    std::size_t batch_bytes = limits::append_batch_bytes;
    std::size_t waiting_commits = limits::append_waiting_commits_max;
    std::size_t waiting_bytes = limits::append_waiting_bytes_max;
    // Callers of a batch that is sent behind another. Fewer had better go together, and of more the
    // server has so much to do that the way there and back is little beside it.
    std::size_t behind_min = 12;
    std::size_t behind_max = 96;
    // Each caller, one after the other, until his next append is there. A flight that costs more
    // than that of all of them waits for all.
    std::chrono::microseconds comes_back_in{16};
};

class batcher {
public:
    using clock = std::chrono::steady_clock;
    // One append on its way: the machine knows it by its address, and the sizes of its commits,
    // which outlive its stay here.
    using caller = void*;

    // Commits `from` to `to` of a call, which go into one batch.
    struct piece {
        caller who = nullptr;
        std::size_t from = 0;
        std::size_t to = 0;
        friend bool operator==(piece const&, piece const&) = default;
    };
    enum class doing : unsigned char {
        nothing,
        build,  // plan `pieces` at the end of the open batch, then call built()
        fly,    // send the open batch, which is made of `pieces`, then call flown()
        wait,   // ask again at `until`, or when something has come in
    };
    struct step {
        doing what = doing::nothing;
        std::vector<piece> pieces{};
        clock::time_point until{};
    };

    explicit batcher(batcher_limits const& bounds) : bounds_{bounds} {}

    // False, and nothing has happened, if as much waits already as may wait.
    [[nodiscard]] bool arrive(caller who, std::span<commit_size const> sizes);
    // What is to be done now. One step that builds and two that fly may be under way at a time.
    [[nodiscard]] step next(clock::time_point now);
    // False if what was built meanwhile is of no use: the batch it stood on was not written so.
    // `may_follow`: the open batch may be sent behind the one in flight.
    [[nodiscard]] bool built(bool may_follow = false);
    // The first batch in flight is settled. Not `as_planned`: what was built on it is built anew.
    // `fixed`: what of the flight did not come of the batch's size (network and disk); where that
    // is unknown, nobody is waited for.
    void flown(bool as_planned, clock::time_point now,
               std::optional<clock::duration> fixed = std::nullopt);

    // The next batch waits for all callers of the one before; if for any, else for half of them.
    [[nodiscard]] bool expects_all() const noexcept { return expects_all_; }
    [[nodiscard]] std::size_t waiting_commits() const noexcept { return waiting_.commits; }
    [[nodiscard]] bool building() const noexcept { return building_; }
    [[nodiscard]] bool anybody_waits() const noexcept { return !queue_.empty(); }
    [[nodiscard]] bool flying() const noexcept { return !flying_.empty(); }
    // Whose commits are the next to be built; nullptr if all is built, or being so.
    [[nodiscard]] caller next_to_build() const noexcept;

private:
    struct queued {
        caller who = nullptr;
        std::span<commit_size const> sizes;
        std::size_t from = 0;
    };
    struct load {
        std::size_t commits = 0;
        std::size_t events = 0;
        std::size_t bytes = 0;
        void add(commit_size const& one);
        void remove(commit_size const& one);
    };

    batcher_limits bounds_;
    std::deque<queued> queue_;
    std::vector<queued> open_from_;  // beside `open_`: the sizes of each piece
    std::vector<piece> open_;
    load open_load_;
    std::vector<queued> taken_from_;
    std::vector<piece> taken_;  // being built
    load waiting_;              // in the queue or being built or open
    bool building_ = false;
    bool open_stale_ = false;   // to be built anew once the builder is back
    std::deque<std::size_t> flying_;  // callers of each batch in flight
    bool may_follow_ = false;   // the open batch, the one in flight
    std::size_t about_ = 0;     // callers, when the last batch came back; 0: unknown
    bool expects_all_ = false;
    std::size_t company_ = 0;    // callers that the open batch waits for …
    clock::time_point until_{};  // … till then, if nobody comes, …
    clock::time_point end_{};    // … or till then
    clock::duration patience_{};
    std::optional<clock::duration> fixed_{};  // of flights of late

    [[nodiscard]] bool has_room_for(commit_size const& one) const noexcept;
    void take();
    void take_back();
    [[nodiscard]] std::vector<piece> send();
    [[nodiscard]] bool sends_behind() const noexcept;
    void expect_company(clock::time_point now, clock::duration fixed, std::size_t back);
};

}  // namespace recount::detail
