// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Two programs run the same sagas. At any call of the one to the log or the tables it stands still
// for so long that its claims run out, and the other does everything meanwhile; then it goes on
// with what it holds. In the end all is as if there had been one, whatever became possible since.
#include <algorithm>
#include <iterator>

#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/saga/limits.hpp>
#include <recount/saga/memory_saga_store.hpp>
#include <recount/saga/operations.hpp>
#include <recount/testing/sandbox.hpp>

#include "support/catch.hpp"
#include "support/fated.hpp"
#include "support/transfer_domain.hpp"

namespace {

using namespace transfers;
using recount::tests::fate;
using recount::tests::fated_log;
using recount::tests::fated_store;

class world {
public:
    // The call at which the first program stands still, before or after it has had its effect.
    world(int at, bool after) {
        trouble::none();
        end_.at = at;
        end_.after = after;
        end_.interlude = [this] {
            clock_.advance(recount::limits::saga_lease + 1s);
            program(other_).run_sagas();
            enrich();
        };
    }

    std::vector<std::string> live() {
        ask();
        auto first = program(end_);
        for (auto const at : {1s, 62s, 7'200s}) chapter(first, at);
        enrich();
        chapter(first, 3h);
        return summary();
    }
    [[nodiscard]] int calls() const noexcept { return end_.calls; }

private:
    recount::testing::test_clock clock_;
    std::shared_ptr<recount::memory::log> log_ =
        std::make_shared<recount::memory::log>("main", clock_);
    std::shared_ptr<recount::memory_saga_store> store_ =
        std::make_shared<recount::memory_saga_store>(clock_);
    fate end_;
    fate other_{};

    recount::application program(fate& of) {
        return {recount::testing::parts_of<account, order, transfer, notices>(),
                std::make_shared<fated_log>(*log_, of),
                std::make_shared<recount::memory_row_store>(),
                {.program = "bank",
                 .clock = clock_,
                 .sagas = std::make_shared<fated_store>(*store_, of)}};
    }

    void chapter(recount::application& app, recount::duration at) {
        auto const then = recount::testing::first_of_2026 + at;
        if (clock_() < then) clock_.set(then);
        app.run_sagas();
    }

    // One that goes well, one that comes back, one that is refused for good, and one from an
    // account that nobody opens before its time is up.
    void ask() {
        auto app = program(other_);
        app.dispatch(open{{"a"}, eur(1'000)}, {.key = "1"}).value();
        app.dispatch(open{{"b"}, eur(0)}, {.key = "2"}).value();
        app.dispatch(open{{"shut"}, eur(0)}, {.key = "3"}).value();
        app.dispatch(shut{{"shut"}}, {.key = "4"}).value();
        app.dispatch(request{{"good"}, {"a"}, {"b"}, eur(100)}, {.key = "5"}).value();
        app.dispatch(request{{"back"}, {"a"}, {"shut"}, eur(200)}, {.key = "6"}).value();
        app.dispatch(request{{"much"}, {"a"}, {"b"}, eur(5'000)}, {.key = "7"}).value();
        app.dispatch(request{{"slow"}, {"c"}, {"b"}, eur(300)}, {.key = "8"}).value();
    }

    // From now on nothing would be refused, if it were tried once more.
    void enrich() {
        auto app = program(other_);
        app.dispatch(credit{{"a"}, {"gift"}, eur(90'000)}, {.key = "9"}).value();
        app.dispatch(shut{{"shut"}, false}, {.key = "10"}).value();
        bool const time_is_up = clock_() > recount::testing::first_of_2026 + 1h;
        if (time_is_up) app.dispatch(open{{"c"}, eur(90'000)}, {.key = "11"}).value();
    }

    // Which of two transfers comes to an account first is nobody's promise.
    std::vector<std::string> summary() {
        std::vector<std::string> lines;
        for (auto const& e : log_->read_feed(0, {}, 1'000).events) {
            if (!e.type.starts_with('$')) lines.push_back(e.stream + " " + e.type + e.payload);
        }
        for (auto const& i : store_->list_instances({})) {
            lines.push_back(i.saga + " " + i.instance + " " + std::string{to_string(i.status)});
            auto const told = recount::instance_steps(*log_, i.saga, i.instance);
            CHECK(told.status == i.status);
            CHECK(told.steps.back().version == i.version);
        }
        for (auto const& t : store_->list_timers({})) lines.push_back(t.instance + " " + t.name);
        for (auto const& m : store_->list_messages({})) {
            lines.push_back(std::string{to_string(m.status)} + " " + m.saga + m.instance + m.type +
                            m.body);
        }
        std::sort(lines.begin(), lines.end());
        return lines;
    }
};

std::string only_in(std::vector<std::string> const& these, std::vector<std::string> const& those) {
    std::vector<std::string> left;
    std::set_difference(these.begin(), these.end(), those.begin(), those.end(),
                        std::back_inserter(left));
    std::string text;
    for (auto const& line : left) text += "\n" + line;
    return text;
}

}  // namespace

TEST_CASE("a program that goes on with what another one has done meanwhile changes nothing",
          "[saga][redo]") {
    world alone{-1, false};
    auto const expected = alone.live();
    REQUIRE(std::count(expected.begin(), expected.end(), "transfer good ended") == 1);
    REQUIRE(std::count(expected.begin(), expected.end(), "transfer much ended") == 1);
    REQUIRE(std::count(expected.begin(), expected.end(), "transfer slow ended") == 1);
    REQUIRE(alone.calls() > 30);
    for (bool const after : {false, true}) {
        for (int at = 0; at < alone.calls(); ++at) {
            INFO("the first stands still " << (after ? "after" : "before") << " call " << at);
            world both{at, after};
            auto const found = both.live();
            CHECK(only_in(found, expected) == "");
            CHECK(only_in(expected, found) == "");
        }
    }
}
