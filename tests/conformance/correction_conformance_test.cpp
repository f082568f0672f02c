// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Corrections as an application makes them, in memory and on PostgreSQL: previewed, applied,
// refused, undone.
#include <recount/restructure/read.hpp>
#include <recount/testing/sandbox.hpp>

#include "support/catch.hpp"
#include "support/caught.hpp"
#include "support/ledger_domain.hpp"

namespace {

using namespace ledger;
using recount::errc;
using recount::line_mark;
using recount::restructure;
using recount::restructure_preview;
using recount::uuid;
using recount::history::planned_anchor;
using recount::history::planned_content;
using recount::testing::sandbox;
using recount::tests::caught;

sandbox fresh() {
    auto const where = GENERATE(sandbox::place::memory, sandbox::place::postgres);
    return sandbox{where, recount::testing::parts_of<account, balances, greatest>(), "bank"};
}

uuid event_of(recount::outcome const& done) { return done.value().events.front(); }

// A is opened, has 100, 100 again, and 150 are paid out of it.
struct story {
    sandbox bank = fresh();
    uuid opened, first, twice, paid;
    story() {
        opened = event_of(bank.dispatch(open{{"a"}}));
        first = event_of(bank.dispatch(deposit{{"a"}, eur(100)}));
        twice = event_of(bank.dispatch(deposit{{"a"}, eur(100)}));
        paid = event_of(bank.dispatch(withdraw{{"a"}, eur(150)}));
    }
    [[nodiscard]] recount::position head() { return bank.log().head().position; }
    // The ids that the stream shows now.
    [[nodiscard]] std::vector<uuid> shown(std::string const& stream) {
        std::vector<uuid> ids;
        for (auto const& e : recount::history::read_corrected(
                 bank.log(), recount::stream_name{stream}).events) {
            ids.push_back(e.id);
        }
        return ids;
    }
};

restructure reasoned(std::string title) {
    return restructure{std::move(title)}.because("it did not happen").by("ada");
}

std::vector<line_mark> marks(std::vector<recount::preview_line> const& lines) {
    std::vector<line_mark> all;
    for (auto const& line : lines) all.push_back(line.mark);
    return all;
}

planned_content content(std::string type, int version, std::string payload,
                        std::string const& when = "2026-01-02T12:00:00Z") {
    return {std::move(type), version, recount::json_text::checked(std::move(payload)),
            recount::timestamp_from_string(when)};
}

}  // namespace

TEST_CASE("a preview writes nothing, and shows a stream and its state before and after",
          "[correction]") {
    story s;
    auto const before = s.head();
    auto const seen = s.bank.preview(
        reasoned("recorded twice").exclude(s.twice).acknowledge("never_overdrawn"));
    CHECK(s.head() == before);
    CHECK(seen.as_of == before);
    CHECK(seen.hash.size() == 64);
    REQUIRE(seen.streams.size() == 1);
    auto const& a = seen.streams.front();
    CHECK(a.stream == "account-a");
    CHECK(a.version == 4);
    using enum line_mark;
    CHECK(marks(a.before) == std::vector{kept, kept, struck, kept});
    CHECK(marks(a.after) == std::vector{kept, kept, kept});
    REQUIRE(a.state);
    CHECK(a.state->before == R"({"is_open":true,"balance":{"minor":50,"currency":"EUR"}})");
    CHECK(a.state->after == R"({"is_open":true,"balance":{"minor":-50,"currency":"EUR"}})");
    REQUIRE(a.state->differences.size() == 1);
    CHECK(a.state->differences.front().name == "balance");
    CHECK(a.state->problem.empty());
    REQUIRE(seen.deltas.size() == 1);
    CHECK(seen.deltas.front().weight == -1);
    CHECK(seen.deltas.front().version.event == s.twice);
}

TEST_CASE("a preview shows the rows of the projections that change, and the tables do so",
          "[correction]") {
    story s;
    s.bank.dispatch(deposit{{"a"}, eur(300)}).value();
    auto const last = s.bank.events().back().id;
    auto const plan = reasoned("never paid in").exclude(last);
    auto const rows_before = recount::describe::to_json(*s.bank.row<balances>({"a"})).str();
    auto const seen = s.bank.preview(plan);
    REQUIRE(seen.projections.size() == 2);
    for (auto const& one : seen.projections) {
        INFO(one.projection);
        CHECK(one.behind == 0);
        CHECK(one.problem.empty());
        REQUIRE(one.rows.size() == 1);
    }
    auto const& balance = seen.projections.front().rows.front();
    CHECK(balance.before == rows_before);
    CHECK(recount::describe::to_json(*s.bank.row<balances>({"a"})).str() == rows_before);
    auto const done = s.bank.apply(plan, seen.hash);
    recount::at_least const shown{done.position};
    CHECK(recount::describe::to_json(*s.bank.row<balances>({"a"}, shown)).str() == balance.after);
    CHECK(recount::describe::to_json(*s.bank.row<greatest>({"account-a"}, shown)).str() ==
          seen.projections.back().rows.front().after);
    CHECK(s.bank.row<greatest>({"account-a"})->greatest == eur(100));
    CHECK(caught([&] {
              static_cast<void>(
                  s.bank.row<greatest>({"account-a"}, recount::at_least{done.position + 1}));
          }).code() == errc::not_found);
}

TEST_CASE("a projection that is behind the log is said to be so", "[correction]") {
    story s;
    auto const seen = s.bank.application().preview(reasoned("not paid").exclude(s.paid));
    for (auto const& one : seen.projections) {
        CHECK(one.behind == 4);
        CHECK(one.rows.empty());
    }
    CHECK(to_text(seen).find("4 behind the log") != std::string::npos);
}

TEST_CASE("what is applied is what was previewed", "[correction]") {
    story s;
    auto const plan = reasoned("mistyped").replace(
        s.first, content("account.deposited", 1,
                         R"({"account":"a","amount":{"minor":170,"currency":"EUR"}})"));
    auto const seen = s.bank.preview(plan);
    auto const done = s.bank.apply(plan, seen.hash);
    CHECK(done.title == "mistyped");
    CHECK(done.position == s.head());
    CHECK(done.streams == std::vector<std::string>{"account-a"});
    CHECK_FALSE(done.repeated);
    auto const now = recount::history::read_corrected(s.bank.log(),
                                                      recount::stream_name{"account-a"});
    REQUIRE(now.events.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) {
        auto const& line = seen.streams.front().after[i];
        CHECK(now.events[i].id == line.slot.event);
        CHECK(now.events[i].payload == line.slot.content->payload);
    }
    auto const found = recount::find_restructure(s.bank.log(), done.id);
    REQUIRE(found);
    CHECK(found->what.preview == seen.hash);
    CHECK(found->actor == "ada");
    CHECK(found->last == done.position);
    // What it corrects is not as it was previewed any more.
    CHECK(caught([&] { s.bank.apply(plan, seen.hash); }).code() == errc::refused);
}

TEST_CASE("a preview holds while events come in, and not after another restructure of the same",
          "[correction]") {
    story s;
    auto const plan = reasoned("back to the first").redate(
        s.first, recount::timestamp_from_string("2026-01-01T12:00:00Z"));
    auto const seen = s.bank.preview(plan);
    s.bank.dispatch(deposit{{"a"}, eur(7)}).value();
    CHECK(s.bank.preview(plan).hash == seen.hash);
    s.bank.apply(reasoned("sooner").redate(
        s.first, recount::timestamp_from_string("2025-12-31T12:00:00Z")));
    auto const before = s.head();
    CHECK(caught([&] { s.bank.apply(plan, seen.hash); }).code() == errc::conflict);
    CHECK(s.head() == before);
    s.bank.apply(plan, s.bank.preview(plan).hash);
    CHECK(s.head() == before + 1);
}

TEST_CASE("an invariant that a plan newly breaks is acknowledged, or the plan refused",
          "[correction]") {
    story s;
    auto plan = reasoned("recorded twice").exclude(s.twice);
    auto const seen = s.bank.preview(plan);
    CHECK(seen.unacknowledged() == std::vector<std::string>{"never_overdrawn"});
    REQUIRE(seen.streams.front().invariants.size() == 1);
    auto const& broken = seen.streams.front().invariants.front();
    CHECK(broken.newly_broken());
    CHECK(broken.after == s.paid);
    CHECK_FALSE(broken.before.has_value());

    auto const before = s.head();
    for (auto const& hash : {std::string{}, seen.hash}) {
        try {
            s.bank.apply(plan, hash);
            FAIL("it was applied");
        } catch (recount::invariants_broken const& refused) {
            CHECK(refused.names() == std::vector<std::string>{"never_overdrawn"});
        }
    }
    CHECK(s.head() == before);

    plan.acknowledge("never_overdrawn");
    CHECK(s.bank.preview(plan).unacknowledged().empty());
    s.bank.apply(plan);
    // By now it is broken already: nobody has to acknowledge it again.
    auto const later = reasoned("later").redate(
        s.first, recount::timestamp_from_string("2026-01-01T12:00:00Z"));
    CHECK_FALSE(s.bank.preview(later).streams.front().invariants.front().newly_broken());
    s.bank.apply(later);
}

TEST_CASE("commands of the past that would be rejected by now are named", "[correction]") {
    story s;
    s.bank.dispatch(deposit{{"a"}, eur(10)}).value();
    auto const seen = s.bank.preview(reasoned("recorded twice").exclude(s.twice));
    auto const& commands = seen.streams.front().commands;
    REQUIRE(commands.size() == 1);
    CHECK(commands.front().command == s.paid);
    CHECK(commands.front().name == "account.withdraw");
    CHECK(commands.front().refused == rejection{"overdrawn", "there is not so much"});
    // Before the change nothing is decided again; what is struck is not asked either.
    auto const last = s.bank.preview(reasoned("not paid").exclude(s.paid));
    CHECK(last.streams.front().commands.empty());
    auto const none = s.bank.preview(reasoned("never opened").exclude(s.opened));
    CHECK(none.streams.front().commands.size() == 3);   // two deposits, and the last one
}

TEST_CASE("a move shows in the stream it leaves and in the one it comes to", "[correction]") {
    story s;
    s.bank.dispatch(open{{"b"}}).value();
    auto const plan = reasoned("wrong account").move(s.twice, "account-b")
                          .acknowledge("never_overdrawn");
    auto const seen = s.bank.preview(plan);
    REQUIRE(seen.streams.size() == 2);
    auto const& a = seen.streams.front();
    auto const& b = seen.streams.back();
    REQUIRE(a.before.size() == 4);
    CHECK(a.before[2].mark == line_mark::left);
    CHECK(a.before[2].elsewhere == "account-b");
    REQUIRE(b.after.size() == 2);
    // At its own place, which is before that account was opened.
    CHECK(b.after[0].mark == line_mark::arrived);
    CHECK(b.after[0].elsewhere == "account-a");
    CHECK(b.state->after == R"({"is_open":true,"balance":{"minor":100,"currency":"EUR"}})");
    s.bank.apply(plan, seen.hash);
    CHECK(s.shown("account-b").front() == s.twice);
}

TEST_CASE("content that the aggregate of the stream cannot read is refused", "[correction]") {
    story s;
    auto const refused_with = [&](restructure const& plan) {
        std::string sentence;
        for (auto const act : {0, 1}) {
            try {
                if (act == 0) {
                    static_cast<void>(s.bank.preview(plan));
                } else {
                    s.bank.apply(plan);
                }
                FAIL("it was taken");
            } catch (recount::history::plan_refused const& refused) {
                CHECK(refused.problems().front().what ==
                      recount::history::refusal::invalid_content);
                sentence = refused.problems().front().sentence;
            }
        }
        return sentence;
    };
    using Catch::Matchers::ContainsSubstring;
    auto const insert = [&](planned_content c, std::string to = "account-a") {
        return reasoned("missing").insert(std::move(to), planned_anchor::end(), {std::move(c)});
    };
    CHECK_THAT(refused_with(insert(content("account.closed", 1, R"({"account":"a"})"))),
               ContainsSubstring("account.closed"));
    CHECK_THAT(refused_with(insert(content("account.opened", 1, R"({"acount":"a"})"))),
               ContainsSubstring("acount"));
    CHECK_THAT(refused_with(insert(content("account.opened", 2, R"({"account":"a"})"))),
               ContainsSubstring("version 2"));
    CHECK_THAT(refused_with(insert(content("account.opened", 1, R"({"account":"a"})"), "order-1")),
               ContainsSubstring("order-1"));
    auto const mistyped = reasoned("mistyped").replace(s.first, content("account.opened", 1, "7"));
    CHECK_THAT(refused_with(mistyped), ContainsSubstring("account.opened"));
    // An older form of an event is fine where the program reads it.
    auto const older = insert(content("account.withdrawn", 1, R"({"account":"a","cents":20})"));
    auto const seen = s.bank.preview(older);
    CHECK(seen.streams.front().after.back().mark == line_mark::inserted);
    CHECK(seen.streams.front().state->after ==
          R"({"is_open":true,"balance":{"minor":30,"currency":"EUR"}})");
    CHECK(s.bank.apply(older, seen.hash).inserted.size() == 1);
}

TEST_CASE("an undo gives back what was changed, once", "[correction]") {
    story s;
    auto const before = s.shown("account-a");
    auto const done = s.bank.apply(reasoned("not paid").exclude(s.paid));
    CHECK(s.shown("account-a").size() == 3);
    auto const undone = s.bank.undo(done.id, "it was paid");
    CHECK(undone.title == "undo: not paid");
    CHECK(s.shown("account-a") == before);
    auto const found = recount::find_restructure(s.bank.log(), done.id);
    REQUIRE(found);
    CHECK(found->undone_by == undone.id);
    CHECK(recount::find_restructure(s.bank.log(), undone.id)->what.undoes == done.id);
    auto const page = recount::list_restructures(s.bank.log());
    REQUIRE(page.restructures.size() == 2);
    CHECK(page.restructures.front().undone_by == undone.id);
    CHECK_FALSE(page.next.has_value());
    auto const first = recount::list_restructures(s.bank.log(), 0, 1);
    REQUIRE(first.restructures.size() == 1);
    REQUIRE(first.next);
    CHECK(recount::list_restructures(s.bank.log(), *first.next, 1).restructures.front().what
              .restructure == undone.id);
    try {
        s.bank.undo(done.id, "again");
        FAIL("it was undone twice");
    } catch (recount::history::plan_refused const& refused) {
        CHECK(refused.problems().front().concerning == std::vector{undone.id});
    }
    CHECK(caught([&] { s.bank.undo(s.opened, "no restructure"); }).code() == errc::not_found);
    CHECK(caught([&] { s.bank.undo(recount::new_command_id(), "unknown"); }).code() ==
          errc::not_found);
}

TEST_CASE("an undo in a sealed period acknowledges it as any plan does", "[correction]") {
    story s;
    auto const before = s.shown("account-a");
    auto const done = s.bank.apply(reasoned("not paid").exclude(s.paid));
    s.bank.log().seal({.category = "account",
                       .until = recount::timestamp_from_string("2999-12-31T00:00:00Z"),
                       .actor = "ada",
                       .because = "audited"});
    try {
        s.bank.undo(done.id, "it was paid");
        FAIL("a closed period was corrected");
    } catch (recount::history::plan_refused const& refused) {
        CHECK(refused.problems().front().what == recount::history::refusal::sealed_period);
    }
    auto plan = s.bank.application().undo_plan(done.id, "it was paid");
    auto const undone = s.bank.apply(plan.acknowledge("sealed:account"));
    CHECK(s.shown("account-a") == before);
    auto const found = recount::find_restructure(s.bank.log(), undone.id);
    REQUIRE(found);
    CHECK(found->what.acknowledged == std::vector<std::string>{"sealed:account"});
}

TEST_CASE("a key makes a restructure once", "[correction]") {
    story s;
    recount::restructure_options options;
    options.identify_by("correction 7");
    auto const plan = reasoned("not paid").exclude(s.paid);
    auto const first = s.bank.apply(plan, {}, options);
    auto const again = s.bank.apply(plan, {}, options);
    CHECK(again.repeated);
    CHECK(again.id == first.id);
    CHECK(again.position == first.position);
    CHECK(caught([&] { s.bank.apply(reasoned("other").exclude(s.first), {}, options); }).code() ==
          errc::command_id_taken);
}

TEST_CASE("the texts of a preview tell what changes, and how much is left out", "[correction]") {
    story s;
    for (int i = 0; i < 20; ++i) s.bank.dispatch(deposit{{"a"}, eur(1)}).value();
    auto const seen = s.bank.preview(reasoned("recorded twice").exclude(s.twice));
    using Catch::Matchers::ContainsSubstring;
    auto const text = to_text(seen);
    CHECK_THAT(text, ContainsSubstring("struck"));
    CHECK_THAT(text, ContainsSubstring("… 19 more"));
    CHECK_THAT(text, ContainsSubstring("breaks never_overdrawn"));
    CHECK_THAT(text, ContainsSubstring("would be rejected by now: overdrawn"));
    CHECK_THAT(text, ContainsSubstring(seen.hash));
    auto const json = to_json(seen);
    CHECK_NOTHROW(recount::json_text::checked(json));
    CHECK_THAT(json, ContainsSubstring(R"({"mark":"kept","omitted":19})"));
    CHECK_THAT(json, ContainsSubstring(R"("unacknowledged":["never_overdrawn"])"));
    CHECK_THAT(to_json(seen, 100), !ContainsSubstring("omitted"));
}
