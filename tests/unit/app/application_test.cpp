// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/app/application.hpp>

#include <recount/memory/log.hpp>
#include <recount/projection/memory_row_store.hpp>

#include "support/random_history.hpp"
#include "support/row_dump.hpp"

namespace {

using namespace sample;
using Catch::Matchers::ContainsSubstring;
using recount::application;
using recount::application_parts;
using recount::errc;
using recount::error;
using recount::projection_of;

template <class... Parts>
application_parts parts() {
    application_parts all;
    (all.add<Parts>(), ...);
    return all;
}

struct world {
    std::shared_ptr<recount::memory::log> log = std::make_shared<recount::memory::log>();
    std::shared_ptr<recount::memory_row_store> rows =
        std::make_shared<recount::memory_row_store>();

    [[nodiscard]] application open(application_parts with = parts<account, balances, totals,
                                                                  lines>()) const {
        return {std::move(with), log, rows, {.program = "bank 1.0", .clock = &recount::now}};
    }
    void append(std::string const& stream, std::string type, int version = 1) const {
        recount::commit c;
        c.events.push_back({recount::stream_name{stream}, std::move(type), version, {}, {}});
        log->append(c);
    }
};

template <class Call>
error error_of(Call const& call) {
    try {
        static_cast<void>(call());
    } catch (error const& e) {
        return e;
    }
    FAIL("nothing was thrown");
    throw;
}

}  // namespace

TEST_CASE("an application takes commands and shows states and rows", "[application]") {
    world w;
    auto bank = w.open();
    bank.dispatch(open_account{{"a"}}).value();
    bank.dispatch(deposit{{"a"}, eur(500)}).value();
    bank.dispatch(deposit{{"a"}, eur(300)}).value();
    CHECK(bank.dispatch(deposit{{"b"}, eur(300)}).rejected().code == "not_open");

    CHECK(bank.state<account>({"a"}).balance == eur(800));
    CHECK(bank.state<account>({"a"}, 2).balance == eur(500));
    CHECK_FALSE(bank.state<account>({"b"}).is_open);
    auto const loaded = bank.load(recount::stream_name{"account-a"});
    CHECK(loaded.version == 3);

    CHECK_FALSE(bank.row<balances>({"a"}).has_value());  // not before it was told
    bank.catch_up();
    REQUIRE(bank.row<balances>({"a"}).has_value());
    CHECK(bank.row<balances>({"a"})->balance == eur(800));
    CHECK(bank.row<balances>({"a"})->greatest == eur(500));
    CHECK_FALSE(bank.row<balances>({"b"}).has_value());
    CHECK(bank.row<lines>({account_id{"a"}, 2})->running == eur(800));
    CHECK(bank.rows<totals>().size() == 2);
    CHECK(bank.rows<lines>({{{"amount_minor", "300"}}, 0}).size() == 1);
    CHECK(bank.rows<lines>({{}, 1}).size() == 1);
    auto const meta = recount::metadata_from_json(w.log->read_feed(0, {}, 1).events[0].meta);
    CHECK(meta.app == "bank 1.0");
}

TEST_CASE("commands are dispatched by name, and in batches", "[application]") {
    world w;
    auto bank = w.open();
    open_account const first{{"a"}};
    CHECK(bank.dispatch(bank.call("account.open", &first)).value().version == 1);
    deposit const second{{"a"}, eur(5)};
    std::vector<recount::command_call> const calls{bank.call(second), bank.call(second)};
    auto batch = bank.batch();
    CHECK(batch.run(calls).size() == 2);
    CHECK(bank.state<account>({"a"}).balance == eur(10));
}

TEST_CASE("each projection is brought up to date by itself", "[application]") {
    world w;
    auto bank = w.open();
    bank.dispatch(open_account{{"a"}}).value();
    bank.dispatch(deposit{{"a"}, eur(500)}).value();
    auto const done = bank.catch_up(projection_of<totals>());
    CHECK(done.events == 1);
    CHECK(done.through == 2);
    CHECK(bank.rows<totals>().size() == 1);
    CHECK(bank.rows<lines>().empty());
    CHECK(bank.catch_up(projection_of<totals>()).events == 0);
}

TEST_CASE("a rebuilt projection has identical rows", "[application]") {
    auto const seed = recount::tests::seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    world w;
    random_history history{seed};
    for (int i = 0; i < 100; ++i) w.log->append(history.next());
    auto bank = w.open();
    bank.catch_up();
    for (auto const* p : bank.parts().projections) {
        auto const before = recount::tests::dump(*p, *w.rows);
        std::vector<recount::position> ticks;
        recount::projection_run_hooks hooks;
        hooks.progress = [&](recount::position at) { ticks.push_back(at); };
        auto const done = bank.rebuild(*p, hooks);
        CHECK(done.through == w.log->head().position);
        CHECK(ticks.back() == done.through);
        CHECK(recount::tests::dump(*p, *w.rows) == before);
    }
    // A rebuild that is stopped leaves the table in use as it was.
    recount::projection_run_hooks stop;
    stop.stop_wanted = [] { return true; };
    auto const before = recount::tests::dump(projection_of<lines>(), *w.rows);
    CHECK(bank.rebuild(projection_of<lines>(), stop).through == 0);
    CHECK(recount::tests::dump(projection_of<lines>(), *w.rows) == before);
}

TEST_CASE("an unknown name is answered with those that there are", "[application]") {
    world w;
    auto const bank = w.open();
    CHECK(bank.command("account.open").command.name == "account.open");
    CHECK(&bank.projection("lines") == &projection_of<lines>());
    CHECK(bank.aggregate("account").category == "account");

    auto const command = error_of([&] { return &bank.command("account.rename"); });
    CHECK(command.code() == errc::not_found);
    CHECK(command.what() ==
          std::string{"no command 'account.rename'; there are: account.close, account.deposit, "
                      "account.open, account.withdraw_all"});
    auto const projection = error_of([&] { return &bank.projection("line"); });
    CHECK(projection.code() == errc::not_found);
    CHECK(projection.what() ==
          std::string{"no projection 'line'; there are: balances, lines, totals"});
    auto const aggregate = error_of([&] { return &bank.aggregate("order"); });
    CHECK(aggregate.what() == std::string{"no aggregate of category 'order'; there are: account"});
    auto const none = w.open({});
    CHECK(error_of([&] { return &none.command("x"); }).what() ==
          std::string{"no command 'x'; there are: none"});
}

TEST_CASE("two parts of one name are refused", "[application]") {
    world w;
    auto const twice = error_of([&] { return w.open(parts<account, account>()).parts(); });
    CHECK(twice.code() == errc::invalid_argument);
    CHECK_THAT(twice.what(), ContainsSubstring("'account'"));
    auto const lines_twice =
        error_of([&] { return w.open(parts<account, lines, totals, lines>()).parts(); });
    CHECK(lines_twice.code() == errc::invalid_argument);
    CHECK_THAT(lines_twice.what(), ContainsSubstring("'lines'"));
}

TEST_CASE("an event that the program should know and does not stops it at the start",
          "[application]") {
    world w;
    SECTION("a type of its aggregate's category") {
        w.append("account-a", "account.renamed");
        w.append("account-b", "account.renamed");
        w.append("account-b", "account.renamed", 2);
        w.append("account-c", "account.renamed");
        auto const found = error_of([&] { return w.open().parts(); });
        CHECK(found.code() == errc::unknown_type);
        CHECK_THAT(found.what(), ContainsSubstring("3 events account.renamed version 1"));
        CHECK_THAT(found.what(), ContainsSubstring("position 1"));
    }
    SECTION("a version of a type that it knows") {
        w.append("account-a", "account.deposited", 2);
        auto const found = error_of([&] { return w.open(parts<totals>()).parts(); });
        CHECK(found.code() == errc::unknown_type);
        CHECK_THAT(found.what(), ContainsSubstring("1 event account.deposited version 2"));
    }
    SECTION("events of others are none of its business") {
        w.append("order-1", "order.placed");
        auto bank = w.open();
        bank.catch_up();
        CHECK(bank.rows<lines>().empty());
    }
}
