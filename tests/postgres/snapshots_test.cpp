// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The table of snapshots: who may write it, and what of it is not believed.
#include <array>

#include <recount/postgres/log.hpp>
#include <recount/postgres/migrate.hpp>
#include <recount/restructure/append.hpp>

#include "support/counter_domain.hpp"
#include "support/postgres.hpp"
#include "support/catch.hpp"

using recount::tests::run;
using recount::tests::value;
namespace postgres = recount::postgres;

namespace {

struct counters {
    recount::tests::test_database database;
    std::unique_ptr<postgres::log> log;
    recount::aggregate_descriptor aggregate = sample::counter_every(3);

    counters() {
        postgres::migrate({.url = database.url()});
        log = postgres::log::open({.url = database.url()});
    }
    void send(int times) {
        recount::dispatcher dispatcher{*log, "counters 1.0", &recount::now};
        for (int i = 0; i < times; ++i) {
            sample::count const command{{"a"}, 1};
            dispatcher.dispatch(call_of(aggregate, command)).value();
        }
    }
    std::int64_t sum() {
        recount::dispatcher dispatcher{*log, "counters 1.0", &recount::now};
        auto const loaded = dispatcher.load(aggregate, recount::stream_name{"counter-a"});
        return static_cast<sample::counter const*>(loaded.state.get())->sum;
    }
};

}  // namespace

TEST_CASE("a snapshot is not believed once its stream was corrected", "[postgres][states]") {
    counters c;
    c.send(5);
    auto on = c.database.connect();
    run(on, "UPDATE recount.snapshots SET state = '{\"sum\":100,\"last\":[],\"events_seen\":3}'");
    CHECK(c.sum() == 102);                 // believed until then: the test bites
    auto const rows = c.log->read_stream(recount::stream_name{"counter-a"}).events;
    auto plan = recount::restructure{"counted twice"}.because("a test");
    static_cast<void>(recount::history::append_plan(*c.log, plan.exclude(rows.back().id)));
    CHECK(c.sum() == 4);
}

TEST_CASE("all snapshots may vanish at any time", "[postgres][states]") {
    counters c;
    c.send(7);
    auto on = c.database.connect(c.log->names().app);
    CHECK(value(on, "SELECT version FROM recount.snapshots") == "6");
    run(on, "DELETE FROM recount.snapshots");
    CHECK(c.sum() == 7);
    c.send(2);
    CHECK(value(on, "SELECT version FROM recount.snapshots") == "9");
}

TEST_CASE("a state comes from events alone while the snapshots cannot be read",
          "[postgres][states]") {
    counters c;
    c.send(4);
    auto on = c.database.connect();
    run(on, "ALTER TABLE recount.snapshots RENAME TO gone");
    CHECK(c.sum() == 4);
    c.send(5);
    CHECK(c.sum() == 9);
}

TEST_CASE("readers see snapshots and cannot write them", "[postgres][states][rights]") {
    counters c;
    c.send(3);
    auto const& names = c.log->names();
    for (auto const& role : {names.projector, names.reader, names.auditor}) {
        CAPTURE(role);
        auto on = c.database.connect(role);
        CHECK(value(on, "SELECT count(*) FROM recount.snapshots") == "1");
        CHECK_THROWS_AS(run(on, "DELETE FROM recount.snapshots"), recount::error);
        CHECK_THROWS_AS(run(on, "UPDATE recount.snapshots SET version = 1"), recount::error);
    }
}
