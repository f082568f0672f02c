// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The bank at work: what docs/concepts/event-sourcing.md, the-log.md and two-times.md show.
#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>

#include <support/catch.hpp>

#include "bank.hpp"

namespace examples::bank {

TEST_CASE("a bank in memory", "[docs]") {
    //[application
    recount::application_parts parts;
    parts.add<account>();
    parts.add<account_balances>();
    recount::application bank{parts, std::make_shared<recount::memory::log>(),
                              std::make_shared<recount::memory_row_store>()};
    //]

    //[dispatch
    account_id const ada{"ada"};
    auto const done = bank.dispatch(deposit{ada, {50'00, "EUR"}});
    CHECK(done.value().stream == "account-ada");
    CHECK(done.value().version == 1);

    auto const refused = bank.dispatch(withdraw{ada, {80'00, "EUR"}});
    CHECK_FALSE(refused);
    CHECK(refused.rejected().code == "overdrawn");        // nothing was recorded
    //]

    //[reading
    CHECK(bank.state<account>(ada).balance == money{50'00, "EUR"});    // folded from the stream

    bank.catch_up();                                                   // the tables follow
    CHECK(bank.row<account_balances>(ada)->balance == money{50'00, "EUR"});
    //]

    //[at_version
    auto const before = bank.log().head().position;
    static_cast<void>(bank.dispatch(withdraw{ada, {20'00, "EUR"}}).value());
    CHECK(bank.state<account>(ada).balance == money{30'00, "EUR"});
    CHECK(bank.state<account>(ada, recount::at_version{1}).balance == money{50'00, "EUR"});
    CHECK(bank.state<account>(ada, recount::as_known_at{before}).balance == money{50'00, "EUR"});
    //]

    //[again
    auto const first = bank.dispatch(deposit{ada, {5'00, "EUR"}}, {.key = "transfer-4711"});
    auto const second = bank.dispatch(deposit{ada, {5'00, "EUR"}}, {.key = "transfer-4711"});
    CHECK_FALSE(first.value().repeated);
    CHECK(second.value().repeated);                       // one event, and its first result twice
    CHECK(second.value().position == first.value().position);
    CHECK(bank.state<account>(ada).balance == money{35'00, "EUR"});
    //]
}

}  // namespace examples::bank
