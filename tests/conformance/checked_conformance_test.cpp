// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Corrections that a program makes by itself: checked without a preview, applied on a condition.
#include <recount/correction/checked.hpp>
#include <recount/testing/sandbox.hpp>

#include "support/caught.hpp"
#include "support/ledger_domain.hpp"

namespace {

using namespace ledger;
using recount::errc;
using recount::restructure;
using recount::uuid;
using recount::history::planned_anchor;
using recount::testing::sandbox;
using recount::tests::caught;

sandbox fresh() {
    auto const where = GENERATE(sandbox::place::memory, sandbox::place::postgres);
    return sandbox{where, recount::testing::parts_of<account, balances>(), "bank"};
}

// A is opened, and has 100 as often as is said.
struct story {
    sandbox bank = fresh();
    std::vector<uuid> deposits;
    explicit story(int how_often) {
        bank.dispatch(open{{"a"}}).value();
        for (int i = 0; i < how_often; ++i) {
            deposits.push_back(
                bank.dispatch(deposit{{"a"}, eur(100)}).value().events.front());
        }
    }
    [[nodiscard]] recount::position head() { return bank.log().head().position; }
    [[nodiscard]] recount::money balance() { return bank.state<account>({"a"}).balance; }
};

restructure reasoned() { return restructure{"twice"}.because("it did not happen").by("ada"); }

}  // namespace

TEST_CASE("a check has the hash of the preview, and refuses what apply would", "[correction]") {
    story s{2};
    auto const plan = reasoned().exclude(s.deposits[1]);
    auto const before = s.head();
    CHECK(recount::check_plan(s.bank.application(), plan) == s.bank.preview(plan).hash);
    CHECK(s.head() == before);
    s.bank.dispatch(withdraw{{"a"}, eur(150)}).value();
    CHECK_THROWS_AS(recount::check_plan(s.bank.application(), plan), recount::invariants_broken);
    CHECK_THROWS_AS(recount::check_plan(s.bank.application(), reasoned().exclude({})),
                    recount::history::plan_refused);
}

TEST_CASE("a condition is judged by what will be appended, and invariants behind it",
          "[correction]") {
    story s{2};
    auto const plan = reasoned().exclude(s.deposits[1]);
    auto const before = s.head();
    auto const no = [](recount::history::judged_plan const& judged) {
        CHECK(judged.seen.rows.at("account-a").size() == 3);
        throw recount::error{errc::conflict, "not now"};
    };
    CHECK(caught([&] {
              recount::apply_checked(s.bank.application(), plan, no);
          }).code() == errc::conflict);
    CHECK(s.head() == before);
    int asked = 0;
    auto const yes = [&](recount::history::judged_plan const&) { ++asked; };
    recount::restructure_options options;
    options.identify_by("correction 7");
    auto const done = recount::apply_checked(s.bank.application(), plan, yes, options);
    CHECK(asked == 1);
    CHECK(s.balance() == eur(100));
    // Known before, it is not judged again.
    auto const again = recount::apply_checked(s.bank.application(), plan, yes, options);
    CHECK(again.repeated);
    CHECK(again.position == done.position);
    CHECK(asked == 1);
    s.bank.dispatch(withdraw{{"a"}, eur(50)}).value();
    CHECK_THROWS_AS(recount::apply_checked(s.bank.application(),
                                           reasoned().exclude(s.deposits[0]), yes),
                    recount::invariants_broken);
}

TEST_CASE("a plan may name many events, inserted ones and unknown ones among them",
          "[correction]") {
    story s{8};
    auto const one = recount::describe::to_json(deposited{{"a"}, eur(7)});
    auto const inserted = s.bank.apply(reasoned().insert(
        "account-a", planned_anchor::after(s.deposits[0]),
        {{"account.deposited", 1, one, recount::timestamp_from_string("2026-01-02T12:00:00Z")}}));
    REQUIRE(inserted.inserted.size() == 1);
    s.bank.dispatch(open{{"b"}}).value();
    auto plan = reasoned().exclude(inserted.inserted.front());
    for (auto const& event : s.deposits) plan.move(event, "account-b");
    auto const done = s.bank.apply(plan);
    CHECK(done.streams == std::vector<std::string>{"account-a", "account-b"});
    CHECK(done.inserted.empty());
    CHECK(s.balance() == eur(0));
    CHECK(s.bank.state<account>({"b"}).balance == eur(800));
    // By now they are elsewhere than their rows.
    auto back = reasoned();
    for (auto const& event : s.deposits) back.exclude(event);
    back.exclude(recount::new_command_id());
    try {
        s.bank.apply(back);
        FAIL("it was applied");
    } catch (recount::history::plan_refused const& no) {
        REQUIRE(no.problems().size() == 1);
        CHECK(no.problems().front().step == 8);
        CHECK(no.problems().front().what == recount::history::refusal::unknown_target);
    }
}
