// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A plan that is judged by the streams it speaks of comes to what it comes to by the whole log.
#include <recount/memory/log.hpp>
#include <recount/restructure/append.hpp>
#include <recount/restructure/payload.hpp>

#include <fmt/format.h>

#include "support/catch.hpp"
#include "support/random_history.hpp"

using namespace recount;
using history::planned_anchor;
using history::registers;

namespace {

class world {
public:
    explicit world(std::uint64_t seed) : random_{seed} {}
    memory::log log;

    // Some events, some of them caused by others; now and then a restructure.
    void grow() {
        if (slots_.size() > 3 && below(2) == 0) {
            restructured(any_plan());
            return;
        }
        commit one;
        if (!slots_.empty() && below(2) == 0) one.meta.causation = any_slot();
        for (auto left = below(2) + 1; left > 0; --left) {
            one.events.push_back({stream_name{any_stream()}, "thing.moved", 1, amount(), {}});
        }
        for (auto const& e : log.append(one).events) slots_.push_back(e.id);
    }
    [[nodiscard]] restructure any_plan() {
        auto plan = restructure{"random"}.because("a test").by("ada");
        if (!made_.empty() && below(4) == 0) return plan.undo(made_[below(made_.size())]);
        for (auto left = below(3) + 1; left > 0; --left) add_step(plan);
        return plan;
    }

private:
    std::mt19937_64 random_;
    std::vector<uuid> slots_;
    std::vector<uuid> made_;

    std::size_t below(std::size_t end) {
        return std::uniform_int_distribution<std::size_t>{0, end - 1}(random_);
    }
    std::string any_stream() { return fmt::format("account-{}", below(6)); }
    json_text amount() {
        return json_text::checked(fmt::format(R"({{"amount":{}}})", below(3)));
    }
    uuid any_slot() { return slots_[below(slots_.size())]; }
    history::planned_content any_content() {
        return {"thing.moved", 1, amount(), timestamp_from_string("2026-01-01T12:00:00Z")};
    }
    planned_anchor any_anchor() {
        switch (below(4)) {
            case 0: return planned_anchor::end();
            case 1: return planned_anchor::first();
            case 2: return planned_anchor::after(any_slot());
            default: return planned_anchor::before(any_slot());
        }
    }
    position any_position() {
        return static_cast<position>(below(static_cast<std::size_t>(log.head().position)) + 1);
    }
    void add_step(restructure& plan) {
        switch (below(12)) {
            case 0: plan.exclude(any_slot()); break;
            case 1: plan.replace(any_slot(), any_content()); break;
            case 2: plan.insert(any_stream(), any_anchor(), {any_content(), any_content()}); break;
            case 3: plan.move(any_slot(), any_stream()); break;
            case 4: plan.move(any_slot(), any_stream(), any_anchor()); break;
            case 5: plan.move(any_slot(), any_anchor()); break;
            case 6:
                plan.reinstate(any_slot(), static_cast<std::uint8_t>(below(7) + 1),
                               any_position());
                break;
            case 7: plan.split(any_slot(), {any_content(), any_content()}); break;
            case 8: plan.merge({any_slot(), any_slot()}, any_content()); break;
            case 9: plan.dedupe(any_stream()); break;
            case 10: plan.revert_causation(command_id_of(any_slot())); break;
            default: plan.exclude_all(any_stream(), "thing.moved", any_slot(), any_slot());
        }
    }
    void restructured(restructure const& plan) {
        history::append_options options;
        try {
            static_cast<void>(history::append_plan(log, plan, options));
        } catch (history::plan_refused const&) {
            return;
        }
        made_.push_back(options.id);
        for (auto const& [id, known] : log.find_commits(std::span{&options.id, 1})) {
            for (auto const& e : history::entries_of(known.rows)) {
                for (auto const& o : std::get<history::restructure_payload>(e.what).ops) {
                    auto const& target = history::target_of(o);
                    if (history::inserted_by(target, options.id)) slots_.push_back(target);
                }
            }
        }
    }
};

std::string told(std::vector<history::problem> const& problems) {
    std::string text = "refused:";
    for (auto const& p : problems) {
        // Which of the two it is depends on how far the log is known.
        bool const either = p.what == history::refusal::unknown_then ||
                            p.what == history::refusal::no_effect;
        text += fmt::format(" {} {}", p.step, either ? "nothing" : to_string(p.what));
        for (auto const& id : p.concerning) text += " " + to_string(id);
    }
    return text;
}

template <class Resolve> std::string outcome(Resolve const& resolve) {
    try {
        history::resolved_plan const r = resolve();
        return history::to_json(r.payload).str() + r.footprint;
    } catch (history::plan_refused const& no) {
        return told(no.problems());
    }
}

history::fold whole(recount::log& of) {
    history::fold all;
    for (auto const& e : history::entries_of(of.read_feed(0, {}, 1'000).events)) all.advance(e);
    return all;
}

}  // namespace

// Within a plan that has changed it before, what an event was just now is another state.
TEST_CASE("an event is reinstated as it was when only other streams have grown since",
          "[restructure]") {
    memory::log log;
    auto const moved = [&](char const* stream) {
        commit one;
        one.events.push_back({stream_name{stream}, "thing.moved", 1,
                              json_text::checked(R"({"amount":1})"), {}});
        return log.append(one).events.front().id;
    };
    auto const event = moved("account-1");
    static_cast<void>(moved("account-2"));
    auto const plan_as_at = [&](position as_at) {
        return restructure{"back"}
            .because("a test")
            .by("ada")
            .replace(event, {"thing.moved", 1, json_text::checked(R"({"amount":2})"), {}})
            .reinstate(event, registers::contents, as_at);
    };
    for (position const as_at : {1, 2}) {
        CAPTURE(as_at);
        auto const plan = plan_as_at(as_at);
        CHECK(history::judge(log, plan).resolved.payload.ops.size() == 2);
        CHECK(outcome([&] { return history::judge(log, plan).resolved; }) ==
              outcome([&] { return history::resolve(plan, whole(log), uuid{}); }));
    }
    CHECK(outcome([&] { return history::judge(log, plan_as_at(3)).resolved; }) ==
          "refused: 1 nothing");
}

TEST_CASE("a plan comes to the same by the streams it speaks of as by the whole log",
          "[restructure]") {
    auto const seed = tests::seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    int went_through = 0;
    for (std::uint64_t i = 0; i < 60; ++i) {
        INFO("the log " << i << " of the seed");
        world w{seed + i};
        for (int n = 0; n < 30; ++n) w.grow();
        REQUIRE(w.log.head().position < 1'000);
        auto const history = whole(w.log);
        for (int n = 0; n < 10; ++n) {
            auto const plan = w.any_plan();
            INFO(plan.to_json().str());
            auto const by_all =
                outcome([&] { return history::resolve(plan, history, uuid{}); });
            auto const by_some = outcome([&] { return history::judge(w.log, plan).resolved; });
            REQUIRE(by_some == by_all);
            if (by_all.front() == '{') ++went_through;
        }
    }
    CHECK(went_through > 20);
}
