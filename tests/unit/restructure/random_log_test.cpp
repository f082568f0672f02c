// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The laws are worth what their logs are: random logs reach all that a restructure can do.
#include <map>
#include <set>

#include <recount/restructure/place.hpp>

#include "support/catch.hpp"
#include "support/restructure/laws.hpp"
#include "support/random_history.hpp"

using namespace recount;
using namespace recount::tests;

namespace {

namespace op = history::op;

// What is met in one log, by name.
class sightings {
public:
    std::map<std::string, int> count;

    void look_at(world const& log) {
        std::map<uuid, std::vector<std::string>> stays;   // streams it was in
        std::set<uuid> corrected;
        for (auto const& e : log.entries()) {
            auto const* const told = std::get_if<history::restructure_payload>(&e.what);
            if (told == nullptr) {
                auto const& x = std::get<history::event_entry>(e.what).event;
                stays[x] = {e.rows.front()->stream};
                if (e.first != e.visible_at) ++count["several entries in one commit"];
                continue;
            }
            auto const& before = log.truth().state_at(e.first - 1);
            std::set<std::string> anchors;
            for (auto const& o : told->ops) {
                one(o, before, stays, anchors);
                if (corrected.contains(history::target_of(o))) {
                    ++count["correction of a correction"];
                }
            }
            for (auto const& o : told->ops) corrected.insert(history::target_of(o));
            if (e.rows.size() > 1) ++count["restructure of several streams"];
        }
    }

private:
    void one(history::operation const& o, oracle_state const& before,
             std::map<uuid, std::vector<std::string>>& stays, std::set<std::string>& anchors) {
        auto const x = history::target_of(o);
        auto const* const now = find_slot(before, x);
        static char const* const names[] = {"replace", "exclude", "insert", "move", "reinstate"};
        ++count[names[o.what.index()]];
        if (now != nullptr && !now->present) ++count["operation on an excluded slot"];
        if (auto const* const i = std::get_if<op::insert>(&o.what)) stays[x] = {i->to};
        if (auto const* const r = std::get_if<op::reinstate>(&o.what)) {
            if (r->from != r->to) ++count["reinstate into another stream"];
        }
        if (auto const* const m = std::get_if<op::move>(&o.what)) {
            if (m->anchor.what == history::anchor::kind::keep) ++count["keep"];
            auto& of_x = stays[x];
            if (m->from != m->to) {
                ++count["move to another stream"];
                if (of_x.size() > 1 && of_x.front() == m->to) ++count["move there and back"];
                of_x.push_back(m->to);
            }
        }
        auto const* const a = history::anchor_of(o);
        if (a == nullptr) return;
        if (a->what == history::anchor::kind::end) ++count["end"];
        if (a->event.is_nil()) return;
        if (!anchors.insert(to_string(a->event)).second) ++count["equal anchors"];
        if (a->at.steps() >= 2) ++count["anchor two steps deep"];
        auto const* const z = find_slot(before, a->event);
        if (z == nullptr) ++count["anchor that the entry itself inserted"];
        if (z != nullptr && !z->present) ++count["anchor on an excluded slot"];
        if (stays[a->event].size() > 1) ++count["anchor on a moved slot"];
    }
};

}  // namespace

TEST_CASE("random logs reach all that a restructure can do", "[restructure]") {
    auto const seed = seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    std::mt19937_64 random{seed};
    sightings seen;
    for (int i = 0; i < cases_quick; ++i) {
        std::vector<std::uint32_t> tape(400);
        for (auto& value : tape) value = static_cast<std::uint32_t>(random());
        choices c{std::move(tape)};
        seen.look_at(random_log(c));
    }
    for (auto const* const what :
         {"replace", "exclude", "insert", "move", "reinstate", "keep", "end",
          "several entries in one commit", "restructure of several streams",
          "correction of a correction", "operation on an excluded slot",
          "reinstate into another stream", "move to another stream", "move there and back",
          "equal anchors", "anchor two steps deep", "anchor that the entry itself inserted",
          "anchor on an excluded slot", "anchor on a moved slot"}) {
        INFO(what << ": " << seen.count[what]);
        CHECK(seen.count[what] >= 5);  // of about 2,000 entries
    }
}
