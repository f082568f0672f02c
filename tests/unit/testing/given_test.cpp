// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Stories that hold are told with `given`; those that do not are asked for their text, which is
// kept in tests/approved/testing_given.txt. How a failure reaches Catch2: failing_specs_test.cpp.
#include <recount/testing/given.hpp>

#include "support/sample_domain.hpp"
#include "unit/describe/approval.hpp"

namespace {

using namespace sample;
using recount::given;
using recount::testing::erased;
using recount::testing::story;

recount::timestamp at(char const* text) { return recount::timestamp_from_string(text); }

// An aggregate that decides by what it knows beside its state.
struct punched {
    account_id account;
    std::string by;
    recount::timestamp at;
};
RECOUNT_EVENT(punched, "clock.punched", 1, account, by, at)
struct punch {
    account_id account;
};
RECOUNT_COMMAND(punch, "clock.punch", account)
struct time_clock {
    using id = account_id;
    using events = recount::types<punched>;
    using commands = recount::types<punch>;
    using decision = recount::decision<events>;
    std::vector<std::string> by;
    static void evolve(time_clock& c, punched const& e) { c.by.push_back(e.by); }
    static decision decide(time_clock const& c, punch const& p, recount::facts const& f) {
        if (f.actor.empty()) return rejection{"nobody", "who is it?"};
        if (!c.by.empty() && c.by.back() == f.actor) return {};
        return recount::effective(punched{p.account, f.actor, f.now}, f.now);
    }
};
RECOUNT_AGGREGATE(time_clock, "clock", 1, by)

story::step accepted(std::string command, std::vector<recount::testing::described_value> events) {
    return {std::move(command), std::nullopt, std::move(events)};
}
story::step rejected(std::string command, std::string code, std::string text = {}) {
    return {std::move(command), rejection{std::move(code), std::move(text)}, {}};
}

}  // namespace

TEST_CASE("given events, when a command, then its events", "[testing]") {
    given<account>().when(open_account{{"a"}}).then(opened{{"a"}});
    given<account>(opened{{"a"}}).when(open_account{{"a"}}).then_nothing();
    given<account>(opened{{"a"}}, deposited{{"a"}, eur(500)})
        .when(close_account{{"a"}})
        .then(withdrawn{{"a"}, eur(500)}, closed{{"a"}});
    given<account>().when(deposit{{"a"}, eur(1)}).then_rejected("not_open");
    given<account>()
        .when(deposit{{"a"}, eur(1)})
        .then_rejected("not_open", "the account is not open");
}

TEST_CASE("commands follow each other on the state that the ones before have made",
          "[testing]") {
    given<account>()
        .when(open_account{{"a"}})
        .when(deposit{{"a"}, eur(5)})
        .then(opened{{"a"}}, deposited{{"a"}, eur(5)})
        .when(withdraw_all{{"a"}})
        .then(withdrawn{{"a"}, eur(5)})
        .when(withdraw_all{{"a"}})
        .then_rejected("empty")
        .then_state([](account const& a) {
            CHECK(a.is_open);
            CHECK(a.balance.is_zero());
        });
}

TEST_CASE("time and actor of the deciders are the story's", "[testing]") {
    auto const monday = at("2026-01-05T08:00:00Z");
    auto const tuesday = at("2026-01-06T08:00:00Z");
    given<time_clock>(recount::effective(punched{{"a"}, "ada", monday}, monday))
        .when(punch{{"a"}})
        .then_rejected("nobody")
        .as("ada")
        .when(punch{{"a"}})
        .then_nothing()
        .as("bob")
        .at(tuesday)
        .when(punch{{"a"}})
        .then(recount::effective(punched{{"a"}, "bob", tuesday}, tuesday));
}

TEST_CASE("each command has an id of its own, the same in every run", "[testing]") {
    story s;
    s.next_command_id();
    auto const first = s.known.command_id;
    s.next_command_id();
    CHECK(recount::to_string(first) == "0198c0de-0000-7000-8000-000000010000");
    CHECK(recount::to_string(s.known.command_id) == "0198c0de-0000-7000-8000-000000020000");
    for (int i = 2; i < 256; ++i) s.next_command_id();
    CHECK(recount::to_string(s.known.command_id) == "0198c0de-0000-7000-8000-000001000000");
    CHECK(recount::ordinal_of(s.known.command_id) == 0);
}

TEST_CASE("a story that holds has no failure, and each expectation begins anew", "[testing]") {
    story s;
    s.when(accepted("first", {erased(opened{{"a"}})}));
    CHECK(s.expect_events({erased(opened{{"a"}})}).empty());
    CHECK(s.expect_nothing().empty());
    s.when(rejected("second", "not_open"));
    CHECK_FALSE(s.expect_no_rejection().empty());
    CHECK(s.expect_rejection("not_open", std::nullopt).empty());
    CHECK(s.expect_no_rejection().empty());
}

TEST_CASE("the texts of stories that do not hold", "[testing]") {
    std::string texts;
    auto const tell = [&](std::string const& title, auto const& expectation) {
        story s;
        s.given(erased(opened{{"a-1"}}));
        s.given(erased(deposited{{"a-1"}, eur(5000)}));
        auto const failure = expectation(s);
        CHECK_FALSE(failure.empty());
        CHECK(s.expect_nothing().empty());
        texts += "--- " + title + "\n" + failure + "\n\n";
    };
    std::string const taking = R"(account.withdraw{account: "a-1", amount: 80.00 EUR})";
    auto const taken = erased(withdrawn{{"a-1"}, eur(8000)});

    tell("a rejection was expected", [&](story& s) {
        s.when(accepted(taking, {taken}));
        return s.expect_rejection("overdrawn", std::nullopt);
    });
    tell("a rejection was expected, and nothing came of it", [&](story& s) {
        s.when(accepted(taking, {}));
        return s.expect_rejection("overdrawn", "the balance does not cover it");
    });
    tell("another code", [&](story& s) {
        s.when(rejected(taking, "not_open", "the account was never opened"));
        return s.expect_rejection("overdrawn", std::nullopt);
    });
    tell("another text", [&](story& s) {
        s.when(rejected(taking, "overdrawn", "no"));
        return s.expect_rejection("overdrawn", "the balance does not cover it");
    });
    tell("no command", [&](story& s) { return s.expect_rejection("overdrawn", std::nullopt); });
    tell("an earlier command was rejected", [&](story& s) {
        s.when(rejected(taking, "overdrawn"));
        s.when(rejected(taking, "overdrawn"));
        return s.expect_rejection("overdrawn", std::nullopt);
    });
    tell("another amount", [&](story& s) {
        s.when(accepted(taking, {taken}));
        return s.expect_events({erased(withdrawn{{"a-1"}, eur(5000)})});
    });
    tell("other events", [&](story& s) {
        s.when(accepted(taking, {taken}));
        s.when(accepted("account.close{account: \"a-1\"}", {erased(closed{{"a-1"}})}));
        return s.expect_events({taken, erased(opened{{"a-1"}}), erased(closed{{"a-1"}})});
    });
    tell("events were expected, and nothing came", [&](story& s) {
        s.when(accepted(taking, {}));
        return s.expect_events({taken});
    });
    tell("events were expected, and a rejection came", [&](story& s) {
        s.when(rejected(taking, "overdrawn"));
        return s.expect_events({taken});
    });
    tell("nothing was expected", [&](story& s) {
        s.when(accepted(taking, {taken}));
        return s.expect_nothing();
    });
    tell("nothing was expected, and a rejection came", [&](story& s) {
        s.when(rejected(taking, "overdrawn", "the balance does not cover it"));
        return s.expect_nothing();
    });
    approval::check_approved("testing_given.txt", texts);
}
