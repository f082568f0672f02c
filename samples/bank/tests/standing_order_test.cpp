// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What may be agreed, and what a standing order does when its day comes.
#include <recount/testing/catch.hpp>

#include "bank/standing_order.hpp"
#include "memory_bank.hpp"

namespace bank::tests {

using recount::given;
using namespace std::chrono_literals;

namespace {

standing_order_id const rent{"rent"};
account_id const ada{"ada"}, ben{"ben"};

agree_standing_order agreed_from(std::optional<recount::date> first_on) {
    return {rent, ada, ben, eur(700), first_on, "rent"};
}

}  // namespace

TEST_CASE("a standing order is agreed once, between two accounts", "[bank][standing_order]") {
    recount::date const today{2026y / 11 / 22};
    recount::date const next{2026y / 12 / 1};
    given<standing_order>()
        .at(recount::timestamp{today})
        .when(agreed_from({}))
        .then(standing_order_agreed{rent, ada, ben, eur(700), next, "rent"})
        .when(agreed_from({}))
        .then_nothing()
        .when(agree_standing_order{rent, ada, ben, eur(701), {}, "rent"})
        .then_rejected("taken")
        .when(cancel_standing_order{rent})
        .then(standing_order_cancelled{rent})
        .when(agreed_from({}))
        .then_rejected("cancelled");
    given<standing_order>()
        .when(agree_standing_order{rent, ada, {}, eur(1)})
        .then_rejected("nameless")
        .when(agree_standing_order{rent, ada, ada, eur(1)})
        .then_rejected("same_account")
        .when(agree_standing_order{rent, ada, ben, eur(0)})
        .then_rejected("not_positive");
}

TEST_CASE("what a standing order makes up for is ten years at the most", "[bank][standing_order]") {
    recount::date const today{2026y / 11 / 22};
    auto const eldest = today - std::chrono::days{3'653};
    given<standing_order>()
        .at(recount::timestamp{today})
        .when(agreed_from(recount::date{1y / 1 / 1}))
        .then_rejected("too_early")
        .when(agreed_from(eldest - std::chrono::days{1}))
        .then_rejected("too_early")
        .when(agreed_from(eldest))
        .then(standing_order_agreed{rent, ada, ben, eur(700), eldest, "rent"});
}

}  // namespace bank::tests
