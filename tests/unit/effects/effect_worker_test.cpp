// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/effects/worker.hpp>

#include <atomic>
#include <mutex>
#include <set>

#include <recount/describe/macros.hpp>
#include <recount/saga/memory_saga_store.hpp>
#include <recount/testing/clock.hpp>

#include "support/caught.hpp"
#include "support/gate.hpp"
#include "support/postgres.hpp"

using namespace std::chrono_literals;
using recount::effect_handlers;
using recount::effect_info;
using recount::effect_result;
using recount::effect_worker;
using recount::message_status;
using recount::outbox_message;
using recount::tests::eventually;

namespace effects_test {

struct review_v1 {
    std::string account;
};
RECOUNT_EVENT(review_v1, "review.wanted", 1, account)

struct review {
    std::string account;
    std::int64_t days = 0;
    static review upcast(review_v1 const& old) { return {old.account, 7}; }
};
RECOUNT_EVENT(review, "review.wanted", 2, account, days)

struct letter {
    std::string text;
};
RECOUNT_EVENT(letter, "letter", 1, text)

}  // namespace effects_test

namespace {

using effects_test::letter;
using effects_test::review;

recount::uuid key_of(int n) { return recount::command_id_from_key(std::to_string(n)); }

outbox_message review_message(int n, std::string order_key = {}) {
    outbox_message m;
    m.key = key_of(n);
    m.kind = recount::message_kind::effect;
    m.saga = "reviews";
    m.instance = "a-1";
    m.trigger = key_of(1'000);
    m.type = "review.wanted";
    m.body = R"({"type":"review.wanted","schema_version":2,"payload":{"account":")" +
             std::to_string(n) + R"(","days":1}})";
    m.order_key = std::move(order_key);
    m.caused_at = 17;
    return m;
}

recount::effect_worker_options fast() {
    recount::effect_worker_options options;
    options.pause_first = 1ms;
    options.pause_max = 1ms;
    options.look_again = 5ms;
    return options;
}

bool all_are(recount::saga_store& store, message_status status) {
    for (auto const& m : store.list_messages({})) {
        if (m.status != status) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("a handler is given what the saga decided, with the key", "[effects]") {
    effect_handlers handlers;
    review got;
    effect_info told;
    handlers.add<review>([&](review const& e, effect_info const& info) {
        got = e;
        told = info;
        return effect_result::sent();
    });
    handlers.add<letter>([](letter const&) {});
    CHECK(handlers.types() == std::vector<std::string>{"letter", "review.wanted"});
    auto m = review_message(5);
    m.attempts = 2;
    CHECK(handlers.handle(m).what() == effect_result::kind::sent);
    CHECK(got.account == "5");
    CHECK(got.days == 1);
    CHECK(told.key == key_of(5));
    CHECK(told.attempt == 3);
    CHECK(told.instance == "a-1");
    CHECK(told.caused_at == 17);
    CHECK(told.body == m.body);
    CHECK(told.payload == R"({"account":"5","days":1})");
    m.body = R"({"type":"review.wanted","schema_version":1,"payload":{"account":"old"}})";
    CHECK(handlers.handle(m).what() == effect_result::kind::sent);
    CHECK(got.account == "old");
    CHECK(got.days == 7);
    m.type = "letter";
    m.body = R"({"type":"letter","schema_version":1,"payload":{"text":"x"}})";
    CHECK(handlers.handle(m).what() == effect_result::kind::sent);
}

TEST_CASE("what a handler throws is a failed attempt, what it cannot read is given up",
          "[effects]") {
    effect_handlers handlers;
    handlers.add<review>([](review const& e) -> effect_result {
        if (e.account == "1") throw std::runtime_error{"no route"};
        if (e.account == "2") throw 7;
        return effect_result::again("busy", 3s);
    });
    auto const thrown = handlers.handle(review_message(1));
    CHECK(thrown.what() == effect_result::kind::again);
    CHECK(thrown.why() == "no route");
    CHECK(handlers.handle(review_message(2)).what() == effect_result::kind::again);
    CHECK(handlers.handle(review_message(3)).after() == 3s);
    auto m = review_message(1);
    for (auto const* body :
         {"", "[]", R"({"type":"review.wanted","schema_version":3,"payload":{}})",
          R"({"type":"review.wanted","schema_version":2,"payload":{"account":1}})"}) {
        INFO(body);
        m.body = body;
        CHECK(handlers.handle(m).what() == effect_result::kind::give_up);
    }
    m.type = "nobody's";
    CHECK(handlers.handle(m).what() == effect_result::kind::again);
    CHECK_THROWS_AS(handlers.add<review>([](review const&) {}), recount::error);
}

TEST_CASE("a worker sends what is there and what comes, each once", "[effects]") {
    recount::memory_saga_store store;
    std::mutex mutex;
    std::multiset<std::string> sent;
    effect_handlers handlers;
    handlers.add<review>([&](review const& e) {
        std::lock_guard const hold{mutex};
        sent.insert(e.account);
    });
    store.write({.messages = {review_message(1), review_message(2)}});
    effect_worker worker{store, handlers, fast()};
    REQUIRE(eventually([&] { return all_are(store, message_status::done); }));
    recount::saga_changes more;
    for (int n = 3; n <= 60; ++n) more.messages.push_back(review_message(n, n % 2 == 0 ? "k" : ""));
    store.write(more);
    REQUIRE(eventually([&] { return all_are(store, message_status::done); }));
    worker.stop();
    worker.stop();
    CHECK(sent.size() == 60);
    CHECK(std::set<std::string>{sent.begin(), sent.end()}.size() == 60);
    CHECK(worker.failure().empty());
}

TEST_CASE("a worker wakes when its process enters or replays an effect", "[effects]") {
    recount::memory_saga_store store;
    std::atomic<bool> gone = false;
    effect_handlers handlers;
    handlers.add<review>([&](review const&) {
        return gone ? effect_result::sent() : effect_result::give_up("gone");
    });
    auto options = fast();
    options.look_again = 24h;      // it would look again tomorrow
    effect_worker worker{store, handlers, options};
    // Written while it looks for the first time, and while it sleeps: found in either case.
    for (int n = 1; n <= 50; ++n) {
        store.write({.messages = {review_message(n)}});
        REQUIRE(eventually([&] { return all_are(store, message_status::dead); }));
    }
    gone = true;
    CHECK(store.replay(key_of(1)));
    REQUIRE(eventually([&] {
        return store.find_message(key_of(1))->status == message_status::done;
    }));
    worker.stop();
    store.write({.messages = {review_message(99)}});   // nobody is told any more
    CHECK(store.find_message(key_of(99))->status == message_status::waiting);
}

TEST_CASE("effects of one order key are sent one at a time, in order", "[effects]") {
    recount::memory_saga_store store;
    std::atomic<int> at_once = 0;
    std::atomic<bool> overlapped = false;
    std::mutex mutex;
    std::vector<int> order;
    effect_handlers handlers;
    handlers.add<review>([&](review const& e, effect_info const& info) {
        if (++at_once > 1) overlapped = true;
        auto const n = std::stoi(e.account);
        std::this_thread::yield();
        bool const fails = n % 3 == 0 && info.attempt == 1;
        if (!fails) {
            std::lock_guard const hold{mutex};
            order.push_back(n);
        }
        --at_once;
        return fails ? effect_result::again("once more") : effect_result::sent();
    });
    recount::saga_changes changes;
    for (int n = 1; n <= 30; ++n) changes.messages.push_back(review_message(n, "k"));
    store.write(changes);
    effect_worker worker{store, handlers, fast()};
    REQUIRE(eventually([&] { return all_are(store, message_status::done); }));
    CHECK_FALSE(overlapped);
    CHECK(order.size() == 30);
    CHECK(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("an effect that fails too often is dead, and a replay begins anew", "[effects]") {
    recount::memory_saga_store store;
    std::atomic<bool> broken = true;
    std::atomic<int> calls = 0;
    effect_handlers handlers;
    handlers.add<review>([&](review const&) {
        ++calls;
        return broken ? effect_result::again("HTTP 503") : effect_result::sent();
    });
    store.write({.messages = {review_message(1)}});
    auto options = fast();
    options.attempts_max = 3;
    effect_worker worker{store, handlers, options};
    REQUIRE(eventually([&] { return all_are(store, message_status::dead); }));
    CHECK(calls == 3);
    CHECK(store.find_message(key_of(1))->attempts == 3);
    CHECK(store.find_message(key_of(1))->last_error == "HTTP 503");
    broken = false;
    CHECK(store.replay(key_of(1)));
    REQUIRE(eventually([&] { return all_are(store, message_status::done); }));
    CHECK(calls == 4);
}

TEST_CASE("what a worker that died had taken is sent again, with the same key", "[effects]") {
    recount::testing::test_clock clock;
    recount::memory_saga_store store{clock};
    store.write({.messages = {review_message(1)}});
    // One that has sent it, and was killed before it could say so.
    auto const taken = store.claim({.kind = recount::message_kind::effect, .lease = 60s});
    REQUIRE(taken.size() == 1);
    std::atomic<bool> sent = false;
    effect_handlers handlers;
    handlers.add<review>([&](review const&, effect_info const& info) {
        sent = info.key == taken[0].key;
    });
    effect_worker worker{store, handlers, fast()};
    CHECK(store.find_message(key_of(1))->status == message_status::waiting);
    clock.advance(61s);
    REQUIRE(eventually([&] { return all_are(store, message_status::done); }));
    CHECK(sent);
}

TEST_CASE("a worker that is stopped ends what it has begun and gives back the rest",
          "[effects]") {
    recount::memory_saga_store store;
    recount::tests::gate held;
    effect_handlers handlers;
    handlers.add<review>([&](review const&) { held.pass(); });
    store.write({.messages = {review_message(1, "k"), review_message(2, "k"),
                              review_message(3, "k")}});
    effect_worker worker{store, handlers, fast()};
    held.until_somebody_waits();
    std::thread stopping{[&] { worker.stop(); }};
    held.open();
    stopping.join();
    CHECK(store.find_message(key_of(1))->status == message_status::done);
    // How many were begun is a matter of luck; no claim is left behind in any case.
    auto const waiting = store.list_messages({.status = message_status::waiting});
    CHECK(store.claim({.kind = recount::message_kind::effect}).size() == waiting.size());
}

TEST_CASE("a worker without handlers leaves everything alone", "[effects]") {
    recount::memory_saga_store store;
    store.write({.messages = {review_message(1)}});
    {
        effect_worker const worker{store, {}, fast()};
    }
    CHECK(store.claim({.kind = recount::message_kind::effect}).at(0).claims == 1);
    auto none = fast();
    none.threads = 0;
    CHECK_THROWS_AS((effect_worker{store, {}, none}), recount::error);
}
