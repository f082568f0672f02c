// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Sagas whose program is killed at any of its calls to the log and the tables, before or after the
// call had its effect: in the end all is as if nothing had happened, and happened once.
#include <algorithm>
#include <functional>

#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/saga/memory_saga_store.hpp>
#include <recount/saga/operations.hpp>
#include <recount/testing/sandbox.hpp>

#include "support/catch.hpp"
#include "support/fated.hpp"
#include "support/transfer_domain.hpp"

#include "saga/repaired_row.hpp"

namespace {

using namespace transfers;
using recount::saga_status;

using recount::tests::fate;
using recount::tests::fated_log;
using recount::tests::fated_store;
using recount::tests::killed;

// What there is when all is over, but for positions and times.
struct world {
    recount::testing::test_clock clock;
    recount::duration late{0};     // by the time that leases of the dead take
    std::shared_ptr<recount::memory::log> log;
    std::shared_ptr<recount::memory_saga_store> store;

    world()
        : log{std::make_shared<recount::memory::log>("main", clock)},
          store{std::make_shared<recount::memory_saga_store>(clock)} {}

    void set_clock(recount::duration since_the_beginning) {
        clock.set(recount::testing::first_of_2026 + since_the_beginning + late);
    }

    // A program of this world that comes to its end at a call.
    void with_program(fate& end, std::function<void(recount::application&)> const& act) {
        auto fated = std::make_shared<fated_log>(*log, end);
        auto tables = std::make_shared<fated_store>(*store, end);
        recount::application app{
            recount::testing::parts_of<account, order, transfer, notices>(), fated,
            std::make_shared<recount::memory_row_store>(),
            {.program = "bank", .clock = clock, .sagas = tables}};
        act(app);
    }

    std::vector<std::string> summary() {
        std::vector<std::string> lines;
        auto const streams = [&](std::string const& category) {
            for (auto const& s : log->list_streams(category)) {
                std::vector<std::string> words;
                auto const page = log->read_stream(recount::stream_name{s.name});
                for (auto const& e : page.events) {
                    words.push_back(e.type + (e.type.starts_with('$') ? "" : e.payload));
                }
                // Which of two transfers comes to an account first is nobody's promise.
                if (category == "account") std::sort(words.begin(), words.end());
                std::string line = s.name;
                for (auto const& word : words) line += " " + word;
                lines.push_back(line);
            }
        };
        streams("account");
        streams("transfer");
        streams("$saga.transfer");
        for (auto const& i : store->list_instances({})) {
            lines.push_back(i.instance + " " + std::string{to_string(i.status)} + " " +
                            std::to_string(i.version) + i.because);
        }
        for (auto const& t : store->list_timers({})) lines.push_back(t.instance + " " + t.name);
        std::vector<std::string> messages;
        for (auto const& m : store->list_messages({})) {
            messages.push_back(std::string{to_string(m.status)} + " " + m.saga + m.instance +
                               m.type + m.body);
        }
        std::sort(messages.begin(), messages.end());
        lines.insert(lines.end(), messages.begin(), messages.end());
        return lines;
    }
};

// A page of life: good transfers, one to a closed account, one from an account that comes late, one
// that nobody can serve and that a person ends, one that a bug holds up.
using chapter = std::function<void(recount::application&, world&)>;

std::vector<chapter> chapters() {
    return {
        [](auto& app, auto&) {
            app.dispatch(open{{"a"}, eur(10000)}, {.key = "1"}).value();
            app.dispatch(open{{"b"}, eur(0)}, {.key = "2"}).value();
            app.dispatch(open{{"shut"}, eur(0)}, {.key = "3"}).value();
            app.dispatch(shut{{"shut"}}, {.key = "4"}).value();
            app.dispatch(request{{"good"}, {"a"}, {"b"}, eur(100)}, {.key = "5"}).value();
            app.dispatch(request{{"back"}, {"a"}, {"shut"}, eur(200)}, {.key = "6"}).value();
            app.dispatch(request{{"late"}, {"c"}, {"b"}, eur(300)}, {.key = "7"}).value();
            app.dispatch(request{{"never"}, {"d"}, {"b"}, eur(300)}, {.key = "8"}).value();
            app.dispatch(request{{"much"}, {"a"}, {"b"}, eur(99999)}, {.key = "9"}).value();
            trouble::react_throws_for = "bug";
            app.dispatch(request{{"bug"}, {"a"}, {"b"}, eur(400)}, {.key = "10"}).value();
            app.dispatch(transfers::cancel{{"bug"}}, {.key = "11"}).value();
        },
        [](auto& app, auto&) { app.run_sagas(); },
        [](auto& app, auto&) {
            trouble::none();
            app.dispatch(open{{"c"}, eur(1000)}, {.key = "12"}).value();
            if (recount::instance_steps(app.log(), "transfer", "bug").status ==
                saga_status::parked) {
                recount::resume_instance(app.log(), "transfer", "bug", {.because = "mended"});
            }
        },
        [](auto& app, auto& here) {
            here.set_clock(2min);
            app.run_sagas();
        },
        [](auto& app, auto& here) {
            here.set_clock(10min);
            app.run_sagas();
            here.set_clock(2h);
            app.run_sagas();
        },
    };
}

// The last one in it is killed at a call, and the next one begins again with the same chapter.
std::vector<std::string> live(fate& end) {
    trouble::none();
    world here;
    for (auto const& one : chapters()) {
        try {
            here.with_program(end, [&](auto& app) { one(app, here); });
        } catch (killed const&) {
            here.late += 11s;
            here.clock.advance(11s);
            fate none;
            here.with_program(none, [&](auto& app) { one(app, here); });
        }
    }
    trouble::none();
    return here.summary();
}

std::string differences(std::vector<std::string> const& expected,
                        std::vector<std::string> const& got) {
    std::string text;
    for (auto const& line : expected) {
        if (std::count(got.begin(), got.end(), line) != 1) text += "\nmissing " + line;
    }
    for (auto const& line : got) {
        if (std::count(expected.begin(), expected.end(), line) != 1) text += "\nnew     " + line;
    }
    return text;
}

}  // namespace

TEST_CASE("a program killed at any call leaves no trace in what sagas do", "[saga][redo]") {
    fate whole;
    auto const expected = live(whole);
    REQUIRE(whole.calls > 40);
    for (bool const after : {false, true}) {
        for (int at = 0; at < whole.calls; ++at) {
            fate end{0, at, after};
            INFO("killed " << (after ? "after" : "before") << " call " << at);
            CHECK(differences(expected, live(end)) == "");
        }
    }
}

// Without anybody who has them resumed, and looked at again after each end.
TEST_CASE("an instance that is parked is seen to be, whoever was killed", "[saga][redo]") {
    auto const parks = [](recount::application& app, std::string const& which) {
        trouble::none();
        app.dispatch(open{{"a"}, eur(10000)}, {.key = "1"}).value();
        app.dispatch(open{{"b"}, eur(0)}, {.key = "2"}).value();
        if (which == "react") trouble::react_throws_for = "t";
        if (which == "route") trouble::route_throws_for = "t";
        if (which == "failed") trouble::failed_throws = true;
        auto const much = which == "failed" ? eur(99999) : eur(100);
        app.dispatch(request{{"t"}, {"a"}, {"b"}, much}, {.key = "3"}).value();
    };
    std::string const which = GENERATE("react", "route", "failed");
    bool killed_one = true;
    for (bool const after : {false, true}) {
        killed_one = true;
        for (int at = 0; killed_one; ++at) {
            world here;
            fate none;
            here.with_program(none, [&](auto& app) { parks(app, which); });
            fate end{0, at, after};
            killed_one = false;
            try {
                here.with_program(end, [](auto& app) { app.run_sagas(); });
            } catch (killed const&) {
                killed_one = true;
                here.clock.advance(11s);
                here.with_program(none, [](auto& app) { app.run_sagas(); });
            }
            INFO(which << ", killed " << (after ? "after" : "before") << " call " << at);
            auto const list = here.store->list_instances({});
            REQUIRE(list.size() == 1);
            REQUIRE(list.front().status == saga_status::parked);
        }
    }
    trouble::none();
}

TEST_CASE("a command of a timer that history has not set is not sent", "[saga][redo]") {
    trouble::none();
    bool killed_one = true;
    for (bool const after : {false, true}) {
        killed_one = true;
        for (int at = 0; killed_one; ++at) {
            world here;
            fate none;
            recount::uuid asked;
            here.with_program(none, [&](auto& app) {
                app.dispatch(open{{"b"}, eur(0)}).value();
                asked = app.dispatch(request{{"t"}, {"nobody"}, {"b"}, eur(1)}).value().events[0];
                app.run_sagas();
            });
            here.clock.advance(1h);
            fate end{0, at, after};
            killed_one = false;
            try {
                here.with_program(end, [](auto& app) { app.run_sagas(); });
            } catch (killed const&) {
                killed_one = true;
            }
            here.clock.advance(11s);
            here.with_program(none, [&](auto& app) {
                app.apply(recount::restructure{"none"}.because("a test").by("ines").exclude(asked));
                app.run_sagas();
            });
            INFO("killed " << (after ? "after" : "before") << " call " << at);
            bool taken_back = false;
            recount::stream_name const own{"$saga.transfer-t"};
            for (auto const& e : here.log->read_stream(own).events) {
                if (e.type != recount::detail::saga_repaired) continue;
                for (auto const& one : recount::detail::repaired_from_json(e.payload).differences) {
                    taken_back = taken_back ||
                                 (one.did && one.did->command.name == "transfer.fail" &&
                                  one.what == recount::detail::repair_kind::withdrawn);
                }
            }
            auto const rows = here.log->read_stream(recount::stream_name{"transfer-t"}).events;
            REQUIRE_FALSE((taken_back && rows.back().type == "transfer.failed"));
            REQUIRE(here.store->list_messages({.status = recount::message_status::waiting,
                                               .kind = recount::message_kind::command})
                        .empty());
        }
    }
}
