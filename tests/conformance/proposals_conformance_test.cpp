// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Corrections that one proposes and another approves, in memory and on PostgreSQL.
#include <algorithm>
#include <atomic>
#include <thread>

#include <recount/correction/proposals.hpp>
#include <recount/provenance/verify.hpp>
#include <recount/restructure/read.hpp>
#include <recount/restructure/stream_folds.hpp>
#include <recount/testing/sandbox.hpp>

#include "support/caught.hpp"
#include "correction/proposal_events.hpp"
#include "support/ledger_domain.hpp"
#include "support/restructure/subscribers.hpp"

namespace {

using namespace ledger;
using recount::errc;
using recount::proposal_refused;
using recount::proposal_state;
using recount::restructure;
using recount::uuid;
using recount::testing::sandbox;
using recount::tests::caught;
using reason = proposal_refused::reason;

sandbox fresh() {
    auto const where = GENERATE(sandbox::place::memory, sandbox::place::postgres);
    return sandbox{where, recount::testing::parts_of<account, balances>(), "bank"};
}

// A is opened and has 100 twice.
struct story {
    sandbox bank = fresh();
    uuid first, twice;
    story() {
        static_cast<void>(deposited_in("a"));
        first = deposited_in("a");
        twice = deposited_in("a");
    }
    // The id of a deposit of 100, the first time of the opening.
    uuid deposited_in(std::string const& name) {
        auto const opening = bank.dispatch(open{{name}}).value();
        if (!opening.events.empty()) return opening.events.front();
        return bank.dispatch(deposit{{name}, eur(100)}).value().events.front();
    }
    [[nodiscard]] recount::application& app() { return bank.application(); }
    [[nodiscard]] recount::log& log() { return bank.log(); }
    [[nodiscard]] recount::position head() { return log().head().position; }
    [[nodiscard]] recount::proposal found(uuid const& id) {
        return recount::find_proposal(log(), id).value();
    }
};

restructure plan_to_exclude(uuid const& event) {
    return restructure{"recorded twice"}.because("it did not happen").exclude(event);
}

// Without assertions: Catch2 2 has none for several threads.
template <class Call>
std::optional<reason> reason_of(Call const& call) {
    try {
        static_cast<void>(call());
    } catch (proposal_refused const& no) {
        return no.why();
    }
    return std::nullopt;
}

}  // namespace

TEST_CASE("what one proposes another approves, as it was previewed", "[proposals]") {
    story s;
    auto const plan = plan_to_exclude(s.twice);
    auto const seen = s.bank.preview(plan);
    auto const made = recount::propose(s.app(), plan, {.actor = "ada"});
    CHECK(made.state == proposal_state::open);
    CHECK(made.preview == seen.hash);
    CHECK(made.proposed_by == "ada");
    CHECK(made.position == s.head());
    CHECK(s.bank.state<account>({"a"}).balance == eur(200));  // nothing is corrected yet

    s.deposited_in("a");  // events that come in do not matter
    auto const done = recount::approve(s.app(), made.id, {.actor = "ben"});
    CHECK_FALSE(done.repeated);
    CHECK(done.streams == std::vector<std::string>{"account-a"});
    CHECK(done.position == s.head());
    CHECK(s.bank.state<account>({"a"}).balance == eur(200));
    CHECK(s.bank.row<balances>({"a"})->balance == eur(200));

    auto const now = s.found(made.id);
    CHECK(now.state == proposal_state::approved);
    CHECK(now.decided_by == "ben");
    CHECK(now.restructure_id == done.id);
    CHECK_FALSE(now.own);
    auto const known = recount::find_restructure(s.log(), done.id);
    REQUIRE(known);
    CHECK(known->actor == "ben");
    CHECK(known->what.preview == seen.hash);
    CHECK(known->streams == done.streams);
    CHECK(known->last == done.position);
}

TEST_CASE("the approval and the restructure are one commit, in a log that verifies",
          "[proposals]") {
    story s;
    auto const made = recount::propose(s.app(), plan_to_exclude(s.twice), {.actor = "ada"});
    auto const done = recount::approve(s.app(), made.id, {.actor = "ben"});
    auto const stream = recount::stream_name::of(recount::proposal_category, to_string(made.id));
    auto const events = s.log().read_stream(stream).events;
    REQUIRE(events.size() == 2);
    CHECK(events[0].type == "$proposal.made");
    CHECK(recount::metadata_from_json(events[0].meta).actor == "ada");
    CHECK(events[1].type == "$proposal.approved");
    CHECK(recount::metadata_from_json(events[1].meta).actor == "ben");
    CHECK(events[1].payload.find(to_string(done.id)) != std::string::npos);
    CHECK(recount::command_id_of(events[1].id) == done.id);
    CHECK(events[1].position == done.position);
    auto const stored = s.log().stored();
    auto const report = recount::provenance::verify(*stored);
    CHECK(report.differences.empty());
    CHECK(report.through == s.head());
    // An undo is a restructure like any other.
    s.bank.undo(done.id, "it did happen");
    CHECK(s.bank.state<account>({"a"}).balance == eur(200));
    CHECK(s.bank.row<balances>({"a"})->balance == eur(200));
}

TEST_CASE("to approve again has the first result, whoever asks", "[proposals]") {
    story s;
    auto const made = recount::propose(s.app(), plan_to_exclude(s.twice), {.actor = "ada"});
    auto const done = recount::approve(s.app(), made.id, {.actor = "ben"});
    auto const head = s.head();
    for (auto const* actor : {"ben", "eva", "ada"}) {   // who proposed it, too
        auto const again = recount::approve(s.app(), made.id, {.actor = actor});
        CHECK(again.repeated);
        CHECK(again.id == done.id);
        CHECK(again.position == done.position);
        CHECK(again.streams == done.streams);
        CHECK(again.title == done.title);
    }
    CHECK(s.head() == head);
    CHECK(s.found(made.id).decided_by == "ben");
    CHECK(reason_of([&] { return recount::reject(s.app(), made.id, "eva", "no"); }) ==
          reason::already_decided);
}

TEST_CASE("who proposed it approves it only if it is said, and recorded, to be one's own",
          "[proposals]") {
    story s;
    auto const made = recount::propose(s.app(), plan_to_exclude(s.twice), {.actor = "ada"});
    auto const before = s.head();
    CHECK(reason_of([&] { return recount::approve(s.app(), made.id, {.actor = "ada"}); }) ==
          reason::own_proposal);
    CHECK(s.head() == before);
    CHECK(s.found(made.id).state == proposal_state::open);
    recount::approve(s.app(), made.id, {.actor = "ada", .own = true});
    CHECK(s.found(made.id).own);
    // The word changes nothing where it is not so.
    auto const other = recount::propose(s.app(), plan_to_exclude(s.first), {.actor = "ada"});
    recount::approve(s.app(), other.id, {.actor = "ben", .own = true});
    CHECK_FALSE(s.found(other.id).own);
}

TEST_CASE("what is rejected is not applied any more", "[proposals]") {
    story s;
    auto const made = recount::propose(s.app(), plan_to_exclude(s.twice), {.actor = "ada"});
    auto const no = recount::reject(s.app(), made.id, "ben", "there were two");
    CHECK(no.state == proposal_state::rejected);
    CHECK(no.reason == "there were two");
    CHECK(no.decided_by == "ben");
    auto const head = s.head();
    CHECK(recount::reject(s.app(), made.id, "eva", "another reason").reason == "there were two");
    CHECK(reason_of([&] { return recount::approve(s.app(), made.id, {.actor = "eva"}); }) ==
          reason::already_decided);
    CHECK(s.head() == head);
    CHECK(s.bank.state<account>({"a"}).balance == eur(200));
}

TEST_CASE("a proposal whose history was corrected meanwhile is to be made anew", "[proposals]") {
    story s;
    auto const redate = [&](char const* when) {
        return restructure{"sooner"}.because("its slip says so").redate(
            s.first, recount::timestamp_from_string(when));
    };
    auto const plan = redate("2026-01-01T12:00:00Z");
    auto const made = recount::propose(s.app(), plan, {.actor = "ada"});
    auto const same = recount::propose(s.app(), plan_to_exclude(s.twice), {.actor = "ada"});
    s.bank.apply(redate("2025-12-31T12:00:00Z"));
    s.bank.apply(plan_to_exclude(s.twice));
    auto const before = s.head();
    for (auto const& id : {made.id, same.id}) {  // another hash; nothing left to do
        CHECK(reason_of([&] { return recount::approve(s.app(), id, {.actor = "ben"}); }) ==
              reason::outdated);
        CHECK(s.found(id).state == proposal_state::open);
    }
    CHECK(s.head() == before);
    recount::reject(s.app(), made.id, "ben", "outdated");
    auto const anew = recount::propose(s.app(), plan, {.actor = "ada"});
    CHECK(anew.preview != made.preview);
    recount::approve(s.app(), anew.id, {.actor = "ben"});
}

TEST_CASE("what a rule of a proposal meant is what is approved, whatever came in since",
          "[proposals]") {
    story s;
    auto const when = recount::timestamp_from_string("2026-01-01T12:00:00Z");
    auto const told = [&](std::int64_t cents) {
        recount::commit one;
        one.events.push_back({recount::stream_name{"account-a"}, "account.deposited", 1,
                              recount::describe::to_json(deposited{{"a"}, eur(cents)}), when});
        return s.log().append(one).events.front().id;
    };
    told(7);
    auto const again = told(7);
    told(9);
    auto const plan = restructure{"recorded twice"}
                          .because("the file came twice")
                          .exclude(s.twice)
                          .dedupe("account-a")
                          .redate(s.first, when);
    auto const made = recount::propose(s.app(), plan, {.actor = "ada"});
    CHECK(made.plan.to_json() == restructure{plan}.by("ada").to_json());
    auto const late = told(9);
    CHECK(s.bank.preview(plan).hash != made.preview);
    auto const done = recount::approve(s.app(), made.id, {.actor = "ben"});
    CHECK(recount::find_restructure(s.log(), done.id)->what.preview == made.preview);
    recount::history::stream_folds folds{s.log()};
    auto const& fold = folds.known_to(recount::stream_name{"account-a"}, done.position);
    CHECK_FALSE(fold.find(again)->present);
    CHECK_FALSE(fold.find(s.twice)->present);
    CHECK(fold.find(late)->present);
}

TEST_CASE("what could not be applied cannot be proposed", "[proposals]") {
    story s;
    s.bank.dispatch(withdraw{{"a"}, eur(150)}).value();
    auto const before = s.head();
    auto plan = plan_to_exclude(s.twice);
    CHECK_THROWS_AS(recount::propose(s.app(), plan, {.actor = "ada"}),
                    recount::invariants_broken);
    CHECK_THROWS_AS(recount::propose(s.app(), plan_to_exclude(recount::new_command_id()),
                                     {.actor = "ada"}),
                    recount::history::plan_refused);
    CHECK(caught([&] { recount::propose(s.app(), plan); }).code() == errc::invalid_argument);
    plan.acknowledge("never_overdrawn");
    CHECK(caught([&] {
              recount::propose(s.app(), plan,
                               {.actor = "ada", .preview = std::string(64, '0')});
          }).code() == errc::conflict);
    CHECK(s.head() == before);
    auto const made = recount::propose(s.app(), plan.by("ada"));  // the plan says who
    CHECK(made.proposed_by == "ada");
    recount::approve(s.app(), made.id, {.actor = "ben"});
    CHECK(s.bank.state<account>({"a"}).balance == eur(-50));
}

TEST_CASE("an invariant that events have come to depend on holds up the approval",
          "[proposals]") {
    story s;
    auto const made = recount::propose(s.app(), plan_to_exclude(s.twice), {.actor = "ada"});
    s.bank.dispatch(withdraw{{"a"}, eur(150)}).value();
    auto const before = s.head();
    CHECK_THROWS_AS(recount::approve(s.app(), made.id, {.actor = "ben"}),
                    recount::invariants_broken);
    CHECK(s.head() == before);
    CHECK(s.found(made.id).state == proposal_state::open);
}

TEST_CASE("a period that was sealed since holds up the approval", "[proposals]") {
    story s;
    auto const plan = restructure{"sooner"}.because("its slip says so").redate(
        s.first, recount::timestamp_from_string("2026-01-01T12:00:00Z"));
    auto const made = recount::propose(s.app(), plan, {.actor = "ada"});
    s.log().seal({.category = "account",
                  .until = recount::timestamp_from_string("2026-01-31T23:59:59Z"),
                  .actor = "ada",
                  .because = "audited"});
    CHECK_THROWS_AS(recount::approve(s.app(), made.id, {.actor = "ben"}),
                    recount::history::plan_refused);
    CHECK(s.found(made.id).state == proposal_state::open);
}

TEST_CASE("a refused proposal is a conflict, but for one's own", "[proposals]") {
    CHECK(proposal_refused{reason::own_proposal, "no"}.code() == errc::refused);
    CHECK(proposal_refused{reason::already_decided, "no"}.code() == errc::conflict);
    CHECK(proposal_refused{reason::outdated, "no"}.code() == errc::conflict);
}

TEST_CASE("what is not there, and who is nobody", "[proposals]") {
    story s;
    auto const none = recount::new_command_id();
    CHECK_FALSE(recount::find_proposal(s.log(), none).has_value());
    CHECK(caught([&] { recount::approve(s.app(), none, {.actor = "ben"}); }).code() ==
          errc::not_found);
    CHECK(caught([&] { recount::reject(s.app(), none, "ben", "no"); }).code() == errc::not_found);
    auto const made = recount::propose(s.app(), plan_to_exclude(s.twice), {.actor = "ada"});
    CHECK(caught([&] { recount::approve(s.app(), made.id, {}); }).code() ==
          errc::invalid_argument);
    CHECK(caught([&] { recount::reject(s.app(), made.id, "", "no"); }).code() ==
          errc::invalid_argument);
    CHECK(caught([&] { recount::reject(s.app(), made.id, "ben", ""); }).code() ==
          errc::invalid_argument);
    CHECK(s.found(made.id).state == proposal_state::open);
}

TEST_CASE("a key makes a proposal once", "[proposals]") {
    story s;
    recount::propose_options options{.actor = "ada"};
    options.identify_by("proposal 7");
    auto const plan = plan_to_exclude(s.twice);
    auto const made = recount::propose(s.app(), plan, options);
    auto const head = s.head();
    CHECK(recount::propose(s.app(), plan, options).id == made.id);
    recount::approve(s.app(), made.id, {.actor = "ben"});
    CHECK(recount::propose(s.app(), plan, options).state == proposal_state::approved);
    CHECK(caught([&] { recount::propose(s.app(), plan_to_exclude(s.first), options); }).code() ==
          errc::command_id_taken);
    CHECK(s.head() == head + 2);  // the restructure and the approval
}

TEST_CASE("proposals are listed page by page, and the open ones alone", "[proposals]") {
    story s;
    CHECK(recount::list_proposals(s.log()).proposals.empty());
    std::vector<uuid> made;
    for (auto const& event : {s.first, s.twice, s.first}) {
        made.push_back(recount::propose(s.app(), plan_to_exclude(event), {.actor = "ada"}).id);
    }
    recount::reject(s.app(), made[1], "ben", "no");
    std::vector<uuid> found;
    recount::proposal_query wanted{.limit = 1};
    for (;;) {
        auto const page = recount::list_proposals(s.log(), wanted);
        for (auto const& p : page.proposals) found.push_back(p.id);
        if (!page.next) break;
        wanted.after = page.next;
    }
    CHECK(found == made);
    auto const open = recount::list_proposals(s.log(), {.limit = 1, .only_open = true});
    REQUIRE(open.proposals.size() == 1);
    CHECK(open.proposals.front().id == made[0]);
    REQUIRE(open.next);
    auto const rest = recount::list_proposals(s.log(), {.after = open.next, .only_open = true});
    REQUIRE(rest.proposals.size() == 1);
    CHECK(rest.proposals.front().id == made[2]);
    CHECK_FALSE(rest.next.has_value());
}

TEST_CASE("a page of the open ones looks at so many proposals and goes on behind them",
          "[proposals]") {
    sandbox bank{sandbox::place::memory, recount::testing::parts_of<account, balances>(), "bank"};
    static_cast<void>(bank.dispatch(open{{"a"}}).value());
    auto const opening = bank.log().read_stream(recount::stream_name{"account-a"}).events[0].id;
    auto const plan = plan_to_exclude(opening).by("ada");
    std::vector<recount::commit> decided;
    for (std::size_t i = 0; i < recount::proposals_looked_at_max; ++i) {
        auto& one = decided.emplace_back();
        one.id = recount::new_command_id();
        one.of_framework = true;
        one.events.push_back(recount::detail::made_event(one.id, plan, "00"));
        one.events.push_back(recount::detail::rejected_event(one.id, "no"));
    }
    for (auto const& done : bank.log().append_batch(decided)) {
        REQUIRE(std::holds_alternative<recount::appended>(done));
    }
    auto const made = recount::propose(bank.application(), plan);
    auto const first = recount::list_proposals(bank.log(), {.only_open = true});
    CHECK(first.proposals.empty());
    REQUIRE(first.next);
    auto const second =
        recount::list_proposals(bank.log(), {.after = first.next, .only_open = true});
    REQUIRE(second.proposals.size() == 1);
    CHECK(second.proposals.front().id == made.id);
    CHECK_FALSE(second.next);
    CHECK(recount::list_proposals(bank.log(), {.limit = 120}).proposals.size() == 120);
}

TEST_CASE("the id that an approval will have is nobody's key", "[proposals]") {
    story s;
    auto const made = recount::propose(s.app(), plan_to_exclude(s.twice), {.actor = "ada"});
    recount::restructure_options taken;
    taken.identify_by("proposal/approve/" + to_string(made.id));
    s.bank.application().apply(restructure{"sooner"}.because("its slip says so").redate(
                                   s.first, recount::timestamp_from_string("2026-01-01T12:00:00Z")),
                               {}, taken);
    recount::approve(s.app(), made.id, {.actor = "ben"});
    CHECK(s.found(made.id).state == proposal_state::approved);
}

TEST_CASE("a proposal whose id somebody took is to be made anew", "[proposals]") {
    using namespace std::string_literals;
    story s;
    auto const plan = plan_to_exclude(s.twice);
    auto const made = recount::propose(s.app(), plan, {.actor = "ada"});
    recount::restructure_options taken{.actor = "ben"};
    taken.id = recount::command_id_from_key("proposal\0approve/"s + to_string(made.id));
    // The plan that was proposed, but not its approval.
    s.bank.application().apply(recount::restructure{plan}.by("ada"), {}, taken);
    try {
        static_cast<void>(recount::approve(s.app(), made.id, {.actor = "ben"}));
        FAIL("the log has another commit under that id");
    } catch (proposal_refused const& no) {
        CHECK(no.why() == reason::outdated);
        CHECK(std::string{no.what()}.find("another commit") != std::string::npos);
    }
    CHECK(s.found(made.id).state == proposal_state::open);
}

TEST_CASE("an approval is told to subscribers under one name, whatever else they asked for",
          "[proposals]") {
    namespace history = recount::history;
    story s;
    auto const made = recount::propose(s.app(), plan_to_exclude(s.twice), {.actor = "ada"});
    auto const done = recount::approve(s.app(), made.id, {.actor = "ben"});
    recount::feed_filter const narrow{.categories = {"$proposal"}};
    recount::feed_filter const wide{.categories = {"account", "$proposal"}};
    std::vector<std::string> marks;
    for (auto const& filter : {narrow, wide}) {
        for (auto const& c : recount::tests::all_changes(s.log(), {.filter = filter})) {
            if (c.event.type == "$proposal.approved") marks.push_back(c.mark().text());
        }
        auto const told = recount::tests::all_append_only(s.log(), {.filter = filter});
        for (auto const& e : told) {
            auto const* const row = std::get_if<recount::recorded_event>(&e.what);
            if (row != nullptr && row->type == "$proposal.approved") {
                marks.push_back(e.mark().text());
            }
        }
        REQUIRE_FALSE(told.empty());
        CHECK(told.back().k == done.position);   // behind what was corrected
        CHECK(told.back().last);
        CHECK(std::holds_alternative<recount::recorded_event>(told.back().what));
    }
    REQUIRE(marks.size() == 4);
    CHECK(std::all_of(marks.begin(), marks.end(), [&](auto const& m) { return m == marks[0]; }));
}

TEST_CASE("of those who decide at once one has decided", "[proposals]") {
    story s;
    for (int round = 0; round < 8; ++round) {
        auto const event = s.deposited_in("a");
        auto const id = recount::propose(s.app(), plan_to_exclude(event), {.actor = "ada"}).id;
        std::atomic<int> approved{0};
        std::atomic<int> rejected{0};
        std::vector<std::thread> people;
        for (auto const* who : {"ben", "eva"}) {
            people.emplace_back([&, who] {
                auto const no = reason_of([&] {
                    return recount::approve(s.app(), id, {.actor = who});
                });
                if (!no) ++approved;
            });
        }
        people.emplace_back([&] {
            if (!reason_of([&] { return recount::reject(s.app(), id, "jan", "no"); })) ++rejected;
        });
        for (auto& one : people) one.join();
        auto const now = s.found(id);
        bool const yes = now.state == proposal_state::approved;
        CHECK(approved == (yes ? 2 : 0));
        CHECK(rejected == (yes ? 0 : 1));
        auto const shown = recount::history::read_corrected(s.log(),
                                                            recount::stream_name{"account-a"});
        bool const excluded = std::none_of(shown.events.begin(), shown.events.end(),
                                           [&](auto const& e) { return e.id == event; });
        CHECK(excluded == yes);
    }
}
