// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/testing/sandbox.hpp>

#include "support/sample_domain.hpp"

namespace {

using namespace sample;
using recount::testing::in_memory;
using recount::testing::sandbox;
using recount::testing::test_clock;

}  // namespace

TEST_CASE("a sandbox takes commands, and every read sees them", "[testing]") {
    auto bank = in_memory<account, balances, totals>("bank");
    CHECK_FALSE(bank.row<balances>({"a"}).has_value());
    bank.dispatch(open_account{{"a"}}).value();
    bank.dispatch(deposit{{"a"}, eur(500)}).value();
    CHECK(bank.dispatch(deposit{{"b"}, eur(1)}).rejected().code == "not_open");
    CHECK(bank.row<balances>({"a"})->balance == eur(500));
    CHECK(bank.rows<totals>().size() == 1);
    bank.dispatch(deposit{{"a"}, eur(300)}).value();
    CHECK(bank.row<balances>({"a"})->balance == eur(800));
    CHECK(bank.state<account>({"a"}).balance == eur(800));
    CHECK(bank.state<account>({"a"}, 2).balance == eur(500));
    CHECK(bank.types() == std::vector<std::string>{"account.opened", "account.deposited",
                                                   "account.deposited"});
    CHECK(bank.events("account-a").size() == 3);
    CHECK(bank.events("account-b").empty());
    CHECK(bank.events().size() == 3);
    CHECK(recount::metadata_from_json(bank.events()[0].meta).app == "bank");
}

TEST_CASE("the clock of a sandbox moves when it is told to", "[testing]") {
    auto bank = in_memory<account>("bank");
    CHECK(bank.clock().now() == recount::testing::first_of_2026);
    bank.dispatch(open_account{{"a"}}).value();
    bank.advance(std::chrono::hours{24});
    bank.dispatch(deposit{{"a"}, eur(1)}).value();
    auto const later = recount::timestamp_from_string("2027-01-01T00:00:00Z");
    bank.clock().set(later);
    bank.dispatch(deposit{{"a"}, eur(1)}).value();
    auto const events = bank.events();
    CHECK(events[0].recorded_at == recount::testing::first_of_2026);
    CHECK(events[1].recorded_at == recount::testing::first_of_2026 + std::chrono::hours{24});
    CHECK(events[2].recorded_at == later);
}

TEST_CASE("copies of a clock are the same clock", "[testing]") {
    test_clock clock{recount::timestamp_from_string("2026-03-01T00:00:00Z")};
    recount::clock_function const seen = clock;
    clock.advance(std::chrono::seconds{1});
    CHECK(seen() == recount::timestamp_from_string("2026-03-01T00:00:01Z"));
}

TEST_CASE("two sandboxes know nothing of each other", "[testing]") {
    auto here = in_memory<account, balances>("bank");
    auto there = in_memory<account, balances>("bank");
    here.dispatch(open_account{{"a"}}).value();
    here.advance(std::chrono::seconds{1});
    CHECK(there.events().empty());
    CHECK_FALSE(there.row<balances>({"a"}).has_value());
    CHECK(there.clock().now() == recount::testing::first_of_2026);
    CHECK(here.log().store_id() != there.log().store_id());
    // It may be moved, with all that is in it.
    sandbox moved = std::move(here);
    CHECK(moved.row<balances>({"a"}).has_value());
}
