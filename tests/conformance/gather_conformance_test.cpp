// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What is read to judge a plan: the streams that it names and those where its slots are or were,
// and not all that these have ever had to do with.
#include <set>
#include <string>
#include <vector>

#include <recount/restructure/payload.hpp>

#include "conformance/restructure_conformance.hpp"

using namespace conformance;
using namespace recount;
using history::judge;
using history::planned_anchor;

namespace {

std::set<std::string> streams_read_for(recount::log& log, restructure const& plan) {
    std::set<std::string> names;
    for (auto const& [name, rows] : history::gather(log, plan).rows) names.insert(name);
    return names;
}

using names = std::set<std::string>;

}  // namespace

TEST_CASE("what other slots of a stream went through elsewhere is not read", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        std::vector<uuid> moved;
        for (int i = 0; i < 6; ++i) moved.push_back(tell(log, "suspense-x", i));
        auto const stays = tell(log, "suspense-x", 7);
        for (int i = 0; i < 5; ++i) {
            apply(log, correction().move(moved[static_cast<std::size_t>(i)],
                                         "account-" + std::to_string(i)));
        }
        auto const back = apply(log, correction().exclude(moved[5]));
        CHECK(streams_read_for(log, correction().exclude(stays)) == names{"suspense-x"});
        CHECK(streams_read_for(log, correction().undo(back)) == names{"suspense-x"});
        CHECK(streams_read_for(log, correction().move(stays, planned_anchor::end())) ==
              names{"suspense-x"});
        // Where the slot itself is or was.
        CHECK(streams_read_for(log, correction().exclude(moved[2])) ==
              names{"account-2", "suspense-x"});
        CHECK(streams_read_for(log, correction().move(stays, planned_anchor::after(moved[3]))) ==
              names{"account-3", "suspense-x"});
        // One that came from elsewhere is there, though its first stream was not read.
        auto const seen = judge(log, correction().insert("account-4", planned_anchor::first(),
                                                         {content(1, day(1))}));
        CHECK(seen.seen.rows.size() == 1);
        auto const view = seen.seen.history.corrected("account-4");
        REQUIRE(view.size() == 1);
        CHECK(view.front().event == moved[4]);
        CHECK(view.front().origin->stream == "suspense-x");
        auto const r = apply(log, correction().insert("account-4", planned_anchor::first(),
                                                      {content(1, day(1))}));
        CHECK(corrected_ids(store.other(), "account-4") ==
              std::vector{history::inserted_id(r, 0), moved[4]});
    }
}

TEST_CASE("an inserted slot is looked for in its stream, not in all that its restructure touched",
          "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const x = tell(log, "account-a", 10);
        auto const r = apply(log, correction().exclude(x).insert(
                                      "account-b", planned_anchor::end(), {content(1, day(1))}));
        auto const y = history::inserted_id(r, 1);
        CHECK(streams_read_for(log, correction().exclude(y)) == names{"account-b"});
        apply(log, correction().move(y, "account-c"));
        CHECK(streams_read_for(log, correction().exclude(y)) == names{"account-b", "account-c"});
        CHECK(streams_read_for(log, correction().undo(r)) ==
              names{"account-a", "account-b", "account-c"});
    }
}

TEST_CASE("the events of a large plan are looked for together", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto plan = correction();
        std::vector<commit> commits;
        for (int i = 0; i < 300; ++i) {
            commits.push_back(commit_to("account-" + std::to_string(i % 7), 3));
        }
        for (auto const& result : log.append_batch(commits)) {
            plan.exclude(success(result).events[1].id);
        }
        auto const x = tell(log, "other-a", 1);
        auto const r = apply(log, correction().exclude(x).insert(
                                      "other-b", planned_anchor::end(), {content(1, day(1))}));
        plan.exclude(history::inserted_id(r, 1));
        CHECK(streams_read_for(log, plan).size() == 8);
        apply(log, plan);
        CHECK(corrected_ids(store.other(), "account-0").size() == 2 * 43);
        CHECK(corrected_ids(store.other(), "other-b").empty());
        auto unknown = correction();
        for (int i = 0; i < 40; ++i) unknown.exclude(new_command_id());
        CHECK(refused(log, unknown) == history::refusal::unknown_target);
    }
}
