// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Repairs whose program is killed at any of its calls: in the end all is as if nothing had been.
#include <functional>

#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/saga/divergences.hpp>
#include <recount/saga/memory_saga_store.hpp>
#include <recount/testing/sandbox.hpp>

#include "support/catch.hpp"
#include "support/fated.hpp"
#include "support/shop_domain.hpp"

namespace {

using namespace shop;
using namespace recount;
using tests::fate;
using tests::fated_log;
using tests::fated_store;

// A world in which a plan is carried out by programs that are killed.
struct world {
    testing::test_clock clock;
    std::shared_ptr<memory::log> log = std::make_shared<memory::log>("main", clock);
    std::shared_ptr<memory_saga_store> store = std::make_shared<memory_saga_store>(clock);

    void with_program(fate& end, std::function<void(application&)> const& act) {
        application app{
            testing::parts_of<basket, account, billing, adjusting, stamping, mailing, receipts>(),
            std::make_shared<fated_log>(*log, end), std::make_shared<memory_row_store>(),
            {.program = "shop",
             .clock = clock,
             .sagas = std::make_shared<fated_store>(*store, end)}};
        act(app);
    }
    void without_end(std::function<void(application&)> const& act) {
        fate never;
        with_program(never, act);
    }
    // Until a program comes to rest: one is killed at the call, the next ones are not.
    int run(int at, bool after) {
        fate end{.at = at, .after = after};
        try {
            with_program(end, [](application& app) { app.run_sagas(); });
        } catch (tests::killed const&) {   // NOLINT: that is what happens
        }
        // What the dead one had claimed is free by then.
        clock.advance(std::chrono::minutes{1});
        without_end([](application& app) { app.run_sagas(); });
        return end.calls;
    }

    uuid order(std::string const& customer, std::int64_t amount) {
        uuid id;
        without_end([&](application& app) {
            id = app.dispatch(place{{"b"}, {customer}, amount}).value().events.front();
        });
        return id;
    }

    // The story up to the repair: some of it was sent, some waits.
    void begin() {
        without_end([](application& app) {
            app.dispatch(unlock{{"ada"}}).value();
            app.dispatch(unlock{{"eve"}}).value();
        });
        auto const one = order("ada", 600);
        auto const two = order("ben", 50);     // is locked: its charge waits
        without_end([](application& app) { app.run_sagas(); });
        for (auto const& m : store->claim({.kind = message_kind::effect, .limit = 2})) {
            store->sent(m.key);
        }
        auto const three = order("ada", 20);
        without_end([](application& app) { app.run_sagas(); });
        without_end([&](application& app) {
            app.apply(restructure{"all wrong"}
                          .because("a test")
                          .by("ines")
                          .exclude(two)
                          .replace(one, content("ada", 60))
                          .replace(three, content("eve", 20))
                          .insert("basket-b", history::planned_anchor::before(one),
                                  {missing("ada", 7)}));
        });
    }
    // The story up to the end of a divergence, behind which an order waits: a person acknowledges
    // it, or the correction is taken back.
    void begin_diverged(bool acknowledged) {
        without_end([](application& app) { app.dispatch(unlock{{"ada"}}).value(); });
        auto const one = order("ada", 60);
        without_end([](application& app) { app.run_sagas(); });
        uuid wrong;
        without_end([&](application& app) {
            wrong = app.apply(restructure{"less"}.because("a test").by("ines").replace(
                                  one, content("ada", 6)))
                        .id;
            app.run_sagas();
        });
        order("ada", 20);
        without_end([&](application& app) {
            app.run_sagas();
            REQUIRE(store->find_instance("stamping", "ada")->status == saga_status::diverged);
            if (acknowledged) {
                acknowledge_divergence(*log, "stamping", "ada", {.because = "it is in order"});
            } else {
                app.undo(wrong, "it was right");
            }
        });
    }
    // Runs a program that is killed at a call; false: it came to rest before.
    bool run_killed(int at, bool after) {
        fate end{.at = at, .after = after};
        try {
            with_program(end, [](application& app) { app.run_sagas(); });
        } catch (tests::killed const&) {
            clock.advance(std::chrono::minutes{1});
            return true;
        }
        return false;
    }
    std::size_t timers_told(std::string const& stream) {
        auto const rows = log->read_stream(stream_name{stream}).events;
        return static_cast<std::size_t>(std::ranges::count_if(rows, [](auto const& row) {
            return row.type == "$saga.reacted" && row.payload.starts_with(R"({"input":{"timer":)");
        }));
    }
    std::vector<outbox_message> posters() {
        auto list = store->list_messages({.kind = message_kind::effect});
        std::erase_if(list, [](auto const& m) { return m.type != "shop.poster"; });
        return list;
    }
    static history::planned_content content(std::string const& customer, std::int64_t amount) {
        return {"basket.ordered", 1, describe::to_json(ordered{{"b"}, {customer}, amount}), {}};
    }

    static history::planned_content missing(std::string const& customer, std::int64_t amount) {
        auto made = content(customer, amount);
        made.effective_at = testing::first_of_2026;
        return made;
    }

    // But for ids, positions and times.
    [[nodiscard]] std::vector<std::string> summary() const {
        std::vector<std::string> lines;
        for (auto const* category : {"account", "$saga.billing", "$saga.adjusting",
                                     "$saga.stamping", "$saga.mailing", "$saga.receipts"}) {
            for (auto const& s : log->list_streams(category)) {
                std::string line;
                // A reactor's are named by the event.
                if (s.name.find("receipts") == std::string::npos) line = s.name;
                for (auto const& e : log->read_stream(stream_name{s.name}).events) {
                    line += " " + e.type;
                    if (s.name.starts_with("account")) line += e.payload;
                }
                lines.push_back(line);
            }
        }
        for (auto const& m : store->list_messages({})) {
            lines.push_back(m.saga + " " + m.instance + " " + m.body + " " +
                            std::string{to_string(m.status)} + (m.superseded_by ? "*" : ""));
        }
        for (auto const& i : store->list_instances({})) {
            if (i.saga == "receipts") continue;
            lines.push_back(i.saga + " " + i.instance + " " + std::string{to_string(i.status)});
        }
        for (auto const& t : store->list_timers({})) {
            lines.push_back(t.saga + " " + t.instance + " " + t.name + " " + t.payload);
        }
        std::ranges::sort(lines);
        return lines;
    }
};

}  // namespace

TEST_CASE("a repair that is killed at any of its calls is done once", "[saga][repair]") {
    world undisturbed;
    undisturbed.begin();
    auto const calls = undisturbed.run(-1, false);
    auto const expected = undisturbed.summary();
    CHECK(calls > 20);
    for (auto const& line : expected) UNSCOPED_INFO(line);
    for (bool const after : {false, true}) {
        for (int at = 0; at < calls; ++at) {
            world here;
            here.begin();
            here.run(at, after);
            INFO("killed " << (after ? "after" : "before") << " call " << at);
            REQUIRE(here.summary() == expected);
        }
    }
}

TEST_CASE("a checkpoint that is lost leads to no second repair", "[saga][repair]") {
    world here;
    here.begin();
    here.run(-1, false);
    auto const events = here.log->head().position;
    // All pages are read again by a program whose tables are there.
    auto const forgetful = std::make_shared<memory_saga_store>(here.clock);
    for (auto const& m : here.store->list_messages({})) {
        if (m.kind == message_kind::effect) forgetful->write({.messages = {m}});
    }
    here.store = forgetful;
    here.run(-1, false);
    CHECK(here.log->head().position == events);
}

TEST_CASE("what waited behind a divergence goes on once, whoever is killed", "[saga][repair]") {
    bool const acknowledged = GENERATE(true, false);
    world undisturbed;
    undisturbed.begin_diverged(acknowledged);
    auto const calls = undisturbed.run(-1, false);
    auto const expected = undisturbed.summary();
    REQUIRE(undisturbed.store->find_instance("stamping", "ada")->status == saga_status::running);
    for (bool const after : {false, true}) {
        for (int at = 0; at < calls; ++at) {
            world here;
            here.begin_diverged(acknowledged);
            here.run(at, after);
            INFO("killed " << (after ? "after" : "before") << " call " << at);
            REQUIRE(here.summary() == expected);
        }
    }
}

TEST_CASE("what a timer led to is there, though an event has set it anew", "[saga][redo]") {
    std::size_t fired = 0;
    for (bool const after : {false, true}) {
        for (int at = 0;; ++at) {
            world here;
            here.order("ada", 10);
            here.without_end([](application& app) { app.run_sagas(); });
            here.clock.advance(10min);
            bool const killed = here.run_killed(at, after);
            here.order("ada", 30);   // sets the same timer
            here.run(-1, false);
            INFO("killed " << (after ? "after" : "before") << " call " << at);
            REQUIRE(here.posters().size() == here.timers_told("$saga.mailing-ada"));
            fired += here.posters().size();
            if (!killed) break;
        }
    }
    CHECK(fired > 2);
}

TEST_CASE("an effect of a timer that history has not set is not sent", "[saga][repair]") {
    for (bool const after : {false, true}) {
        for (int at = 0;; ++at) {
            world here;
            auto const one = here.order("ada", 10);
            here.without_end([](application& app) { app.run_sagas(); });
            here.clock.advance(10min);
            bool const killed = here.run_killed(at, after);
            here.without_end([&](application& app) {
                app.apply(restructure{"none"}.because("a test").by("ines").exclude(one));
            });
            here.run(-1, false);
            INFO("killed " << (after ? "after" : "before") << " call " << at);
            for (auto const& m : here.posters()) REQUIRE(m.status == message_status::withdrawn);
            if (!killed) break;
        }
    }
}
