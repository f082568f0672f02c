// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What sagas and the worker of effects tell an operator: lines and counts.
#include <recount/core/metrics.hpp>
#include <recount/effects/worker.hpp>
#include <recount/saga/counts.hpp>
#include <recount/saga/memory_saga_store.hpp>
#include <recount/testing/sandbox.hpp>

#include "support/captured_lines.hpp"
#include "support/postgres.hpp"
#include "support/transfer_domain.hpp"

using namespace std::chrono_literals;
using namespace transfers;
using recount::metrics::metric;
using recount::tests::captured_lines;
using recount::tests::eventually;

namespace {

std::int64_t count_of(metric m, std::string_view label = "transfer") {
    return recount::metrics::value(m, label);
}

struct bank {
    recount::testing::sandbox box =
        recount::testing::in_memory<account, order, transfer, notices>("bank");

    bank() {
        trouble::none();
        box.dispatch(open{{"a"}, eur(1000)}).value();
        box.dispatch(open{{"b"}, eur(0)}).value();
    }
    ~bank() { trouble::none(); }
    bank(bank const&) = delete;
    bank& operator=(bank const&) = delete;

    void pay(std::string const& id, std::int64_t cents = 10) {
        box.dispatch(request{{id}, {"a"}, {"b"}, eur(cents)}).value();
    }
    recount::saga_store& tables() { return box.application().saga_tables(); }
};

}  // namespace

TEST_CASE("a saga counts what it took up and what became of it", "[saga][metrics]") {
    bank here;
    auto const inputs = count_of(metric::saga_inputs);
    auto const sent = count_of(metric::saga_commands_sent);
    auto const refused = count_of(metric::saga_commands_refused);
    auto const failures = count_of(metric::saga_failures);
    here.pay("t-1");
    here.pay("t-2", 5'000);          // more than there is: refused, and over
    here.box.run_sagas();
    CHECK(count_of(metric::saga_inputs) == inputs + 4);        // two requests, debited, credited
    CHECK(count_of(metric::saga_commands_sent) == sent + 4);   // two debits, a credit, a completion
    CHECK(count_of(metric::saga_commands_refused) == refused + 1);
    CHECK(count_of(metric::saga_failures) == failures);
    CHECK(count_of(metric::saga_position) == here.box.log().head().position);
    CHECK(count_of(metric::saga_lag) == 0);
}

TEST_CASE("timers count how late they were", "[saga][metrics]") {
    bank here;
    auto const fired = count_of(metric::timers_fired);
    auto const observed = count_of(metric::timer_lateness_seconds, {});
    here.box.dispatch(request{{"t-1"}, {"c"}, {"b"}, eur(1)}).value();   // c is not open yet
    here.box.run_sagas();
    recount::saga_counter counter{here.box.application()};
    counter.refresh();
    CHECK(count_of(metric::timers_waiting) == 1);
    CHECK(count_of(metric::timers_overdue_seconds) == 0);
    CHECK(count_of(metric::saga_instances_running) == 1);
    here.box.advance(1h + 7s);
    captured_lines const lines{recount::logging::level::debug};
    here.box.run_sagas();
    lines.check_declared();
    CHECK(count_of(metric::timers_fired) == fired + 1);
    CHECK(count_of(metric::timer_lateness_seconds, {}) == observed + 1);
    CHECK(lines.only("saga.timers_fired").fields.at("lateness_us_max") == "7000000");
}

TEST_CASE("gauges of sagas are those of the tables", "[saga][metrics]") {
    bank here;
    here.pay("good");
    trouble::react_throws_for = "bad";
    here.pay("bad");
    here.box.run_sagas();
    recount::saga_counter counter{here.box.application()};
    here.box.advance(5s);
    counter.refresh();
    CHECK(count_of(metric::saga_instances_parked) == 1);
    CHECK(count_of(metric::saga_instances_ended) == 1);
    CHECK(count_of(metric::saga_instances_running) == 0);
    CHECK(count_of(metric::outbox_waiting, "effect") == 2);     // of the saga and of the reactor
    CHECK(count_of(metric::outbox_waiting, "command") == 0);
    CHECK(count_of(metric::outbox_dead, "effect") == 0);
    CHECK(count_of(metric::outbox_oldest_seconds, "effect") ==
          std::chrono::nanoseconds{5s}.count());
    CHECK(count_of(metric::outbox_oldest_seconds, "command") == 0);
}

TEST_CASE("a saga's lines say what it does and what is wrong", "[saga][logging]") {
    bank here;
    here.pay("good");
    here.pay("much", 5'000);
    trouble::react_throws_for = "bad";
    here.pay("bad");
    captured_lines const lines{recount::logging::level::trace};
    here.box.run_sagas();
    here.box.run_sagas();
    lines.check_declared();
    CHECK_FALSE(lines.of("saga.page").empty());
    auto const refused = lines.only("saga.command_refused");
    CHECK(refused.fields.at("instance") == "much");
    CHECK(refused.fields.at("command") == "account.debit");
    CHECK(refused.fields.at("code") == "overdrawn");
    auto const parked = lines.only("saga.parked");
    CHECK(parked.fields.at("instance") == "bad");
    CHECK(parked.text == "a bug");
    CHECK(lines.of("saga.failed").empty());
}

TEST_CASE("attempts at effects are counted and told by their result", "[effects][metrics]") {
    recount::memory_saga_store store;
    auto const count = [](std::string_view type) {
        return recount::metrics::value(metric::effect_attempts, type);
    };
    auto const message = [](int n, std::string type) {
        recount::outbox_message m;
        m.key = recount::command_id_from_key(type + std::to_string(n));
        m.kind = recount::message_kind::effect;
        m.saga = "reports";
        m.type = std::move(type);
        m.body = R"({"type":")" + m.type + R"(","schema_version":1,"payload":{}})";
        return m;
    };
    recount::effect_handlers handlers;
    handlers.add("report.fine", [](recount::effect_info const&) {
        return recount::effect_result::sent();
    });
    handlers.add("report.slow", [](recount::effect_info const& info) {
        return info.attempt == 1 ? recount::effect_result::again("busy", 0ms)
                                 : recount::effect_result::sent();
    });
    handlers.add("report.gone", [](recount::effect_info const&) {
        return recount::effect_result::give_up("HTTP 410");
    });
    auto const before = count("report.fine") + count("report.slow") + count("report.gone");
    auto const observed = recount::metrics::value(metric::effect_seconds);
    store.write({.messages = {message(1, "report.fine"), message(2, "report.slow"),
                              message(3, "report.gone")}});
    captured_lines const lines{recount::logging::level::trace};
    {
        recount::effect_worker const worker{store, handlers, {.look_again = 5ms}};
        REQUIRE(eventually([&] {
            return store.list_messages({.status = recount::message_status::waiting}).empty();
        }));
    }
    lines.check_declared();
    CHECK(count("report.fine") + count("report.slow") + count("report.gone") == before + 4);
    CHECK(recount::metrics::value(metric::effect_seconds) == observed + 4);
    CHECK(lines.of("effect.sent").size() == 2);
    auto const failed = lines.only("effect.failed");
    CHECK(failed.fields.at("attempt") == "1");
    CHECK(failed.fields.at("again_in_ms") == "0");
    CHECK(failed.text == "report.slow: busy");
    auto const dead = lines.only("effect.dead");
    CHECK(dead.text == "report.gone: HTTP 410");
    CHECK(dead.fields.at("key") == to_string(message(3, "report.gone").key));
    auto const text = recount::metrics::prometheus();
    for (auto const* line :
         {R"(recount_effect_attempts_total{type="report.slow",result="again"} 1)",
          R"(recount_effect_attempts_total{type="report.slow",result="sent"} 1)",
          R"(recount_effect_attempts_total{type="report.gone",result="dead"} 1)"}) {
        CHECK(text.find(line) != std::string::npos);
    }
}
