// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A correction from the plan to the corrected view: what docs/reference/restructure.md shows.
#include <recount/memory/log.hpp>
#include <recount/restructure/payload.hpp>
#include <recount/restructure/resolve.hpp>

#include <support/caught.hpp>

namespace examples::restructuring {

using namespace recount;

//[fold
history::fold fold_of(recount::log& log, stream_name const& account) {
    history::fold f{account.str()};  // its rows suffice
    for (auto const& e : history::entries_of(log.read_stream(account).events)) f.advance(e);
    return f;
}
//]

//[append
appended apply(recount::log& log, restructure const& plan, history::fold const& f) {
    commit c;
    c.meta.actor = plan.actor();
    auto const made = history::resolve(plan, f, c.id);  // or history::plan_refused
    for (auto& row : history::rows_for(made.payload)) {
        c.events.push_back({stream_name{row.stream}, std::string{history::restructured_type}, 1,
                            std::move(row.payload), {}});
    }
    return log.append(c);
}
//]

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
    auto const done = apply(log, plan, fold_of(log, account));
    //]

    //[read
    auto const f = fold_of(log, account);
    auto const now = f.corrected(account.str());        // first
    auto const before = f.corrected(account.str(), 2);  // first, twice: as believed at position 2
    auto const changed = f.delta(2, f.known_at());      // twice, with weight -1
    auto const slots = f.annotated(account.str());      // both, with who wrote what
    //]
    REQUIRE(now.size() == 1);
    CHECK(now[0].event == first);
    CHECK(before.size() == 2);
    REQUIRE(changed.size() == 1);
    CHECK(changed[0].weight == -1);
    CHECK(slots.at(1).notes.at(0).restructure == command_id_of(done.events.front().id));

    //[undo
    auto const undo = restructure{"file 0117 was right"}
                          .because("there were two payments")
                          .by("ada")
                          .undo(command_id_of(done.events.front().id));
    apply(log, undo, fold_of(log, account));
    //]
    CHECK(fold_of(log, account).corrected(account.str()).size() == 2);

    //[refused
    try {
        apply(log, undo, fold_of(log, account));
        FAIL("it was undone already");
    } catch (history::plan_refused const& refused) {
        auto const& p = refused.problems().front();           // one a step that cannot be
        CHECK(p.what == history::refusal::written_since);
        CHECK(p.concerning.size() == 1);                      // by whom: by the undo
    }
    //]
}

}  // namespace examples::restructuring
