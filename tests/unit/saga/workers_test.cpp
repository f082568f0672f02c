// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Several programs that run one saga: one of them stands still for longer than its lease, or dies,
// and another goes on. What a command became is said once, whoever says it.
#include <recount/saga/operations.hpp>

#include "support/catch.hpp"
#include "support/fated.hpp"
#include "support/transfer_world.hpp"

namespace {

using namespace transfers;
using recount::saga_status;
using recount::tests::fate;
using recount::tests::fated_log;
using recount::tests::fated_store;
using recount::tests::killed;

struct one_transfer : world {
    void ask(std::int64_t cents) { world::ask("t", cents); }
    std::vector<std::string> types() {
        std::vector<std::string> all;
        auto const page = log->read_stream(recount::stream_name{"$saga.transfer-t"}, {});
        for (auto const& e : page.events) all.push_back(e.type);
        return all;
    }
    std::size_t refusals() {
        auto const all = types();
        return static_cast<std::size_t>(std::count(all.begin(), all.end(), "$saga.refused"));
    }
    saga_status status() {
        auto const found = store->find_instance("transfer", "t");
        REQUIRE(found);
        return found->status;
    }
    std::size_t waiting() {
        return store->list_messages({.status = recount::message_status::waiting,
                                     .kind = recount::message_kind::command})
            .size();
    }
    // What happens just before a refusal is written down for the first time.
    void before_refusal(std::function<void()> act) {
        log->before_commits = [this, act](std::span<recount::commit const> commits) {
            auto const refuses = [](auto const& c) {
                return c.events.front().type == "$saga.refused";
            };
            if (!std::any_of(commits.begin(), commits.end(), refuses)) return;
            log->before_commits = nullptr;
            act();
        };
    }
    // Another program, after the lease of the first one is over.
    void another_goes_on() {
        clock.advance(11s);
        worker(log, store).run_sagas();
    }
};

}  // namespace

TEST_CASE("a verdict on a command that another worker had accepted is not written",
          "[saga][workers]") {
    one_transfer here;
    here.app.dispatch(shut{{"b"}}).value();
    here.ask(3000);
    here.before_refusal([&] {
        here.app.dispatch(shut{{"b"}, false}).value();
        here.another_goes_on();
        CHECK(here.balance("b") == eur(3000));
    });
    here.app.run_sagas();
    here.clock.advance(1min);
    here.app.run_sagas();
    CHECK(here.balance("a") == eur(7000));   // not taken back
    CHECK(here.balance("b") == eur(3000));
    CHECK(here.refusals() == 0);
    CHECK(here.status() == saga_status::ended);
    CHECK(here.waiting() == 0);
}

TEST_CASE("a command that is given up cannot be accepted by a worker that has it still",
          "[saga][workers]") {
    one_transfer here;
    here.app.dispatch(shut{{"b"}}).value();
    here.ask(3000);
    here.before_refusal([&] {
        // The other one meets the same refusal, and says what follows from it.
        here.another_goes_on();
        CHECK(here.balance("a") == eur(10000));
        here.app.dispatch(shut{{"b"}, false}).value();
    });
    here.app.run_sagas();
    here.clock.advance(1min);
    here.app.run_sagas();
    CHECK(here.balance("a") == eur(10000));
    CHECK(here.balance("b") == eur(0));
    CHECK(here.refusals() == 1);
    CHECK(here.status() == saga_status::ended);
    CHECK(here.waiting() == 0);
}

TEST_CASE("tables that are made anew send no command that was given up", "[saga][workers]") {
    one_transfer here;
    here.ask(30000);
    here.app.run_sagas();
    CHECK(here.refusals() == 1);
    here.app.dispatch(credit{{"a"}, {"gift"}, eur(90000)}).value();
    auto const anew = std::make_shared<recount::memory_saga_store>(here.clock);
    here.worker(here.log, anew).run_sagas();
    CHECK(here.balance("a") == eur(100000));
    CHECK(here.refusals() == 1);
    CHECK(anew->list_messages({}).empty());
    CHECK(anew->list_timers({}).empty());
}

TEST_CASE("an event that finds its way late is told once, whatever was refused since",
          "[saga][workers]") {
    one_transfer here;
    trouble::route_throws_for = "t";
    here.ask(30000);
    here.app.run_sagas();
    auto const parked = here.store->list_instances({.status = saga_status::parked});
    REQUIRE(parked.size() == 1);
    trouble::none();
    recount::resume_instance(*here.log, "transfer", parked.front().instance,
                             {.because = "mended"});
    bool given = false;
    recount::saga_run_hooks hooks;
    hooks.progress = [&](recount::position) {
        if (given || here.refusals() == 0) return;
        given = true;
        here.app.dispatch(credit{{"a"}, {"gift"}, eur(90000)}).value();
    };
    here.app.run(recount::saga_of<transfer>(), {.until_quiet = true}, hooks);
    CHECK(given);
    CHECK(here.balance("a") == eur(100000));
    CHECK(here.refusals() == 1);
    CHECK(here.status() == saga_status::ended);
    CHECK(here.waiting() == 0);
}

TEST_CASE("a refusal that another worker has written counts for what a worker has in memory",
          "[saga][workers]") {
    one_transfer here;
    here.ask(30000);
    trouble::failed_throws = true;   // so that it parks
    bool killed_one = false;
    recount::saga_run_hooks hooks;
    hooks.progress = [&](recount::position) {
        if (killed_one) return;
        killed_one = true;
        fate end{.at = 1, .after = true};   // it has claimed the command, and written the refusal
        auto other = here.worker(std::make_shared<fated_log>(*here.log, end),
                                 std::make_shared<fated_store>(*here.store, end));
        try {
            other.run_sagas();
        } catch (killed const&) {   // NOLINT: that is what happens
        }
        REQUIRE(here.refusals() == 1);
        here.clock.advance(11s);
        here.app.dispatch(credit{{"a"}, {"gift"}, eur(90000)}).value();
    };
    here.app.run(recount::saga_of<transfer>(), {.until_quiet = true}, hooks);
    CHECK(killed_one);
    CHECK(here.status() == saga_status::parked);
    CHECK(here.balance("a") == eur(100000));   // it waits for a person
    CHECK(here.refusals() == 1);
}
