// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What append_plan writes and what it refuses: ids, previews, undo, slots that change their stream.
#include <recount/restructure/payload.hpp>

#include "conformance/restructure_conformance.hpp"

using namespace conformance;
using namespace recount;
using history::append_plan;
using history::planned_anchor;
using history::refusal;
using history::registers;

namespace {

std::optional<errc> code_thrown(std::function<appended()> const& call) {
    auto const thrown = error_of(call);
    return thrown ? std::optional{thrown->code()} : std::nullopt;
}

}  // namespace

TEST_CASE("a plan that is appended again under its id has its first result", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto const x = tell(*store.log, "account-a", 10);
        auto const y = tell(*store.log, "account-a", 20);
        history::append_options as;
        auto const plan = correction().exclude(x);
        auto const first = append_plan(*store.log, plan, as);
        CHECK_FALSE(first.repeated);
        for (auto* log : {store.log.get(), &store.other()}) {
            auto const again = append_plan(*log, plan, as);
            CHECK(again.repeated);
            CHECK(again.first == first.first);
            CHECK(again.last == first.last);
            CHECK(again.events.front().hash == first.events.front().hash);
            CHECK(code_thrown([&] { return append_plan(*log, correction().exclude(y), as); }) ==
                  errc::command_id_taken);
            auto by_another = as;
            by_another.meta.actor = "bob";
            CHECK(code_thrown([&] { return append_plan(*log, plan, by_another); }) ==
                  errc::command_id_taken);
        }
        CHECK(store.log->head().position == 3);
        CHECK(corrected_ids(*store.log, "account-a") == std::vector{y});
    }
}

TEST_CASE("a plan is the same after it was written as JSON", "[conformance]") {
    uuid const x = event_id(new_command_id(), 3), y = new_command_id(), z = new_command_id();
    auto plan = correction("all there is");
    plan.evidence("ticket 4711").evidence("call").acknowledge("never negative");
    plan.exclude(x).replace(y, content(5, day(2))).replace(z, content(6));
    plan.insert("account-a", planned_anchor::first(), {content(1, day(1)), content(2, day(1))});
    plan.insert("account-a", planned_anchor::before(x), {content(3, day(1))});
    plan.move(x, planned_anchor::end()).move(y, "account-b").move(z, planned_anchor::after(y));
    plan.reinstate(x, {registers::presence | registers::place}, 12).redate(y, day(3));
    plan.split(z, {content(1), content(2)}).merge({x, y}, content(9)).dedupe("account-a");
    plan.revert_causation(y).exclude_all("account-a", "account.moved", x, z).undo(y);
    auto const text = plan.to_json().str();
    auto const again = restructure::from_json(text);
    CHECK(again.to_json().str() == text);
    CHECK(again.steps().size() == plan.steps().size());
    CHECK(again.title() == "all there is");
    CHECK(again.actor() == "ada");
    CHECK(again.all_evidence() == plan.all_evidence());
    CHECK(again.acknowledged() == plan.acknowledged());
}

TEST_CASE("a preview binds: another restructure of the same registers is a conflict",
          "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const x = tell(log, "account-a", 10);
        auto const y = tell(log, "account-a", 20);
        auto const plan = correction().replace(x, content(11));
        auto const seen = history::judge(log, plan).hash;
        auto const head = log.head().position;
        CHECK(seen == history::judge(store.other(), plan).hash);
        CHECK(log.head().position == head);

        apply(store.other(), correction().replace(x, content(12)));
        auto const before = log.head().position;
        CHECK(code_thrown([&] { return append_plan(log, plan, {.preview = seen}); }) ==
              errc::conflict);
        CHECK(log.head().position == before);

        // Events that came since do not matter, nor do corrections of other registers.
        auto const again = history::judge(log, plan).hash;
        tell(store.other(), "account-a", 30);
        apply(store.other(), correction().exclude(x));
        apply(store.other(), correction().replace(y, content(21)));
        CHECK_FALSE(append_plan(log, plan, {.preview = again}).repeated);
        CHECK(history::judge(log, correction().replace(x, content(1))).hash != again);
    }
}

TEST_CASE("what a move carries along is no part of what was previewed", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const x = tell(log, "account-a", 10);
        tell(log, "account-b", 20);
        auto const plan = correction().move(x, "account-b");
        auto const seen = history::judge(log, plan).hash;
        apply(store.other(), correction().replace(x, content(11)));
        CHECK(append_plan(log, plan, {.preview = seen}).last == 5);
        CHECK(total(history::read_corrected(log, stream("account-b")).events) == 31);
    }
}

TEST_CASE("an anchor that was moved since the preview is a conflict", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const x = tell(log, "account-a", 10);
        auto const y = tell(log, "account-a", 20);
        tell(log, "account-a", 30);
        auto const plan =
            correction().insert("account-a", planned_anchor::after(x), {content(1, day(1))});
        auto const seen = history::judge(log, plan).hash;
        apply(store.other(), correction().move(x, planned_anchor::after(y)));
        CHECK(code_thrown([&] { return append_plan(log, plan, {.preview = seen}); }) ==
              errc::conflict);
        CHECK(log.head().position == 4);
    }
}

TEST_CASE("the last word on a plan is its caller's, and may be no", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const x = tell(log, "account-a", 10);
        auto const plan = correction().exclude(x);
        history::append_options options;
        options.check = [&](history::judged_plan const& judged) {
            CHECK(judged.seen.rows.at("account-a").size() == 1);
            CHECK(judged.hash == history::judge(log, plan).hash);
            throw error{errc::refused, "an invariant would break"};
        };
        CHECK(code_thrown([&] { return append_plan(log, plan, options); }) == errc::refused);
        CHECK(log.head().position == 1);
        // And the next one is not locked out.
        CHECK(append_plan(log, plan).last == 2);
    }
}

TEST_CASE("what is refused writes nothing", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const x = tell(log, "account-a", 10);
        auto const y = tell(log, "account-a", 20, day(2));
        auto const unknown = new_command_id();
        auto const at_x = planned_anchor::after(x);
        struct asked {
            refusal why;
            restructure plan;
        };
        auto const broken = [](planned_anchor const& at, history::planned_content const& c) {
            return correction().insert("account-a", at, {c});
        };
        auto framework_type = content(1, day(1));
        framework_type.type = "$restructured";
        std::vector<asked> const all{
            {refusal::missing_reason, restructure{"no reason"}.exclude(x)},
            {refusal::empty_plan, correction()},
            {refusal::unknown_target, correction().exclude(unknown)},
            {refusal::unknown_anchor,
             broken(planned_anchor::after(unknown), content(1, day(1)))},
            {refusal::self_anchor, correction().move(x, planned_anchor::after(x))},
            {refusal::no_effect, correction().replace(x, content(10))},
            {refusal::no_effect, correction().move(x, planned_anchor::before(y))},
            {refusal::no_effect, correction().exclude(x).exclude(x)},
            {refusal::unknown_then, correction().reinstate(y, {registers::presence}, 1)},
            {refusal::unknown_then, correction().reinstate(y, {registers::presence}, 99)},
            {refusal::invalid_content, broken(at_x, content(1))},
            {refusal::invalid_content, broken(at_x, framework_type)},
            {refusal::invalid_content, correction().move(x, "no stream at all")},
            {refusal::invalid_content, correction().move(x, "$saga.x-1")},
            {refusal::unknown_restructure, correction().undo(unknown)},
            {refusal::not_alone, correction().exclude(x).undo(unknown)},
        };
        for (auto const& one : all) {
            CAPTURE(to_string(one.why));
            CHECK(refused(log, one.plan) == one.why);
        }
        CHECK(corrected_ids(log, "account-a") == std::vector{x, y});
    }
}

TEST_CASE("an undo takes back what a restructure did, and its undo does it again",
          "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const x = tell(log, "account-a", 10);
        auto const y = tell(log, "account-a", 20);
        auto const z = tell(log, "account-b", 30);
        auto const r = apply(log, correction()
                                      .exclude(x)
                                      .move(y, "account-b")
                                      .insert("account-b", planned_anchor::first(),
                                              {content(5, day(1))}));
        auto const inserted = history::inserted_id(r, 2);
        CHECK(corrected_ids(log, "account-a").empty());
        CHECK(corrected_ids(log, "account-b") == std::vector{inserted, y, z});

        auto const undone = apply(log, correction().undo(r));
        CHECK(corrected_ids(log, "account-a") == std::vector{x, y});
        CHECK(corrected_ids(log, "account-b") == std::vector{z});
        apply(log, correction().undo(undone));
        CHECK(corrected_ids(log, "account-a").empty());
        CHECK(corrected_ids(log, "account-b") == std::vector{inserted, y, z});
    }
}

TEST_CASE("an undo is refused with those who wrote the same since", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const x = tell(log, "account-a", 10);
        auto const r = apply(log, correction().replace(x, content(11)));
        auto const later = apply(log, correction().replace(x, content(12)));
        auto const head = log.head().position;
        try {
            static_cast<void>(append_plan(log, correction().undo(r)));
            FAIL("the content was written since");
        } catch (history::plan_refused const& no) {
            CHECK(no.problems().front().what == refusal::written_since);
            CHECK(no.problems().front().concerning == std::vector{later});
        }
        CHECK(log.head().position == head);
        // The later one and its undo, both after it, count as nothing.
        apply(log, correction().undo(later));
        apply(log, correction().undo(r));
        CHECK(total(history::read_corrected(log, stream("account-a")).events) == 10);
    }
}

TEST_CASE("a slot that came from another stream is corrected where it is", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const x = tell(log, "account-a", 10);
        tell(log, "account-b", 20);
        tell(log, "account-c", 30);
        apply(log, correction().move(x, "account-b"));
        apply(log, correction().move(x, "account-c", planned_anchor::first()));
        auto const r = apply(log, correction().replace(x, content(11)));
        auto const where = log.find_commits(std::span{&r, 1}).begin()->second.rows;
        REQUIRE(where.size() == 1);
        CHECK(where.front().stream == "account-c");
        CHECK(corrected_ids(log, "account-c").front() == x);
        CHECK(total(history::read_corrected(log, stream("account-c")).events) == 41);
        CHECK(corrected_ids(log, "account-a").empty());
        CHECK(corrected_ids(log, "account-b").size() == 1);
        // Home again, with what was corrected elsewhere.
        apply(log, correction().move(x, "account-a", planned_anchor::end()));
        CHECK(total(history::read_corrected(log, stream("account-a")).events) == 11);
        CHECK(corrected_ids(log, "account-c").size() == 1);
    }
}

TEST_CASE("an inserted slot is corrected in the stream that it was moved to", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const x = tell(log, "account-a", 10);
        auto const r = apply(log, correction().insert("account-a", planned_anchor::after(x),
                                                      {content(5, day(1))}));
        auto const y = history::inserted_id(r, 0);
        apply(log, correction().move(y, "account-b", planned_anchor::end()));
        apply(log, correction().replace(y, content(6)));
        CHECK(total(history::read_corrected(log, stream("account-b")).events) == 6);
        apply(log, correction().insert("account-b", planned_anchor::before(y),
                                       {content(7, day(1)), content(8, day(1))}));
        CHECK(total(history::read_corrected(log, stream("account-b")).events) == 21);
        CHECK(corrected_ids(log, "account-b").back() == y);
    }
}

TEST_CASE("a stream comes to be by an insert, with the restructure as version 1",
          "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        tell(log, "account-a", 10);
        apply(log, correction().insert("account-new", planned_anchor::end(),
                                       {content(1, day(1)), content(2, day(1))}));
        auto const rows = log.read_stream(stream("account-new")).events;
        REQUIRE(rows.size() == 1);
        CHECK(rows.front().version == 1);
        auto const view = history::read_corrected(store.other(), stream("account-new"));
        CHECK(view.version == 1);
        REQUIRE(view.events.size() == 2);
        CHECK(total({view.events[0]}) == 1);
        CHECK(view.events[0].position == rows.front().position);
        tell(log, "account-new", 4);
        CHECK(total(history::read_corrected(log, stream("account-new")).events) == 7);
        // For expectations the stream exists.
        CHECK(error_of([&] {
                  return log.append(expecting(commit_to("account-new"), "account-new",
                                              expectation::no_stream()));
              })->code() == errc::conflict);
    }
}

TEST_CASE("a command that loaded a stream before a restructure conflicts", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const x = tell(log, "account-a", 10);
        tell(log, "account-b", 20);
        apply(log, correction().move(x, "account-b"));
        for (auto const* const name : {"account-a", "account-b"}) {
            CHECK(error_of([&] {
                      return store.other().append(
                          expecting(commit_to(name), name, expectation::exactly(1)));
                  })->code() == errc::conflict);
        }
    }
}

TEST_CASE("what a command led to is taken back with all that was caused by it",
          "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const x = tell(log, "account-a", 10);
        commit caused = commit_to("account-b", 2);
        caused.meta.causation = x;
        log.append(caused);
        commit further = commit_to("account-c");
        further.meta.causation = caused.id;
        log.append(further);
        auto const other = tell(log, "account-c", 40);
        apply(log, correction().revert_causation(command_id_of(x)));
        CHECK(corrected_ids(log, "account-a").empty());
        CHECK(corrected_ids(log, "account-b").empty());
        CHECK(corrected_ids(log, "account-c") == std::vector{other});
    }
}

TEST_CASE("what was caused by an event that is excluded by now is taken back, too",
          "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const x = tell(log, "account-a", 10);
        auto caused = commit_to("account-b");
        caused.meta.causation = x;
        auto const y = log.append(caused).events.front().id;
        auto further = commit_to("account-c");
        further.meta.causation = y;
        log.append(further);
        auto of_framework = commit_of({event("$note-x")});
        of_framework.of_framework = true;
        of_framework.meta.causation = y;
        log.append(of_framework);
        apply(log, correction().exclude(y));
        apply(log, correction().revert_causation(command_id_of(x)));
        for (auto const* const name : {"account-a", "account-b", "account-c"}) {
            CHECK(corrected_ids(store.other(), name).empty());
        }
        CHECK(corrected_ids(log, "$note-x").size() == 1);
    }
}

TEST_CASE("events of the framework's own are not corrected", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto own = commit_of({event("$note-x"), event("$note-x")});
        own.of_framework = true;
        auto const id = log.append(own).events.front().id;
        history::registers const presence = registers::presence;
        for (auto const& plan :
             {correction().exclude(id), correction().redate(id, day(3)),
              correction().replace(id, content(1)), correction().move(id, planned_anchor::end()),
              correction().move(id, "account-a"), correction().dedupe("$note-x")}) {
            CHECK(refused(log, plan) == refusal::invalid_content);
        }
        CHECK(refused(log, correction().reinstate(id, presence, 1)).has_value());
    }
}

TEST_CASE("a restructure of more streams than a commit of the careful way has",
          "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        commit many;
        for (int i = 0; i < 1'200; ++i) many.events.push_back(event("wide-" + std::to_string(i)));
        log.append(many);
        auto plan = correction();
        for (std::uint16_t i = 0; i < 1'200; ++i) plan.exclude(event_id(many.id, i));
        auto const done = append_plan(log, plan);
        CHECK(done.events.size() == 1'200);
        CHECK(corrected_ids(store.other(), "wide-0").empty());
        CHECK(corrected_ids(store.other(), "wide-1199").empty());
        check_whole(log);
    }
}
