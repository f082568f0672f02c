// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "standing_order.hpp"

namespace bank {

namespace {

using recount::rejection;

// Its transfers are made up for, one a month.
constexpr std::chrono::days backdated_max{3'653};

recount::date first_of_next_month(recount::timestamp now) {
    return month_after(recount::date_of(now), std::chrono::day{1});
}

}  // namespace

recount::date month_after(recount::date const& on, std::chrono::day wanted) {
    using namespace std::chrono;
    year_month_day const then{on};
    auto const month = year_month{then.year(), then.month()} + months{1};
    year_month_day const next{month.year(), month.month(), wanted};
    return next.ok() ? recount::date{next}
                     : recount::date{year_month_day_last{month.year(),
                                                         month_day_last{month.month()}}};
}

void standing_order::evolve(standing_order& s, standing_order_agreed const& e) {
    s.is_agreed = true;
    s.account = e.account;
    s.to = e.to;
    s.amount = e.amount;
}

void standing_order::evolve(standing_order& s, standing_order_cancelled const&) {
    s.is_cancelled = true;
}

standing_order::decision standing_order::decide(standing_order const& s,
                                                agree_standing_order const& c,
                                                recount::facts const& known) {
    if (s.is_cancelled) return rejection{"cancelled", "the standing order was cancelled"};
    if (s.is_agreed) {
        if (s.account == c.account && s.to == c.to && s.amount == c.amount) return {};
        return rejection{"taken", "there is another standing order of this number"};
    }
    if (c.account.value.empty() || c.to.value.empty()) {
        return rejection{"nameless", "an account has a number"};
    }
    if (c.account == c.to) return rejection{"same_account", "it is between two accounts"};
    if (c.amount.minor <= 0) return rejection{"not_positive", "an amount is more than zero"};
    auto const first_on = c.first_on.value_or(first_of_next_month(known.now));
    if (first_on < recount::date_of(known.now) - backdated_max) {
        return rejection{"too_early", "a standing order begins ten years ago at the earliest"};
    }
    return standing_order_agreed{c.order, c.account, c.to, c.amount, first_on, c.purpose};
}

standing_order::decision standing_order::decide(standing_order const& s,
                                                cancel_standing_order const& c) {
    if (!s.is_agreed) return rejection{"unknown", "there is no such standing order"};
    if (s.is_cancelled) return {};
    return standing_order_cancelled{c.order};
}

// --- the process ---------------------------------------------------------------------------------

recount::route standing_order_process::route(standing_order_agreed const& e) {
    return recount::starts(e.order);
}
recount::route standing_order_process::route(standing_order_cancelled const& e) {
    return recount::ends(e.order);
}

standing_order_process::reaction standing_order_process::react(standing_order_process const&,
                                                               standing_order_agreed const& e) {
    return {recount::timer{standing_order_due{e.order, e.first_on}}.at(
        recount::start_of(e.first_on))};
}

//[due
standing_order_process::reaction standing_order_process::react(standing_order_process const& s,
                                                               standing_order_due const& e) {
    auto const next = month_after(e.on, std::chrono::year_month_day{s.first_on}.day());
    transfer_id const id{"order-" + e.order.value + "-" + recount::to_string(e.on)};
    return {request_transfer{id, s.account, s.to, s.amount, {}, e.order.value},
            recount::timer{standing_order_due{e.order, next}}.at(recount::start_of(next))};
}
//]

void standing_order_process::evolve(standing_order_process& s, standing_order_agreed const& e) {
    s.account = e.account;
    s.to = e.to;
    s.amount = e.amount;
    s.first_on = e.first_on;
}

}  // namespace bank
