// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Workers that compete for messages while their connections are killed, and steps whose COMMIT
// nobody knows the end of.
#include <recount/saga/postgres_saga_store.hpp>

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include <fmt/format.h>

#include <recount/postgres/migrate.hpp>

#include "conformance/saga_store_conformance.hpp"
#include "support/caught.hpp"
#include "support/postgres.hpp"
#include "support/postgres_proxy.hpp"
#include "support/random_history.hpp"

using namespace saga_store_conformance;
using recount::tests::mishap;
using recount::tests::postgres_proxy;
using recount::tests::run;
using recount::tests::test_database;
using recount::tests::value;
namespace postgres = recount::postgres;

namespace {

std::unique_ptr<recount::postgres_saga_store> store_on(test_database const& database,
                                                       std::string const& url) {
    return std::make_unique<recount::postgres_saga_store>(
        url, postgres::names_of("main", database.name()), "workers");
}

// Who works on what at this moment, and what has been settled. Says what must not be.
class ledger {
public:
    void begin(std::vector<outbox_message> const& batch) {
        std::lock_guard const hold{mutex_};
        for (auto const& m : batch) {
            if (!held_.insert(m.key).second) ++wrong_;
            if (settled_.contains(m.key)) ++wrong_;
            if (!m.order_key.empty() && m.number < last_[m.order_key]) ++wrong_;
        }
    }
    // Before the store is told: afterwards another worker may have the next of its order already.
    void send(outbox_message const& m) {
        std::lock_guard const hold{mutex_};
        if (m.order_key.empty()) return;
        auto& last = last_[m.order_key];
        if (m.number < last) ++wrong_;
        last = m.number;
    }
    void end(outbox_message const& m) {
        std::lock_guard const hold{mutex_};
        held_.erase(m.key);
    }
    void settle(outbox_message const& m) {
        std::lock_guard const hold{mutex_};
        held_.erase(m.key);
        if (!settled_.insert(m.key).second) ++wrong_;
    }
    [[nodiscard]] std::size_t settled() const {
        std::lock_guard const hold{mutex_};
        return settled_.size();
    }
    [[nodiscard]] int wrong() const { return wrong_; }

private:
    mutable std::mutex mutex_;
    std::set<uuid> held_, settled_;
    std::map<std::string, std::int64_t> last_;   // of each order
    std::atomic<int> wrong_ = 0;
};

// Sends until nothing is to be had. What fails holds up those of its order behind it.
void work(saga_store& store, ledger& book, std::uint64_t seed) {
    std::mt19937_64 random{seed};
    auto wanted = effects(1 + static_cast<std::size_t>(random() % 8));
    wanted.lease = 60min;                        // no worker is ever slower than that
    for (int lost = 0; lost < 20;) {
        std::vector<outbox_message> batch;
        try {
            batch = store.claim(wanted);
            if (batch.empty()) return;
            book.begin(batch);
            std::set<std::string> stuck;
            while (!batch.empty()) {
                auto const m = batch.front();
                if (!m.order_key.empty() && stuck.contains(m.order_key)) {
                    book.end(m);
                    batch.erase(batch.begin());
                    store.release({m});
                } else if (random() % 4 == 0) {
                    stuck.insert(m.order_key);
                    book.end(m);
                    batch.erase(batch.begin());
                    store.failed(m, "again", 0ms);
                } else {
                    book.send(m);
                    store.sent(m.key);
                    book.settle(m);
                    batch.erase(batch.begin());
                }
            }
        } catch (recount::error const&) {        // killed too often in a row: it leaves all as is
            ++lost;
            for (auto const& m : batch) book.end(m);
        }
    }
}

int kill_one(postgres::session& admin, std::uint64_t pick) {
    auto const rows = admin.execute(
        {"test", "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity WHERE "
                 "datname = current_database() AND application_name = 'workers' "
                 "ORDER BY md5(pid::text || $1) LIMIT 1) AS one"},
        {std::to_string(pick)});
    return static_cast<int>(rows.size());
}

}  // namespace

TEST_CASE("eight workers whose connections are killed send all, each alone and in order",
          "[postgres][outbox]") {
    auto const seed = recount::tests::seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    constexpr int messages = 600;
    test_database database;
    postgres::migrate({.url = database.url()});
    std::vector<std::unique_ptr<recount::postgres_saga_store>> stores;
    for (int i = 0; i < 4; ++i) stores.push_back(store_on(database, database.url()));
    std::mt19937_64 random{seed};
    saga_changes changes;
    for (int n = 0; n < messages; ++n) {
        auto const order_key = random() % 4 == 0 ? std::string{} : std::to_string(random() % 9);
        changes.messages.push_back(effect(n, order_key));
    }
    stores[0]->write(changes);
    ledger book;
    auto admin = database.connect();
    int kills = 0;
    for (int round = 0; book.settled() < messages; ++round) {
        REQUIRE(round < 100);
        std::atomic<int> working = 8;
        std::vector<std::thread> workers;
        for (std::uint64_t w = 0; w < 8; ++w) {
            workers.emplace_back([&, w] {
                work(*stores[w / 2], book, seed + 8 * static_cast<std::uint64_t>(round) + w);
                --working;
            });
        }
        // A kill now and then, the sooner the more is sent.
        while (working > 0) {
            auto const next = book.settled() + 25;
            static_cast<void>(recount::tests::eventually(
                [&] { return working == 0 || book.settled() >= next; }));
            kills += kill_one(admin, random());
        }
        for (auto& one : workers) one.join();
        // Claims whose answer got lost: their lease runs out.
        run(admin, "UPDATE recount.outbox SET claimed_until = claimed_until - interval '2 hours'");
    }
    CHECK(book.wrong() == 0);
    CHECK(kills > 10);
    CHECK(value(admin, "SELECT count(*) FROM recount.outbox WHERE status = 'done'") ==
          std::to_string(messages));
}

TEST_CASE("a step whose COMMIT was cut off is written once", "[postgres][saga_store]") {
    test_database database;
    postgres::migrate({.url = database.url()});
    postgres_proxy proxy{database};
    auto const store = store_on(database, proxy.url());
    auto from = store->read_checkpoint("transfer");
    int n = 0;
    for (auto const what : {mishap::cut_before, mishap::cut_within, mishap::cut_after,
                            mishap::cut_within_answer}) {
        auto to = from;
        to.position += 5;
        proxy.meet(what, "^COMMIT");
        saga_changes changes;
        changes.messages = {command(++n), effect(100 + n)};
        CHECK(store->write("transfer", from, to, changes));
        CHECK(proxy.happened() == n);
        CHECK((store->read_checkpoint("transfer") == to));
        from = to;
    }
    CHECK(keys(store->list_messages({.kind = message_kind::command})) == "1 2 3 4");
    auto const other = store_on(database, database.url());
    proxy.meet(mishap::cut_before, "^COMMIT");
    // Overtaken meanwhile: then it was not ours.
    auto elsewhere = from;
    elsewhere.position += 1;
    CHECK(other->write("transfer", from, elsewhere, {}));
    CHECK_FALSE(store->write("transfer", from, {from.position + 9, {}, 1}, {}));
}

TEST_CASE("an effect that failed is counted once, however often that had to be said",
          "[postgres][outbox]") {
    test_database database;
    postgres::migrate({.url = database.url()});
    postgres_proxy proxy{database};
    auto const store = store_on(database, proxy.url());
    store->write({.messages = {effect(1), effect(2), effect(3)}});
    auto const batch = store->claim(effects());
    proxy.meet(mishap::cut_after, "last_error = $3");
    store->failed(batch.at(0), "HTTP 503", 1h);
    proxy.meet(mishap::cut_after, "'dead'");
    store->give_up(batch.at(1), "HTTP 410");
    proxy.meet(mishap::cut_after, "status = 'done'");
    store->sent(batch.at(2).key);
    CHECK(proxy.happened() == 3);
    for (int n = 1; n <= 3; ++n) CHECK(store->find_message(key_of(n))->attempts == 1);
    proxy.meet(mishap::cut_after, "SET status = 'waiting'");
    CHECK(store->replay(key_of(2)));
    CHECK(proxy.happened() == 4);
    // A claim whose answer got lost: nobody has it until the lease is over.
    proxy.meet(mishap::cut_after, "WITH locked");
    CHECK(store->claim(effects()).empty());
    CHECK(proxy.happened() == 5);
}

TEST_CASE("nobody deletes an effect, or changes what it says", "[postgres][outbox]") {
    test_database database;
    postgres::migrate({.url = database.url()});
    store_on(database, database.url())->write({.messages = {effect(1), command(2)}});
    auto projector = database.connect(postgres::names_of("main", database.name()).projector);
    CHECK(recount::tests::caught([&] {
              run(projector, "DELETE FROM recount.outbox WHERE kind = 'effect'");
          }).server_text().find("append-only") != std::string::npos);
    CHECK(recount::tests::caught([&] {
              run(projector, "UPDATE recount.outbox SET body = '{}'");
          }).sqlstate() == "42501");
    run(projector, "DELETE FROM recount.outbox WHERE kind = 'command'");
    CHECK(value(projector, "SELECT count(*) FROM recount.outbox") == "1");
}
