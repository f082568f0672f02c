// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What sagas do, seen through an application in memory.
#include <recount/saga/operations.hpp>

#include "support/caught.hpp"
#include "support/transfer_domain.hpp"

#include <recount/testing/sandbox.hpp>

namespace {

using namespace transfers;
using recount::errc;
using recount::error;
using recount::message_kind;
using recount::message_status;
using recount::saga_status;
using recount::testing::in_memory;
using recount::testing::sandbox;
using recount::tests::caught;

struct bank {
    sandbox box = in_memory<account, order, transfer>("bank");

    bank() {
        trouble::none();
        box.dispatch(open{{"a"}, eur(10000)}).value();
        box.dispatch(open{{"b"}, eur(0)}).value();
    }
    ~bank() { trouble::none(); }
    bank(bank const&) = delete;
    bank& operator=(bank const&) = delete;

    void ask(std::string const& id, std::int64_t cents, std::string const& from = "a",
             std::string const& to = "b") {
        box.dispatch(request{{id}, {from}, {to}, eur(cents)}).value();
    }
    money balance(std::string const& of) { return box.state<account>({of}).balance; }
    recount::saga_store& tables() { return box.application().saga_tables(); }
    recount::saga_instance row(std::string const& id) {
        auto found = tables().find_instance("transfer", id);
        REQUIRE(found);
        return *found;
    }
    recount::saga_steps steps(std::string const& id) {
        return recount::instance_steps(box.log(), "transfer", id);
    }
    std::vector<std::string> texts(std::string const& id) {
        std::vector<std::string> all;
        for (auto const& step : steps(id).steps) all.push_back(step.text);
        return all;
    }
    std::size_t waiting_commands() {
        return tables()
            .list_messages({.status = message_status::waiting, .kind = message_kind::command})
            .size();
    }
    std::vector<recount::outbox_message> effects() {
        return tables().list_messages({.kind = message_kind::effect});
    }
    std::size_t timers() { return tables().list_timers({}).size(); }
    void resume(std::string const& id) {
        recount::resume_instance(box.log(), "transfer", id, {.actor = "ada", .because = "mended"});
    }
    std::vector<std::string> types_of(std::string const& id) {
        std::vector<std::string> all;
        for (auto const& e : box.events("$saga.transfer-" + id)) all.push_back(e.type);
        return all;
    }
};

using strings = std::vector<std::string>;

}  // namespace

TEST_CASE("a transfer moves money from one account to the other", "[saga]") {
    bank here;
    here.ask("t1", 3000);
    here.box.run_sagas();
    CHECK(here.balance("a") == eur(7000));
    CHECK(here.balance("b") == eur(3000));
    CHECK(here.box.state<order>({"t1"}).is_over);
    CHECK(here.row("t1").status == saga_status::ended);
    CHECK(here.row("t1").version == 3);
    CHECK(here.waiting_commands() == 0);
    CHECK(here.timers() == 0);
    REQUIRE(here.effects().size() == 1);
    auto const notice = here.effects().front();
    CHECK(notice.type == "transfer.notice");
    CHECK(notice.order_key == "b");
    CHECK(notice.body == R"({"type":"transfer.notice","schema_version":1,"payload":)"
                         R"({"transfer":"t1","amount":{"minor":3000,"currency":"EUR"}}})");
    CHECK(here.texts("t1") ==
          strings{"transfer.requested at position 3 -> account.debit (undo: account.refund), timer "
                  "transfer.timed_out due 2026-01-01T01:00:00.000000Z",
                  "account.debited at position 5 -> account.credit",
                  "account.credited at position 7 -> effect transfer.notice, transfer.complete, "
                  "end"});
    here.box.run_sagas();
    CHECK(here.steps("t1").steps.size() == 3);
}

TEST_CASE("what a saga causes says so in its metadata", "[saga]") {
    bank here;
    auto const asked = here.box.dispatch(request{{"t1"}, {"a"}, {"b"}, eur(1)}).value();
    here.box.run_sagas();
    for (auto const& e : here.box.events()) {
        if (e.type.starts_with("account.opened")) continue;
        auto const meta = recount::metadata_from_json(e.meta);
        INFO(e.type << " " << e.meta);
        CHECK(meta.correlation == recount::command_id_of(asked.events.front()));
        if (e.type != "transfer.requested") CHECK(meta.causation);
        if (e.type == "account.debited") CHECK(meta.actor == "$saga.transfer");
    }
}

TEST_CASE("the credit that is refused is made up for", "[saga]") {
    bank here;
    here.box.dispatch(shut{{"b"}}).value();
    here.ask("t1", 3000);
    here.box.run_sagas();
    CHECK(here.balance("a") == eur(10000));
    CHECK(here.balance("b") == eur(0));
    CHECK(here.box.events("account-a").size() == 3);   // opened, debited, refunded
    CHECK(here.row("t1").status == saga_status::ended);
    CHECK(here.timers() == 0);
    CHECK(here.texts("t1").at(2) == "account.credit was refused (not_open): compensate: "
                                    "account.refund");
    CHECK(here.box.events("transfer-t1").back().type == "transfer.failed");
}

TEST_CASE("a command is sent again when the verdict says so, and not before", "[saga]") {
    bank here;
    here.ask("t1", 3000, "c", "b");
    here.box.run_sagas();
    CHECK(here.row("t1").status == saga_status::running);
    CHECK(here.waiting_commands() == 1);
    here.box.advance(59s);
    here.box.run_sagas();
    CHECK(here.steps("t1").steps.size() == 2);
    here.box.dispatch(open{{"c"}, eur(5000)}).value();
    here.box.advance(1s);
    here.box.run_sagas();
    CHECK(here.balance("c") == eur(2000));
    CHECK(here.balance("b") == eur(3000));
    CHECK(here.row("t1").status == saga_status::ended);
}

TEST_CASE("a verdict may skip the command and end the saga", "[saga]") {
    bank here;
    here.ask("t1", 30000);
    here.box.run_sagas();
    CHECK(here.row("t1").status == saga_status::ended);
    CHECK(here.waiting_commands() == 0);
    CHECK(here.timers() == 0);
    CHECK(here.texts("t1").back() == "account.debit was refused (overdrawn): skip: end");
}

TEST_CASE("an instance that is parked goes on where it stood", "[saga]") {
    bank here;
    here.ask("t1", 3000, "c", "b");
    for (int attempt = 0; attempt < 3; ++attempt) {
        here.box.run_sagas();
        here.box.advance(1min);
    }
    CHECK(here.row("t1").status == saga_status::parked);
    CHECK(here.row("t1").because == "account.debit was refused: not_open");
    CHECK(here.waiting_commands() == 1);
    here.box.advance(5min);
    here.box.run_sagas();
    CHECK(here.steps("t1").steps.size() == 4);   // no attempt more
    here.box.dispatch(open{{"c"}, eur(5000)}).value();
    here.resume("t1");
    here.box.run_sagas();
    CHECK(here.balance("c") == eur(2000));
    CHECK(here.balance("b") == eur(3000));
    CHECK(here.row("t1").status == saga_status::ended);
    CHECK(here.steps("t1").steps.at(4).actor == "ada");
}

TEST_CASE("without a verdict, because failed() throws, the instance is parked", "[saga]") {
    bank here;
    here.ask("t1", 30000);
    trouble::failed_throws = true;
    here.box.run_sagas();
    CHECK(here.row("t1").status == saga_status::parked);
    CHECK(here.row("t1").because.find("a bug") != std::string::npos);
    trouble::none();
    here.resume("t1");
    here.box.run_sagas();
    CHECK(here.row("t1").status == saga_status::ended);
}

TEST_CASE("a timer fires once, and never early", "[saga]") {
    bank here;
    here.ask("t1", 3000, "c", "b");   // from an account that never comes
    here.box.run_sagas();
    CHECK(here.timers() == 1);
    here.box.advance(1h - 1us);
    here.box.run_sagas();
    CHECK(here.timers() == 1);
    here.box.advance(1us);
    here.box.run_sagas();
    CHECK(here.timers() == 0);
    CHECK(here.row("t1").status == saga_status::ended);
    CHECK(here.box.state<order>({"t1"}).is_over);
    here.box.advance(48h);
    here.box.run_sagas();
    CHECK(here.box.events("transfer-t1").size() == 2);
}

TEST_CASE("a timer of a parked instance waits with it", "[saga]") {
    bank here;
    here.ask("t1", 3000, "c", "b");
    for (int attempt = 0; attempt < 3; ++attempt) {
        here.box.run_sagas();
        here.box.advance(1min);
    }
    here.box.advance(1h);
    here.box.run_sagas();
    CHECK(here.timers() == 0);
    CHECK(here.steps("t1").status == saga_status::parked);
    CHECK(here.steps("t1").waiting == 1);
    CHECK_FALSE(here.box.state<order>({"t1"}).is_over);
    here.resume("t1");
    here.box.run_sagas();
    CHECK(here.box.state<order>({"t1"}).is_over);
    CHECK(here.row("t1").status == saga_status::ended);
}

TEST_CASE("a timer that was cancelled does not fire", "[saga]") {
    bank here;
    here.ask("t1", 3000, "c", "b");
    here.box.run_sagas();
    here.box.dispatch(transfers::cancel{{"t1"}}).value();
    here.box.run_sagas();
    CHECK(here.timers() == 0);
    here.box.advance(2h);
    here.box.run_sagas();
    CHECK(here.box.events("transfer-t1").size() == 2);
}

TEST_CASE("one that throws is parked alone, what comes for it waits in order", "[saga]") {
    bank here;
    trouble::react_throws_for = "bad";
    here.ask("bad", 100);
    here.ask("good", 200);
    here.box.dispatch(transfers::cancel{{"bad"}}).value();
    here.box.run_sagas();
    CHECK(here.row("good").status == saga_status::ended);
    CHECK(here.row("bad").status == saga_status::parked);
    CHECK(here.row("bad").because == "a bug");
    CHECK(here.steps("bad").waiting == 2);
    CHECK(here.balance("a") == eur(9800));

    SECTION("resumed while the bug is still there, it is parked again") {
        here.resume("bad");
        here.box.run_sagas();
        CHECK(here.row("bad").status == saga_status::parked);
        CHECK(here.steps("bad").waiting == 2);
    }
    trouble::none();
    here.resume("bad");
    here.ask("late", 1);
    here.box.run_sagas();
    CHECK(here.row("bad").status == saga_status::ended);
    CHECK(here.row("late").status == saga_status::ended);
    CHECK(here.balance("a") == eur(9699));
    CHECK(here.timers() == 0);   // of `requested`, cancelled by what came behind it
}

TEST_CASE("an evolve that throws leaves no half of a state behind", "[saga]") {
    bank here;
    here.ask("t1", 3000, "c", "b");
    here.box.run_sagas();
    trouble::evolve_throws_for = "t1";
    here.box.dispatch(transfers::cancel{{"t1"}}).value();
    here.box.run_sagas();
    CHECK(here.row("t1").status == saga_status::parked);
    CHECK(here.timers() == 1);   // what the reaction would have cancelled
    trouble::none();
    here.resume("t1");
    here.box.run_sagas();
    CHECK(here.timers() == 0);
    CHECK(here.types_of("t1") == strings{"$saga.reacted", "$saga.refused", "$saga.held",
                                         "$saga.parked", "$saga.resumed", "$saga.reacted"});
}

TEST_CASE("a state that cannot be told again parks its instance", "[saga]") {
    bank here;
    here.ask("t1", 3000, "c", "b");
    here.ask("t2", 100);
    here.box.run_sagas();
    trouble::evolve_throws_for = "t1";
    // Another run: nothing is in memory any more.
    here.box.dispatch(transfers::cancel{{"t1"}}).value();
    here.box.run_sagas();
    CHECK(here.row("t1").status == saga_status::parked);
    trouble::none();
    here.resume("t1");
    here.box.run_sagas();
    CHECK(here.row("t1").status == saga_status::running);
    CHECK(here.timers() == 0);
}

TEST_CASE("a strict route that does not hold parks, and a person may have it done", "[saga]") {
    bank here;
    SECTION("must_start, and there is one already") {
        here.ask("t1", 3000, "c", "b");
        here.box.run_sagas();
        here.ask("t1", 3000, "a", "b");
        here.box.run_sagas();
        CHECK(here.row("t1").status == saga_status::parked);
        CHECK(here.row("t1").because ==
              "transfer.requested must start a new instance, and there is one already");
        here.resume("t1");
        here.box.run_sagas();
        CHECK(here.steps("t1").waiting == 0);
    }
    SECTION("must_exist, and there is none") {
        here.box.dispatch(debit{{"a"}, {"t9"}, eur(10)}).value();
        here.box.run_sagas();
        CHECK(here.row("t9").status == saga_status::parked);
        CHECK(here.row("t9").because ==
              "account.debited needs an instance that is there, and there is none");
        recount::end_instance(here.box.log(), "transfer", "t9", {.because = "it was by hand"});
        here.box.run_sagas();
        CHECK(here.row("t9").status == saga_status::ended);
        CHECK(here.row("t9").because == "it was by hand");
    }
    SECTION("continues, and there is none: passed over") {
        here.box.dispatch(transfers::cancel{{"t9"}}).value();
        here.box.run_sagas();
        CHECK_FALSE(here.tables().find_instance("transfer", "t9"));
        CHECK(here.box.events("$saga.transfer-t9").empty());
    }
}

TEST_CASE("an event that cannot be routed waits by itself, and finds its way later", "[saga]") {
    bank here;
    trouble::route_throws_for = "t1";
    here.ask("t1", 3000);
    here.ask("t2", 100);
    here.box.run_sagas();
    CHECK(here.row("t2").status == saga_status::ended);
    auto const parked = here.tables().list_instances({.status = saga_status::parked});
    REQUIRE(parked.size() == 1);
    auto const event = here.box.events("transfer-t1").front();
    CHECK(parked.front().instance == to_string(event.id));
    here.resume(parked.front().instance);
    here.box.run_sagas();
    CHECK(here.row(parked.front().instance).status == saga_status::parked);   // still a bug
    trouble::none();
    here.resume(parked.front().instance);
    here.box.run_sagas();
    CHECK(here.row(parked.front().instance).status == saga_status::ended);
    CHECK(here.row("t1").status == saga_status::ended);
    CHECK(here.balance("b") == eur(3100));
}

TEST_CASE("what is ended by hand sends nothing any more", "[saga]") {
    bank here;
    here.ask("t1", 3000, "c", "b");
    here.box.run_sagas();
    recount::end_instance(here.box.log(), "transfer", "t1",
                          {.actor = "ada", .because = "asked for by mistake"});
    here.box.run_sagas();
    CHECK(here.row("t1").status == saga_status::ended);
    CHECK(here.timers() == 0);
    CHECK(here.waiting_commands() == 0);
    here.box.dispatch(open{{"c"}, eur(5000)}).value();
    here.box.advance(2h);
    here.box.run_sagas();
    CHECK(here.balance("c") == eur(5000));
    CHECK(caught([&] {
              recount::end_instance(here.box.log(), "transfer", "t1", {.because = "again"});
          }).code() == errc::refused);
    CHECK(caught([&] {
              recount::resume_instance(here.box.log(), "transfer", "t1", {.because = "again"});
          }).code() == errc::refused);
}

TEST_CASE("an act on what is not there, or without a reason, is refused", "[saga]") {
    bank here;
    auto& log = here.box.log();
    CHECK(caught([&] { recount::resume_instance(log, "transfer", "no", {.because = "x"}); }).code() ==
          errc::not_found);
    CHECK(caught([&] { recount::end_instance(log, "transfer", "no", {}); }).code() ==
          errc::invalid_argument);
    CHECK(caught([&] { static_cast<void>(recount::instance_steps(log, "transfer", "no")); })
              .code() == errc::not_found);
}

TEST_CASE("an application without the aggregate of a saga's command is refused", "[saga]") {
    CHECK(caught([] { static_cast<void>(in_memory<account, transfer>("bank")); }).code() ==
          errc::invalid_argument);
}

TEST_CASE("a reactor answers events with commands and effects, once each", "[saga]") {
    trouble::none();
    auto box = in_memory<account, order, notices>("bank");
    box.dispatch(open{{"a"}, eur(0)}).value();
    box.dispatch(credit{{"a"}, {"x"}, eur(5)}).value();
    box.dispatch(shut{{"a"}}).value();
    box.run_sagas();
    box.run_sagas();
    CHECK(box.events("transfer-of-a").size() == 1);
    auto& tables = box.application().saga_tables();
    auto const effects = tables.list_messages({.kind = message_kind::effect});
    REQUIRE(effects.size() == 1);
    CHECK(effects.front().saga == "notices");
    CHECK(effects.front().instance.empty());
    CHECK(tables.list_instances({}).empty());
}
