// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A reactor that lets alerts leave, and what sends them: what docs/guides/effects.md shows.
#include <cstdlib>
#include <iostream>

#include <recount/http/serve.hpp>
#include <recount/http/webhook.hpp>

#include "bank.hpp"

using namespace examples::bank;

//[effect
struct review_wanted { account_id account; money amount; };
RECOUNT_EVENT(review_wanted, "review.wanted", 1, account, amount)
//]

//[reactor
struct large_deposits {
    using events = recount::types<deposited>;
    using commands = recount::types<>;
    using effects = recount::types<review_wanted>;

    static recount::reaction<commands, recount::types<>, effects> react(deposited const& e) {
        if (e.amount < money{10'000'00, "EUR"}) return {};
        return recount::effect{review_wanted{e.account, e.amount}}.in_order_of(e.account);
    }
};
RECOUNT_REACTOR(large_deposits, "large_deposits", 1)
//]

//[handler
recount::effect_result tell_somebody(review_wanted const& e, recount::effect_info const& info) {
    std::cerr << "look at " << e.account.value << ": " << to_string(e.amount) << " ("
              << to_string(info.key) << ")\n";
    if (!std::cerr) return recount::effect_result::again("stderr does not take it");
    return recount::effect_result::sent();
}
//]

//[main
int main(int argc, char** argv) {
    recount::app ledger{"ledger"};
    ledger.add<account, account_balances, large_deposits>().verbs(recount::http::verbs());
    if (auto const* const url = std::getenv("LEDGER_ALERTS_URL")) {
        ledger.effect("review.wanted", recount::http::webhook({.url = url}));
    } else {
        ledger.effect<review_wanted>(tell_somebody);
    }
    return ledger.run(argc, argv);
}
//]
