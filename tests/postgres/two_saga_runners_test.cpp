// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Two programs with connections of their own run the same sagas at the same time. One of them may
// die at any call: what it held is done by the other when its claims have run out.
#include <atomic>
#include <map>
#include <random>
#include <thread>

#include <recount/postgres/log.hpp>
#include <recount/postgres/migrate.hpp>
#include <recount/projection/memory_row_store.hpp>
#include <recount/saga/postgres_saga_store.hpp>
#include <recount/testing/sandbox.hpp>

#include "support/fated.hpp"
#include "support/postgres.hpp"
#include "support/random_history.hpp"
#include "support/transfer_domain.hpp"

namespace {

using namespace transfers;
using recount::tests::eventually;
using recount::tests::fate;
using recount::tests::fated_log;
using recount::tests::fated_store;
using recount::tests::killed;
using recount::tests::test_database;

constexpr int accounts = 5;
constexpr int transfers_each_round = 40;
constexpr std::int64_t started_with = 2'000;
constexpr auto within = 15min;         // of a machine that does much else

class program {
public:
    explicit program(test_database const& database, fate end = {})
        : log_{recount::postgres::log::open({.url = database.url(), .program = "bank"})},
          tables_{database.url(), log_->names(), "bank"}, end_{std::move(end)} {}
    ~program() { stop(); }

    void start() {
        thread_ = std::thread{[this] {
            try {
                recount::saga_run_hooks hooks;
                hooks.stop_wanted = [this] { return stopping_.load(); };
                static_cast<void>(app.run(recount::saga_of<transfer>(), {}, hooks));
            } catch (killed const&) {
            } catch (...) {
                failed = true;
            }
            gone = true;
        }};
    }
    void stop() {
        stopping_ = true;
        if (thread_.joinable()) thread_.join();
    }

private:
    std::shared_ptr<recount::postgres::log> log_;
    recount::postgres_saga_store tables_;
    fate end_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;

public:
    std::atomic<bool> gone = false;
    std::atomic<bool> failed = false;
    recount::application app{recount::testing::parts_of<account, order, transfer>(),
                             std::make_shared<fated_log>(*log_, end_),
                             std::make_shared<recount::memory_row_store>(),
                             {.program = "bank",
                              .sagas = std::make_shared<fated_store>(tables_, end_)}};
};

account_id account_of(std::uint64_t number) { return {"a" + std::to_string(number)}; }

void open_accounts(program& client) {
    trouble::none();
    for (int i = 0; i < accounts; ++i) {
        client.app.dispatch(open{account_of(static_cast<std::uint64_t>(i)), eur(started_with)})
            .value();
    }
    client.app.dispatch(open{{"shut"}, eur(0)}).value();
    client.app.dispatch(shut{{"shut"}}).value();
}

void ask(program& client, int round, std::mt19937_64& random) {
    for (int i = 0; i < transfers_each_round; ++i) {
        auto const from = random() % accounts;
        auto const to = i % 4 == 0 ? account_id{"shut"} : account_of((from + 1) % accounts);
        auto const id = std::to_string(round) + "-" + std::to_string(i);
        auto const amount = static_cast<std::int64_t>(1 + random() % 400);
        client.app.dispatch(request{{id}, account_of(from), to, eur(amount)}).value();
    }
}

fate any_fate(std::mt19937_64& random, int calls_max) {
    fate end;
    end.at = static_cast<int>(random() % static_cast<std::uint64_t>(calls_max));
    end.after = random() % 2 == 0;
    return end;
}

// Time passes: nobody else is to wait for what a dead program had claimed.
template <class Connection>
void expire_claims(Connection& admin) {
    recount::tests::run(admin, "UPDATE recount.outbox SET claimed_until = clock_timestamp() "
                               "WHERE claimed_until > clock_timestamp()");
}

bool all_ended(program& client, int rounds) {
    auto& tables = client.app.saga_tables();
    auto const ended = tables.list_instances(
        {.saga = "transfer", .status = recount::saga_status::ended, .limit = 100'000});
    return ended.size() == static_cast<std::size_t>(rounds * transfers_each_round) &&
           tables.list_messages({.kind = recount::message_kind::command, .limit = 1}).empty();
}

// Each movement of a transfer once, and all the money behind each commit.
void check_history(program& client) {
    std::map<std::string, int> seen;
    std::map<std::string, std::int64_t> under_way;
    std::int64_t on_accounts = 0;
    std::int64_t put_in = 0;
    recount::position after = 0;
    for (bool more = true; more;) {
        auto const page = client.app.log().read_feed(after);
        for (auto const& e : page.events) {
            std::int64_t moved = 0;
            std::string id;
            auto const take = [&](auto const& event, int sign) {
                id = event.transfer.value;
                moved = sign * event.amount.minor;
            };
            namespace describe = recount::describe;
            if (e.type == "account.opened") {
                put_in += describe::from_json<opened>(e.payload).balance.minor;
                on_accounts += describe::from_json<opened>(e.payload).balance.minor;
            } else if (e.type == "account.debited") {
                take(describe::from_json<debited>(e.payload), -1);
            } else if (e.type == "account.credited") {
                take(describe::from_json<credited>(e.payload), 1);
            } else if (e.type == "account.refunded") {
                take(describe::from_json<refunded>(e.payload), 1);
            }
            if (id.empty()) continue;
            CHECK(++seen[e.type + " " + id] == 1);
            on_accounts += moved;
            auto& left = under_way[id] -= moved;
            if (left == 0) under_way.erase(id);
            std::int64_t sum = on_accounts;
            for (auto const& [of, minor] : under_way) {
                CHECK(minor > 0);
                sum += minor;
            }
            CHECK(sum == put_in);
        }
        after = page.through;
        more = !page.caught_up;
    }
    CHECK(under_way.empty());
    CHECK(put_in == accounts * started_with);
}

}  // namespace

TEST_CASE("two programs that run the same sagas do each step once", "[postgres][saga]") {
    auto const seed = recount::tests::seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    std::mt19937_64 random{seed};
    test_database database;
    recount::postgres::migrate({.url = database.url()});
    program client{database};
    program first{database};
    program second{database};
    open_accounts(client);
    first.start();
    second.start();
    ask(client, 0, random);
    CHECK(eventually([&] { return all_ended(client, 1); }, within));
    first.stop();
    second.stop();
    CHECK_FALSE(first.failed);
    CHECK_FALSE(second.failed);
    check_history(client);
}

TEST_CASE("of two programs that run the same sagas one dies at a call, and the other goes on",
          "[postgres][saga]") {
    constexpr int rounds = 6;
    constexpr int calls_max = 40;
    auto const seed = recount::tests::seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    std::mt19937_64 random{seed};
    test_database database;
    recount::postgres::migrate({.url = database.url()});
    auto admin = database.connect();
    program client{database};
    program survivor{database};
    open_accounts(client);
    survivor.start();
    for (int round = 0; round < rounds; ++round) {
        auto const end = any_fate(random, calls_max);
        INFO("round " << round << ", dies " << (end.after ? "after" : "before") << " call "
                      << end.at);
        program victim{database, end};
        victim.start();
        ask(client, round, random);
        CHECK(eventually(
            [&] {
                if (victim.gone) expire_claims(admin);
                return all_ended(client, round + 1);
            },
            within));
        CHECK_FALSE(victim.failed);
    }
    survivor.stop();
    CHECK_FALSE(survivor.failed);
    check_history(client);
}

TEST_CASE("a program that dies over a backlog is replaced by another",
          "[postgres][saga]") {
    constexpr int rounds = 6;
    constexpr int calls_max = 12;
    auto const seed = recount::tests::seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    std::mt19937_64 random{seed};
    test_database database;
    recount::postgres::migrate({.url = database.url()});
    auto admin = database.connect();
    program client{database};
    open_accounts(client);
    for (int round = 0; round < rounds; ++round) {
        // All of it is there when it begins.
        ask(client, round, random);
        auto const end = any_fate(random, calls_max);
        INFO("round " << round << ", dies " << (end.after ? "after" : "before") << " call "
                      << end.at);
        program victim{database, end};
        victim.start();
        CHECK(eventually([&] { return victim.gone || all_ended(client, round + 1); }, within));
        victim.stop();
        CHECK_FALSE(victim.failed);
        expire_claims(admin);
        program next{database};
        next.start();
        CHECK(eventually([&] { return all_ended(client, round + 1); }, within));
        next.stop();
        CHECK_FALSE(next.failed);
    }
    check_history(client);
}
