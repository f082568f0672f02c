// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/testing/given_saga.hpp>

#include "support/catch.hpp"
#include "support/transfer_domain.hpp"

namespace {

using namespace transfers;
using recount::given_saga;

requested const asked{{"t1"}, {"a"}, {"b"}, eur(5000)};
debit const take{{"a"}, {"t1"}, eur(5000)};
refund const give_back{{"a"}, {"t1"}, eur(5000)};
debited const taken{{"a"}, {"t1"}, eur(5000)};
credit const give{{"b"}, {"t1"}, eur(5000)};
credited const given{{"b"}, {"t1"}, eur(5000)};

struct quiet {
    quiet() { trouble::none(); }
    ~quiet() { trouble::none(); }
    quiet(quiet const&) = delete;
    quiet& operator=(quiet const&) = delete;
};

}  // namespace

TEST_CASE("a saga's story from its first event to its end", "[given_saga]") {
    quiet const now;
    given_saga<transfer>()
        .when(asked)
        .then(recount::compensable{take, give_back}, recount::timer{timed_out{{"t1"}}}.in(1h))
        .then_state([](transfer const& t) {
            CHECK(t.seen == 1);
            CHECK(t.amount == eur(5000));
        })
        .when(taken)
        .then(give)
        .when(given)
        .then(recount::effect{notice{{"t1"}, eur(5000)}}.in_order_of(account_id{"b"}),
              complete{{"t1"}}, recount::end)
        .when(transfers::cancelled{{"t1"}})
        .then_nothing();
}

TEST_CASE("a refusal leads to what the verdict says", "[given_saga]") {
    quiet const now;
    given_saga<transfer>(asked, taken)
        .when_refused(give, "not_open")
        .then(give_back)
        .when(refunded{{"a"}, {"t1"}, eur(5000)})
        .then(fail{{"t1"}, "refunded"}, recount::end);
    given_saga<transfer>(asked)
        .when_refused(take, "not_open")
        .then_verdict(recount::retry_in(1min))
        .when_refused(take, "not_open")
        .then_verdict(recount::retry_in(1min))
        .when_refused(take, "not_open")
        .then_parked("not_open");
    given_saga<transfer>(asked).when_refused(take, "overdrawn").then(recount::end);
}

TEST_CASE("a timer is due at its time, counted from the event", "[given_saga]") {
    quiet const now;
    auto const noon = recount::timestamp_from_string("2026-03-01T12:00:00Z");
    given_saga<transfer>()
        .at(noon)
        .when(asked)
        .then(recount::compensable{take, give_back},
              recount::timer{timed_out{{"t1"}}}.at(noon + 1h))
        .when_due("transfer.timed_out")
        .then(fail{{"t1"}, "timed out"}, recount::end);
}

TEST_CASE("what a saga throws parks its instance in a story, too", "[given_saga]") {
    quiet const now;
    trouble::react_throws_for = "t1";
    given_saga<transfer>().when(asked).then_parked("a bug");
    trouble::none();
    given_saga<transfer>(asked).when(asked).then_parked("one already");
    given_saga<transfer>().when(taken).then_parked("there is none");
}

TEST_CASE("a story that fails says what happened", "[given_saga]") {
    quiet const now;
    using recount::testing::saga_story;
    namespace detail = recount::detail;
    auto const& saga = recount::saga_of<transfer>();
    using reaction = transfer::reaction;
    {
        saga_story story{saga};
        story.given(detail::named_event(asked));
        story.when(detail::named_event(taken));
        auto const text = story.expect(
            reaction{credit{{"b"}, {"t1"}, eur(4000)}, recount::end}.parts());
        CHECK(text.find("given  transfer.requested{") == 0);
        CHECK(text.find("\nwhen   account.debited{") != std::string::npos);
        CHECK(text.find("\nexpected:\n  account.credit{") != std::string::npos);
        CHECK(text.find("\n  end\ngot:\n  account.credit{") != std::string::npos);
        CHECK(text.find("account.credit: amount: expected 40.00 EUR, got 50.00 EUR") !=
              std::string::npos);
        CHECK(story.expect_nothing().empty());
    }
    {
        saga_story story{saga};
        story.given(detail::named_event(asked));
        story.when_due("no");
        CHECK(story.expect_nothing().find(
                  "there is no timer 'no'; there are: transfer.timed_out") != std::string::npos);
        story.when_refused(detail::named_command(give), {"closed"});
        CHECK(story.expect_nothing().find("the saga has sent no such command") !=
              std::string::npos);
        story.when_refused(detail::named_command(take), {"not_open"});
        CHECK(story.expect_nothing().find("the verdict was retry in PT1M") != std::string::npos);
        CHECK(story.expect_parked("x").find("expected that the instance is parked, got: nothing") !=
              std::string::npos);
    }
    trouble::react_throws_for = "t1";
    saga_story story{saga};
    story.given(detail::named_event(asked));
    CHECK(story.expect_nothing().find("the instance was parked: a bug") != std::string::npos);
}
