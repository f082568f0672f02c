// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What is declared to be true stays true, also if somebody acts while a correction is judged.
#include <recount/app/application.hpp>
#include <recount/projection/memory_row_store.hpp>

#include "support/catch.hpp"
#include "support/ledger_domain.hpp"
#include "support/wrapped_log.hpp"

TEST_CASE("a withdrawal that comes while a correction is judged is seen by it", "[correction]") {
    using namespace ledger;
    auto const log = std::make_shared<recount::tests::wrapped_log>();
    recount::application_parts parts;
    parts.add<account>();
    recount::application bank{parts, log, std::make_shared<recount::memory_row_store>()};
    bank.dispatch(open{{"a"}}).value();
    bank.dispatch(deposit{{"a"}, eur(100)}).value();
    auto const twice = bank.dispatch(deposit{{"a"}, eur(100)}).value().events.front();

    bool withdrawn = false;
    log->before_append = [&] {
        if (std::exchange(withdrawn, true)) return;
        bank.dispatch(withdraw{{"a"}, eur(150)}).value();
    };
    auto const plan =
        recount::restructure{"recorded twice"}.because("a test").by("ada").exclude(twice);
    CHECK_THROWS_AS(bank.apply(plan), recount::invariants_broken);
    CHECK(withdrawn);
    CHECK(bank.state<account>({"a"}).balance == eur(50));
}
