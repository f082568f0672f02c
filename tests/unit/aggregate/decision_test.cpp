// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/aggregate/decision.hpp>

#include "support/sample_domain.hpp"

namespace {

using namespace sample;
using decision = account::decision;

decision nothing() { return {}; }
decision no() { return rejection{"not_open"}; }
decision no_with_text() { return rejection{"not_open", "the account is not open"}; }
decision one() { return opened{{"a"}}; }
decision several() { return {opened{{"a"}}, deposited{{"a"}, eur(5)}, closed{{"a"}}}; }
decision earlier() { return recount::effective(opened{{"a"}}, recount::timestamp{}); }
decision mixed() {
    return {opened{{"a"}}, recount::effective(closed{{"a"}}, recount::timestamp{})};
}

// Only what is in the list can be decided.
static_assert(std::is_constructible_v<decision, opened>);
static_assert(std::is_constructible_v<decision, opened, closed, opened>);
static_assert(std::is_constructible_v<decision, recount::effective_event<closed>>);
static_assert(std::is_constructible_v<decision, rejection>);
static_assert(!std::is_constructible_v<decision, open_account>);
static_assert(!std::is_constructible_v<decision, opened, open_account>);
static_assert(!std::is_constructible_v<decision, rejection, opened>);
static_assert(!std::is_constructible_v<decision, std::string>);

}  // namespace

TEST_CASE("a decision is events, nothing, or a rejection", "[decision]") {
    CHECK(nothing().entries().empty());
    CHECK_FALSE(nothing().rejected());

    CHECK(no().rejected() == rejection{"not_open"});
    CHECK(no().entries().empty());
    CHECK(no_with_text().rejected()->text == "the account is not open");

    REQUIRE(one().entries().size() == 1);
    CHECK(std::holds_alternative<opened>(one().entries()[0].event));
    CHECK_FALSE(one().entries()[0].effective_at.has_value());

    auto const three = several();
    REQUIRE(three.entries().size() == 3);
    CHECK(std::get<deposited>(three.entries()[1].event).amount == eur(5));
    CHECK(std::holds_alternative<closed>(three.entries()[2].event));
}

TEST_CASE("an event may say when it happened", "[decision]") {
    REQUIRE(earlier().entries().size() == 1);
    CHECK((earlier().entries()[0].effective_at == recount::timestamp{}));
    auto const two = mixed();
    REQUIRE(two.entries().size() == 2);
    CHECK_FALSE(two.entries()[0].effective_at.has_value());
    CHECK(two.entries()[1].effective_at.has_value());
}

TEST_CASE("a decision is made event by event", "[decision]") {
    decision d;
    d.add(opened{{"a"}}).add(recount::effective(closed{{"a"}}, recount::timestamp{}));
    REQUIRE(d.entries().size() == 2);
    CHECK(std::get<closed>(d.entries()[1].event).account.value == "a");
    decision const copy = d;
    CHECK(copy.entries().size() == 2);
}
