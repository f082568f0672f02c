// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Commands that are appended together with the step of the saga that they come from.
#include <algorithm>
#include <chrono>

#include "saga/one_append.hpp"
#include "support/catch.hpp"
#include "support/transfer_world.hpp"

namespace {

using namespace transfers;
using recount::commit;

// Each append of a run, as the types of its events.
std::vector<std::vector<std::string>> appends_of_run(world& here) {
    std::vector<std::vector<std::string>> appends;
    here.log->before_commits = [&](std::span<commit const> commits) {
        auto& types = appends.emplace_back();
        for (auto const& c : commits) types.push_back(c.events.front().type);
    };
    here.app.run_sagas();
    here.log->before_commits = nullptr;
    return appends;
}

commit step(std::string const& instance) {
    commit c;
    c.events.push_back({recount::stream_name::of("$saga.s", instance), "$saga.reacted", 1, {}, {}});
    return c;
}
commit command(std::string const& stream) {
    commit c;
    c.events.push_back({recount::stream_name::of("account", stream), "account.debited", 1, {}, {}});
    return c;
}

}  // namespace

TEST_CASE("a transfer that goes well is an append a step, and no command waits", "[saga]") {
    world here;
    here.ask("t", 3'000);
    auto const appends = appends_of_run(here);
    using types = std::vector<std::string>;
    REQUIRE(appends.size() == 3);
    CHECK(appends[0] == types{"$saga.reacted", "account.debited"});
    CHECK(appends[1] == types{"$saga.reacted", "account.credited"});
    CHECK(appends[2] == types{"$saga.reacted", "transfer.done"});
    CHECK(here.balance("b") == eur(3'000));
    CHECK(here.store->list_messages({.kind = recount::message_kind::command}).empty());
    CHECK(here.store->list_messages({.kind = recount::message_kind::effect}).size() == 1);
}

TEST_CASE("several transfers from one account go in one append, each behind the other", "[saga]") {
    world here;
    for (auto const* transfer : {"t", "u", "v"}) here.ask(transfer, 1'000);
    CHECK(appends_of_run(here).size() == 3);
    CHECK(here.balance("a") == eur(7'000));
    CHECK(here.balance("b") == eur(3'000));
}

TEST_CASE("who writes to an account in between costs its transfers another look, and no pause",
          "[saga]") {
    world here;
    constexpr int transfers = 60;
    for (int i = 0; i < transfers; ++i) here.ask(std::to_string(i), 100);
    auto const pay_in = [&] {
        commit c;
        c.events.push_back({recount::stream_name{"account-a"}, "account.credited", 1,
                            recount::describe::to_json(credited{{"a"}, {"gift"}, eur(1)}), {}});
        static_cast<void>(here.log->inner.append(c));
    };
    int gifts = 1;
    SECTION("before: what the program has in memory is old") { pay_in(); }
    SECTION("when the first of them are appended") {
        here.log->before_commits = [&](auto const&) {
            here.log->before_commits = nullptr;
            pay_in();
        };
    }
    SECTION("several times") {
        gifts = 0;
        here.log->before_commits = [&](auto const&) {
            if (++gifts == 5) here.log->before_commits = nullptr;
            pay_in();
        };
    }
    int pauses = 0;
    recount::saga_run_hooks hooks;
    hooks.paused = [&](recount::error const&) { ++pauses; };
    here.app.run(recount::saga_of<transfer>(), {.until_quiet = true}, hooks);
    here.log->before_commits = nullptr;
    CHECK(pauses == 0);
    CHECK(here.balance("b") == eur(transfers * 100));
    CHECK(here.balance("a") == eur(10'000 - transfers * 100 + gifts));
    CHECK(here.store->list_messages({.kind = recount::message_kind::command}).empty());
}

TEST_CASE("a saga with nothing to do says that it goes on after a failure", "[saga]") {
    world here;
    here.app.run_sagas();
    int failures = 2;
    here.log->before_read_feed = [&] {
        if (failures-- > 0) throw recount::error{recount::errc::database_unreachable, "", {}, true};
    };
    bool stands_still = false;
    bool goes_on = false;
    auto const late = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    recount::saga_run_hooks hooks;
    hooks.paused = [&](recount::error const&) { stands_still = true; };
    hooks.progress = [&](recount::position) { goes_on = stands_still; };
    hooks.stop_wanted = [&] { return goes_on || std::chrono::steady_clock::now() > late; };
    here.app.run(recount::saga_of<transfer>(), {.pause_max = std::chrono::milliseconds{10}}, hooks);
    here.log->before_read_feed = nullptr;
    CHECK(stands_still);
    CHECK(goes_on);
}

TEST_CASE("a timer that is found in a stream and cancelled is gone from the tables", "[saga]") {
    world here;
    // From an account that nobody has opened: it is tried again later, and the timer is set.
    here.app.dispatch(request{{"t"}, {"c"}, {"b"}, eur(5)}).value();
    here.app.run_sagas();
    REQUIRE(here.store->list_timers({}).size() == 1);
    here.app.dispatch(cancel{{"t"}}).value();
    // A program that died before it had moved the checkpoint; another one reads page by page.
    auto const at = here.store->read_checkpoint("transfer");
    REQUIRE(here.store->write("transfer", at, {0, {}, at.epoch}, {}));
    here.worker(here.log, here.store)
        .run(recount::saga_of<transfer>(), {.until_quiet = true, .page_events = 1});
    CHECK(here.store->list_timers({}).empty());
}

TEST_CASE("what is refused is decided again when it is sent", "[saga]") {
    world here;
    here.ask("t", 6'000);
    here.ask("u", 6'000);
    here.app.run_sagas();
    CHECK(here.balance("a") == eur(4'000));
    CHECK(here.balance("b") == eur(6'000));
    CHECK(here.store->list_messages({.kind = recount::message_kind::command}).empty());
}

TEST_CASE("a command whose step loses its place is not written", "[saga]") {
    world here;
    here.ask("t", 3'000);
    int both = 0;
    here.log->before_commits = [&](std::span<commit const> commits) {
        if (both++ > 0) return;
        REQUIRE(commits.size() == 2);
        // Somebody ends the instance at the last moment, before it has begun.
        commit other;
        other.of_framework = true;
        other.events.push_back({commits[0].events[0].stream, "$saga.ended", 1,
                                recount::json_text::trusted(R"({"because":"no"})"), {}});
        static_cast<void>(here.log->inner.append(other));
    };
    here.app.run_sagas();
    here.log->before_commits = nullptr;
    CHECK(both > 0);
    CHECK(here.balance("a") == eur(10'000));
}

TEST_CASE("steps and commands in one append", "[saga]") {
    std::vector<commit> const steps{step("x"), step("y"), step("z")};
    recount::outbox_message const of_x, of_y, of_z;
    std::vector<recount::detail::command_at_once> const at_once{
        {&of_x, 0, true}, {&of_y, 1, true}, {&of_z, 2, true}};
    std::vector<std::size_t> const index{0, 1, 2};
    auto const place_of = [](auto const& one, recount::uuid const& id) {
        auto const found = std::ranges::find(one.commits, id, &commit::id);
        return static_cast<std::size_t>(found - one.commits.begin());
    };
    SECTION("a command follows its step") {
        auto const sent = command("a");
        auto const one = recount::detail::in_one(steps, at_once, index, {sent, {}, {}});
        REQUIRE(one.commits.size() == 4);
        auto const at = place_of(one, sent.id);
        CHECK(one.commits[at].follows == steps[0].id);
        CHECK(place_of(one, steps[0].id) < at);
        CHECK(one.commands == std::vector<std::size_t>{at});
    }
    SECTION("of two on one stream the step of the second follows the command of the first") {
        auto const first = command("a");
        auto second = command("a");
        second.follows = first.id;
        auto const one = recount::detail::in_one(steps, at_once, index, {first, {}, second});
        REQUIRE(one.commits.size() == 5);
        auto const its_step = place_of(one, steps[2].id);
        CHECK(one.commits[its_step].follows == first.id);
        CHECK(place_of(one, first.id) < its_step);
        CHECK(one.commits[place_of(one, second.id)].follows == steps[2].id);
        CHECK(its_step < place_of(one, second.id));
    }
    SECTION("results find the way back") {
        auto const sent = command("a");
        auto chained = command("a");
        chained.follows = sent.id;
        auto const one = recount::detail::in_one(steps, at_once, index, {sent, chained, {}});
        std::vector<recount::append_result> results;
        for (auto const& c : one.commits) {
            recount::appended done;
            done.events.push_back({"", 1, c.id, {}});
            results.emplace_back(done);
        }
        auto const id = [](auto const& r) { return std::get<recount::appended>(r).events[0].id; };
        auto const of_steps = one.of_steps(results);
        auto const of_commands = one.of_commands(results);
        REQUIRE(of_steps.size() == 3);
        REQUIRE(of_commands.size() == 2);
        for (std::size_t i = 0; i < 3; ++i) CHECK(id(of_steps[i]) == steps[i].id);
        CHECK(id(of_commands[0]) == sent.id);
        CHECK(id(of_commands[1]) == chained.id);
    }
}
