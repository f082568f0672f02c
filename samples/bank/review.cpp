// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "review.hpp"

namespace bank {

namespace {

constexpr std::chrono::days reviewed_within{30};

template <class Event>
large_movements::reaction review(Event const& e, movement_kind kind, recount::info const& i) {
    if (e.amount.minor < review_limit_minor) return {};
    if (i.effective_at < i.recorded_at - reviewed_within) return {};
    auto const account = i.stream_id<account_id>();
    return {recount::effect{review_wanted{account, kind, e.amount, i.recorded_at, e.reference}}
                .in_order_of(account)};
}

}  // namespace

large_movements::reaction large_movements::react(deposited const& e, recount::info const& i) {
    return review(e, movement_kind::deposit, i);
}
large_movements::reaction large_movements::react(withdrawn const& e, recount::info const& i) {
    return review(e, movement_kind::withdrawal, i);
}
large_movements::reaction large_movements::compensation(review_wanted const& sent) {
    return {recount::effect{review_not_needed{sent.account, sent.kind, sent.amount, sent.booked_at,
                                              sent.reference}}
                .in_order_of(sent.account)};
}

}  // namespace bank
