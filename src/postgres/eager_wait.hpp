// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// How long to sleep for an answer, and how long to look for it, where answers take a fraction of a
// millisecond: to wake a processor that has nothing else to do takes tens of microseconds, more in
// a virtual machine, and a lone writer would pay that with each append. So he sleeps for the first
// part of the time that answers have taken of late, and looks for the rest of it and some more (the
// usual word is busy polling, or spinning). Without I/O and without a clock.
//
//     auto const plan = wait.wanted();     // from when it was sent
//     // sleep until plan.sleep is over, look until plan.look is over, then sleep until it comes
//     wait.took(answered - sent);          // each time somebody alone has had an answer
//
// Where answers usually take longer than `usual_max` (a database elsewhere, a slow disk) they are
// slept for as a whole: looking would win little of that. So is the first one, and all on a single
// processor, which the server needs.
// Thread safety: none; the pipeline's lock guards it.
#pragma once

#include <algorithm>
#include <chrono>

namespace recount::postgres {

class eager_wait {
public:
    using duration = std::chrono::nanoseconds;
    struct plan {
        duration sleep{0};
        duration look{0};  // zero: not at all
    };

    explicit eager_wait(unsigned processors, duration usual_max = std::chrono::microseconds{600})
        : usual_max_{processors == 1 ? duration{0} : usual_max} {}

    [[nodiscard]] plan wanted() const noexcept {
        if (usual_ == duration{0} || usual_ > usual_max_) return {};
        return {usual_ * slept_fifths / 5, usual_ * waited_fifths / 5};
    }
    // One slow answer is no habit: an eighth of it counts, and of none more than twice the most
    // that is looked for.
    void took(duration time) noexcept {
        time = std::min(time, 2 * usual_max_);
        usual_ = usual_ == duration{0} ? time : usual_ + (time - usual_) / 8;
    }

private:
    // A nap that is longer than it was to be, as the kernel's often are, is over before most
    // answers; and most of those that are late have come.
    static constexpr int slept_fifths = 2;
    static constexpr int waited_fifths = 7;

    duration usual_max_;
    duration usual_{0};
};

}  // namespace recount::postgres
