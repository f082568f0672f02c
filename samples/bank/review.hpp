// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A movement beyond a limit is to be looked at by a person: a reactor with an effect. What sends it
// is in review_verbs.hpp.
#pragma once

#include <recount/saga/reactor.hpp>

#include "account.hpp"

namespace bank {

struct review_wanted {
    account_id account;
    movement_kind kind = movement_kind::deposit;
    money amount;
    recount::timestamp booked_at{};
    std::optional<std::string> reference{};
};
RECOUNT_EVENT(review_wanted, "account.review_wanted", 1, account, kind, amount, booked_at,
              reference)

// What was to be looked at was corrected since, and is not there any more, or not like that.
struct review_not_needed {
    account_id account;
    movement_kind kind = movement_kind::deposit;
    money amount;
    recount::timestamp booked_at{};
    std::optional<std::string> reference{};
};
RECOUNT_EVENT(review_not_needed, "account.review_not_needed", 1, account, kind, amount, booked_at,
              reference)

// Of an account one after the other. What is booked long after it happened comes from a file of the
// past, and nobody reviews that.
struct large_movements {
    using events = recount::types<deposited, withdrawn>;
    using effects = recount::types<review_wanted, review_not_needed>;
    using reaction = recount::reaction<recount::types<>, recount::types<>, effects>;
    static reaction react(deposited const& e, recount::info const& i);
    static reaction react(withdrawn const& e, recount::info const& i);
    // What makes up for an alert that has left.
    static reaction compensation(review_wanted const& sent);
};
RECOUNT_REACTOR(large_movements, "large_movements", 1)

// 100,000.00 of any currency.
inline constexpr std::int64_t review_limit_minor = 100'000'00;

}  // namespace bank
