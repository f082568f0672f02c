// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A correction from the plan to the corrected view: what docs/reference/restructure.md shows.
#include <recount/memory/log.hpp>
#include <recount/restructure/append.hpp>
#include <recount/restructure/read.hpp>

#include <support/caught.hpp>

namespace examples::restructuring {

using namespace recount;

TEST_CASE("an event that came twice is taken out, and can be seen again", "[docs]") {
    memory::log log;
    stream_name const account{"account-a"};
    auto const deposited = [&](char const* payload) {
        commit c;
        c.events.push_back({account, "account.deposited", 1, json_text::checked(payload), {}});
        return log.append(c).events.front().id;
    };
    auto const first = deposited(R"({"amount":100})");
    auto const twice = deposited(R"({"amount":100})");

    //[plan
    auto const plan = restructure{"file 0117 was imported twice"}
                          .because("the import was started again after a time-out")
                          .by("ada")
                          .evidence("ticket 4711")
                          .exclude(twice);
    //]
    //[append
    auto const seen = history::judge(log, plan);                            // writes nothing
    auto const done = history::append_plan(log, plan, {.preview = seen.hash});
    //]

    //[read
    auto const now = history::read_corrected(log, account).events;            // first
    auto const before = history::read_corrected(log, account, {.known_at = 2}).events;  // both
    auto const slots = history::read_annotated(log, account).slots;  // both, with who wrote what
    //]
    //[fold
    history::fold f{account.str()};  // the rows of the stream suffice
    for (auto const& e : history::entries_of(log.read_stream(account).events)) f.advance(e);
    auto const changed = f.delta(2, f.known_at());  // twice, with weight -1
    //]
    REQUIRE(now.size() == 1);
    CHECK(now[0].id == first);
    CHECK(before.size() == 2);
    REQUIRE(changed.size() == 1);
    CHECK(changed[0].weight == -1);
    CHECK(slots.at(1).notes.at(0).restructure == command_id_of(done.events.front().id));

    //[undo
    auto const undo = restructure{"file 0117 was right"}
                          .because("there were two payments")
                          .by("ada")
                          .undo(command_id_of(done.events.front().id));
    auto const undone = history::append_plan(log, undo);
    //]
    CHECK(history::read_corrected(log, account).events.size() == 2);

    //[refused
    try {
        static_cast<void>(history::append_plan(log, undo));
        FAIL("it was undone already");
    } catch (history::plan_refused const& refused) {
        auto const& p = refused.problems().front();           // one a step that cannot be
        CHECK(p.what == history::refusal::written_since);
        CHECK(p.concerning ==                                 // by whom: by the undo
              std::vector{command_id_of(undone.events.front().id)});
    }
    //]
}

}  // namespace examples::restructuring
