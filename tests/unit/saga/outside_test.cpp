// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What comes from outside of a saga, or out of its functions, may be of any size and kind: it parks
// the instance that it is for, and the others go on.
#include <recount/core/limits.hpp>
#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/saga/memory_saga_store.hpp>
#include <recount/saga/operations.hpp>
#include <recount/testing/sandbox.hpp>

#include "support/catch.hpp"
#include "support/transfer_domain.hpp"
#include "support/wrapped_log.hpp"

namespace {

using namespace transfers;
using recount::saga_status;

// Answers each transfer that failed with a debit that is refused; what it does about that, and what
// it throws where, is the test's.
struct answering {
    using events = recount::types<transfers::failed>;
    using commands = recount::types<debit>;
    using reaction = recount::reaction<commands>;
    int seen = 0;

    static inline std::function<recount::verdict()> says;
    static inline std::string throws;      // in this function, for the transfer "t1"
    static inline bool of_no_class = false;
    static void none() {
        says = [] { return recount::skip(); };
        throws.clear();
        of_no_class = false;
    }
    static void at(std::string const& where, bool here) {
        if (where != throws || !here) return;
        if (of_no_class) throw 1;
        throw std::runtime_error{"a bug"};
    }

    static recount::route route(transfers::failed const& e) {
        at("route", e.transfer.value == "t1");
        return recount::starts(e.transfer);
    }
    static reaction react(answering const&, transfers::failed const& e) {
        at("react", e.transfer.value == "t1");
        return debit{{"nobody"}, e.transfer, {1, "EUR"}};
    }
    static void evolve(answering& a, transfers::failed const& e) {
        at("evolve", e.transfer.value == "t1");
        ++a.seen;
    }
    static recount::verdict failed(answering const&, recount::refused const& no) {
        bool const first = no.as<debit>().transfer.value == "t1";
        at("failed", first);
        return first ? says() : recount::skip();
    }
};
RECOUNT_SAGA(answering, "answering", 1, seen)

struct world {
    recount::testing::sandbox box =
        recount::testing::in_memory<account, order, answering>("bank");

    world() { answering::none(); }
    ~world() { answering::none(); }
    world(world const&) = delete;
    world& operator=(world const&) = delete;

    void say(std::string const& transfer, std::string because = "so") {
        box.dispatch(fail{{transfer}, std::move(because)}).value();
    }
    recount::saga_store& tables() { return box.application().saga_tables(); }
    std::optional<saga_status> status(std::string const& instance) {
        auto const found = tables().find_instance("answering", instance);
        if (!found) return std::nullopt;
        return found->status;
    }
    recount::saga_instance parked() {
        auto const list = tables().list_instances({.status = saga_status::parked});
        REQUIRE(list.size() == 1);
        return list.front();
    }
    void end(std::string const& instance) {
        recount::end_instance(box.log(), "answering", instance, {.because = "by hand"});
    }
    void resume(std::string const& instance) {
        recount::resume_instance(box.log(), "answering", instance, {.because = "mended"});
    }
    // Whatever is wrong with the first one.
    void others_go_on() {
        say("t2");
        box.run_sagas();
        CHECK(status("t2") == saga_status::running);
        CHECK(tables()
                  .list_messages({.saga = "answering", .instance = "t2"})
                  .empty());
    }
};

}  // namespace

TEST_CASE("an event that is too large to be kept parks its instance", "[saga][outside]") {
    world here;
    here.say("t1", std::string(recount::limits::payload_bytes_max - 100, 'x'));
    here.others_go_on();
    CHECK(here.status("t1") == saga_status::parked);
    CHECK(here.parked().because.find("are the limit") != std::string::npos);
    here.resume("t1");
    here.box.run_sagas();
    CHECK(here.status("t1") == saga_status::parked);
    here.end("t1");
    here.box.run_sagas();
    CHECK(here.status("t1") == saga_status::ended);
}

TEST_CASE("a verdict that is too large to be kept parks its instance", "[saga][outside]") {
    world here;
    answering::says = [] {
        return recount::skip().and_send(
            debit{{std::string(recount::limits::payload_bytes_max, 'x')}, {"t1"}, {1, "EUR"}});
    };
    here.say("t1");
    here.others_go_on();
    CHECK(here.status("t1") == saga_status::parked);
    CHECK(here.parked().because.find("are the limit") != std::string::npos);
}

TEST_CASE("a pause beyond all years parks its instance", "[saga][outside]") {
    auto const length = GENERATE(recount::duration::max(), recount::duration::min(),
                                 recount::duration{std::chrono::hours{24 * 365 * 9'000}});
    world here;
    answering::says = [length] { return recount::retry_in(length); };
    here.say("t1");
    here.others_go_on();
    CHECK(here.status("t1") == saga_status::parked);
    CHECK(here.parked().because.find("years 1 to 9999") != std::string::npos);
}

TEST_CASE("an event of many levels can be read again, or parks its instance", "[saga][outside]") {
    world here;
    auto const depth = static_cast<std::size_t>(GENERATE(50, 58, 60, 61, 62, 63));
    recount::commit made;
    made.events.push_back(
        {recount::stream_name{"transfer-t1"}, "transfer.failed", 1,
         recount::json_text::trusted(R"({"transfer":"t1","because":"so","more":)" +
                                     std::string(depth - 1, '[') + std::string(depth - 1, ']') +
                                     "}"),
         {}});
    here.box.log().append(made);
    here.box.run_sagas();
    // Told again, by a program that has nothing in memory.
    for (auto const& one : here.tables().list_instances({.status = saga_status::parked})) {
        here.resume(one.instance);
    }
    here.box.run_sagas();
    here.others_go_on();
}

TEST_CASE("what is thrown and is no exception parks its instance", "[saga][outside]") {
    world here;
    std::string const where = GENERATE("route", "react", "evolve", "failed");
    answering::throws = where;
    answering::of_no_class = true;
    INFO(where);
    here.say("t1");
    here.others_go_on();
    CHECK(here.parked().because.find("no exception") != std::string::npos);
    answering::none();
    here.resume(here.parked().instance);
    here.box.run_sagas();
    CHECK(here.status("t1") == saga_status::running);
}

TEST_CASE("an event that finds no way can be ended by hand, and is told to nobody then",
          "[saga][outside]") {
    world here;
    answering::throws = "route";
    here.say("t1");
    here.box.run_sagas();
    auto const instance = here.parked().instance;
    here.end(instance);
    SECTION("while the bug is there still") {}
    SECTION("when it is mended") { answering::none(); }
    here.box.run_sagas();
    CHECK(here.status(instance) == saga_status::ended);
    CHECK_FALSE(here.status("t1"));
    CHECK(here.box.events("$saga.answering-" + instance).back().type == "$saga.ended");
    here.others_go_on();
}

TEST_CASE("a timer of a saga that has none any more is not asked for all the time",
          "[saga][outside]") {
    answering::none();
    recount::testing::test_clock clock;
    auto const log = std::make_shared<recount::tests::wrapped_log>();
    auto const store = std::make_shared<recount::memory_saga_store>(clock);
    recount::application app{recount::testing::parts_of<account, order, answering>(), log,
                             std::make_shared<recount::memory_row_store>(),
                             {.program = "bank", .clock = clock, .sagas = store}};
    recount::saga_timer left;
    left.key = recount::command_id_from_key("left");
    left.saga = "answering";
    left.instance = "t1";
    left.name = left.type = "transfer.timed_out";
    left.due_at = clock();
    left.payload = R"({"transfer":"t1"})";
    store->write({.timers = {left}});
    std::vector<std::chrono::milliseconds> pauses;
    log->before_wait = [&](std::chrono::milliseconds timeout) { pauses.push_back(timeout); };
    recount::saga_run_hooks hooks;
    hooks.stop_wanted = [&] { return pauses.size() >= 3; };
    app.run(recount::saga_of<answering>(), {}, hooks);
    CHECK(*std::min_element(pauses.begin(), pauses.end()) >= std::chrono::milliseconds{10});
}
