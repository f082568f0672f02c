// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What every saga store must do with messages: who gets which when, and what becomes of them.
#include <map>
#include <random>
#include <set>

#include "conformance/saga_store_conformance.hpp"
#include "support/random_history.hpp"

using namespace saga_store_conformance;

TEST_CASE("a message is claimed by one worker until its lease runs out", "[saga_store][outbox]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        store.write({.messages = {effect(1), effect(2), effect(3)}});
        auto wanted = effects(2);
        wanted.lease = 10s;
        auto const first = store.claim(wanted);
        CHECK(keys(first) == "1 2");
        CHECK(keys(opened.other().claim(wanted)) == "3");
        CHECK(store.claim(wanted).empty());
        opened.pass(11s);
        CHECK(keys(opened.other().claim(wanted)) == "1 2");
        // Who held it before has nothing to say about it any more, but that it was sent.
        store.failed(first.at(0), "too late", 1h);
        store.give_up(first.at(1), "too late");
        store.release(first);
        CHECK(keys(store.claim(effects())) == "3");
        CHECK(store.find_message(key_of(1))->attempts == 0);
        CHECK(store.find_message(key_of(2))->status == message_status::waiting);
        store.sent(first.at(0).key);
        CHECK(store.find_message(key_of(1))->status == message_status::done);
    }
}

TEST_CASE("a claim names what it wants", "[saga_store][outbox]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        auto mail = effect(3);
        mail.type = "mail";
        store.write({.messages = {command(1), effect(2), mail, effect(4, "", "others"),
                                  command(5, "i-1", "others")}});
        auto wanted = effects();
        wanted.types = {"mail", "letter"};
        CHECK(keys(store.claim(wanted)) == "3");
        wanted.types = {"letter"};
        CHECK(store.claim(wanted).empty());
        wanted.types = {};
        wanted.saga = "others";
        CHECK(keys(store.claim(wanted)) == "4");
        wanted.kind = message_kind::command;
        CHECK(keys(store.claim(wanted)) == "5");
        CHECK(keys(store.claim(commands())) == "1");
        CHECK(keys(store.claim(effects())) == "2");
    }
}

TEST_CASE("claims given back can be claimed at once", "[saga_store][outbox]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        store.write({.messages = {effect(1), effect(2)}});
        auto const first = store.claim(effects());
        store.release({first.at(1)});
        auto const second = opened.other().claim(effects());
        CHECK(keys(second) == "2");
        CHECK(second.at(0).attempts == 0);
        CHECK(second.at(0).claims == 2);
        store.release({});
        store.release(first);   // the second one is somebody else's by now
        CHECK(keys(store.claim(effects())) == "1");
    }
}

TEST_CASE("what was due first is claimed first, and nothing early", "[saga_store][outbox]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        auto const start = store.now();
        auto later = effect(1);
        later.due_at = start + 1h;
        auto soon = effect(2);
        soon.due_at = start + 30min;
        auto now = effect(3);
        now.due_at = start;
        store.write({.messages = {later, soon, now}});
        CHECK(keys(store.claim(effects())) == "3");
        CHECK(store.claim(effects()).empty());
        opened.pass(1h + 1s);
        CHECK(keys(store.claim(effects())) == "3 2 1");   // the lease of 3 is over as well
    }
}

TEST_CASE("commands of an instance are claimed in order", "[saga_store][outbox]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        store.write({.messages = {command(1), command(2), command(3, "i-2"), command(4)}});
        auto const first = store.claim(commands(2));
        CHECK(keys(first) == "1 2");
        CHECK(keys(store.claim(commands())) == "3");      // 4 has others before it
        store.write({.done = {key_of(1)}});
        CHECK(store.claim(commands()).empty());
        auto again = first.at(1);
        again.due_at = store.now() + 1h;
        again.attempts = 1;
        again.last_error = "account closed";
        store.write({.moved = {again}});
        CHECK(store.claim(commands()).empty());           // 2 is not due, and 4 waits for it
        CHECK(store.find_message(key_of(2))->last_error == "account closed");
        opened.pass(1h + 1s);
        auto const rest = store.claim(commands());
        CHECK(keys(rest) == "3 2");                       // 4 has been due before 2: next time
        CHECK(rest.at(1).attempts == 1);
        store.write({.done = {key_of(2), key_of(3)}});
        CHECK(keys(store.claim(commands())) == "4");
        store.write({.done = {key_of(4), key_of(5)}});
        CHECK(store.list_messages({}).empty());           // commands are forgotten
    }
}

TEST_CASE("a batch of one holds up no instance", "[saga_store][outbox]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        auto const start = store.now();
        auto late = command(1);
        late.due_at = start - 1s;
        auto early = command(2);
        early.due_at = start - 1h;
        store.write({.messages = {late, early}});
        CHECK(keys(store.claim(commands(1))) == "1");
        CHECK(store.claim(commands(1)).empty());
        store.write({.done = {key_of(1)}});
        CHECK(keys(store.claim(commands(1))) == "2");
    }
}

TEST_CASE("effects of one order key leave one after the other", "[saga_store][outbox]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        auto other_type = effect(4, "k");
        other_type.type = "mail";
        store.write({.messages = {effect(1, "k"), effect(2, "k"), effect(3), other_type,
                                  effect(5, "k"), effect(6, "k", "others")}});
        auto wanted = effects();
        wanted.types = {"alert"};
        auto const first = store.claim(wanted);
        CHECK(keys(first) == "1 2 3 6");                  // 5 comes after the mail
        store.failed(first.at(0), "no route", 1h);
        store.release({first.at(1)});
        CHECK(store.claim(wanted).empty());
        opened.pass(1h + 1s);
        store.sent(key_of(3));
        store.sent(key_of(6));
        CHECK(keys(store.claim(wanted)) == "1");          // 2 was due before 1
        store.give_up(store.find_message(key_of(1)).value(), "no such host");
        CHECK(keys(store.claim(wanted)) == "2");          // a dead one holds nobody up
        store.sent(key_of(2));
        CHECK(keys(store.claim(effects())) == "4 5");
    }
}

TEST_CASE("many that cannot be claimed yet hide nobody who can", "[saga_store][outbox]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        saga_changes changes;
        for (int n = 1; n <= 300; ++n) changes.messages.push_back(command(n, "busy"));
        for (int n = 301; n <= 400; ++n) changes.messages.push_back(command(n, "parked"));
        changes.messages.push_back(command(401, "free"));
        changes.instances = {instance("parked", saga_status::parked)};
        store.write(changes);
        CHECK(keys(store.claim(commands(1))) == "1");
        CHECK(keys(store.claim(commands(1))) == "401");
        CHECK(store.claim(commands(1)).empty());
    }
}

TEST_CASE("commands of a parked instance stay until it is resumed", "[saga_store][outbox]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        auto alert = effect(3, "", "transfer");
        store.write({.instances = {instance("i-1", saga_status::parked)},
                     .messages = {command(1), command(2, "i-2"), alert}});
        CHECK(keys(store.claim(commands())) == "2");
        CHECK(keys(store.claim(effects())) == "3");       // what it has decided to send, it sends
        CHECK_FALSE(store.until_next({.saga = "transfer", .types = {"debit"}, .limit = 1}) == 0ms);
        store.write({.instances = {instance("i-1", saga_status::running, 2)}});
        CHECK(keys(store.claim(commands())) == "1");
    }
}

TEST_CASE("commands of reactors have an order only if they say so", "[saga_store][outbox]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        auto ordered = [](int n) {
            auto m = command(n, "", "mirror");
            m.order_key = "k";
            return m;
        };
        store.write({.messages = {command(1, "", "mirror"), command(2, "", "mirror"), ordered(3),
                                  ordered(4)}});
        CHECK(keys(store.claim(commands(1))) == "1");
        CHECK(keys(store.claim(commands(2))) == "2 3");
        CHECK(store.claim(commands()).empty());
        CHECK(store.find_message(key_of(3))->order_key == "k");
    }
}

TEST_CASE("what a handler says of a failure may be any bytes", "[saga_store][outbox]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        store.write({.messages = {effect(1)}});
        using namespace std::string_view_literals;
        store.failed(store.claim(effects()).at(0), "\xff\xfe no"sv, 0ms);
        auto const second = store.claim(effects());
        REQUIRE(keys(second) == "1");
        CHECK(second.at(0).attempts == 1);
        store.give_up(second.at(0), "a\0b"sv);
        auto const dead = store.find_message(key_of(1)).value();
        CHECK(dead.status == message_status::dead);
        CHECK(dead.attempts == 2);
    }
}

TEST_CASE("an effect that fails is tried again, given up, and replayed", "[saga_store][outbox]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        store.write({.messages = {effect(1)}});
        CHECK_FALSE(store.replay(key_of(1)));
        store.failed(store.claim(effects()).at(0), "HTTP 503", 1min);
        CHECK(store.claim(effects()).empty());
        opened.pass(1min + 1s);
        auto const second = store.claim(effects());
        REQUIRE(keys(second) == "1");
        CHECK(second.at(0).attempts == 1);
        CHECK(second.at(0).last_error == "HTTP 503");
        store.give_up(second.at(0), "HTTP 410");
        store.give_up(second.at(0), "once more");         // it is over
        auto const dead = store.find_message(key_of(1)).value();
        CHECK(dead.status == message_status::dead);
        CHECK(dead.attempts == 2);
        CHECK(dead.last_error == "HTTP 410");
        CHECK(dead.settled_at);
        CHECK(store.claim(effects()).empty());
        CHECK_FALSE(store.until_next(effects()));
        CHECK(store.replay(key_of(1)));
        CHECK_FALSE(store.replay(key_of(1)));
        CHECK_FALSE(store.replay(key_of(2)));
        auto const third = store.claim(effects());
        REQUIRE(keys(third) == "1");
        CHECK(third.at(0).attempts == 0);
        CHECK_FALSE(third.at(0).settled_at);
        store.sent(key_of(1));
        store.sent(key_of(1));
        auto const sent = store.find_message(key_of(1)).value();
        CHECK(sent.status == message_status::done);
        CHECK(sent.attempts == 1);
        CHECK(sent.last_error.empty());
        CHECK(sent.settled_at);
        CHECK_FALSE(store.replay(key_of(1)));
        CHECK(store.claim(effects()).empty());
    }
}

TEST_CASE("what there is to do is counted", "[saga_store][outbox]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        auto const none = store.counts();
        CHECK(none.instances.empty());
        CHECK(none.timers.empty());
        REQUIRE(none.messages.size() == 2);
        for (auto const& one : none.messages) CHECK(one.waiting + one.dead + one.oldest == 0);

        auto const now = store.now();
        auto later = effect(1);
        later.due_at = now + 1h;
        later.caused_at = 3;       // older than all, and not due
        auto due = effect(2);
        due.caused_at = 9;
        auto failing = effect(3);
        failing.caused_at = 7;
        auto sent = command(5);
        sent.caused_at = 1;
        auto waiting = command(6, "i-2");
        waiting.caused_at = 4;
        store.write({.instances = {instance("i-1"), instance("i-2", saga_status::parked),
                                   instance("i-3", saga_status::parked),
                                   instance("i-1", saga_status::ended, 1, "alerts")},
                     .messages = {later, due, failing, effect(4), sent, waiting},
                     .done = {key_of(5)},
                     .timers = {timer(1, "soon", now - 10s), timer(2, "late", now + 1h),
                                timer(3, "late", now + 1h, "i-1", "alerts")}});
        for (auto const& m : store.claim(effects())) {
            if (m.key == key_of(3)) store.failed(m, "HTTP 503", 2h);
            if (m.key == key_of(4)) store.give_up(m, "HTTP 410");
        }
        auto const found = opened.other().counts();
        auto const instances = [&](std::string_view saga, saga_status status) {
            std::int64_t count = 0;
            for (auto const& one : found.instances) {
                if (one.saga == saga && one.status == status) count += one.count;
            }
            return count;
        };
        CHECK(found.instances.size() == 3);
        CHECK(instances("transfer", saga_status::running) == 1);
        CHECK(instances("transfer", saga_status::parked) == 2);
        CHECK(instances("alerts", saga_status::ended) == 1);
        REQUIRE(found.timers.size() == 2);
        for (auto const& one : found.timers) {
            bool const ours = one.saga == "transfer";
            CHECK(one.waiting == (ours ? 2 : 1));
            CHECK((one.overdue >= 10s) == ours);
            CHECK((one.overdue == 0s) == !ours);
        }
        REQUIRE(found.messages.size() == 2);
        CHECK(found.messages[0].kind == message_kind::command);
        CHECK(found.messages[0].waiting == 1);
        CHECK(found.messages[0].dead == 0);
        CHECK(found.messages[0].oldest == 4);
        CHECK(found.messages[1].kind == message_kind::effect);
        CHECK(found.messages[1].waiting == 3);
        CHECK(found.messages[1].dead == 1);
        CHECK(found.messages[1].oldest == 7);
    }
}

TEST_CASE("who waits for effects is told when some come in through the same object",
          "[saga_store][outbox]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        int told = 0;
        int told_too = 0;
        auto handle = store.when_effects_come([&] { ++told; });
        auto const second = store.when_effects_come([&] { ++told_too; });
        store.write({.messages = {command(1)}});
        CHECK(told == 0);
        store.write({.messages = {command(2), effect(3)}});
        CHECK(told == 1);
        REQUIRE(store.read_checkpoint("alerts").position == 0);
        checkpoint const to{1, {}, 1};
        CHECK(store.write("alerts", store.read_checkpoint("alerts"), to,
                          {.messages = {effect(4)}}));
        CHECK(told == 2);
        CHECK_FALSE(store.write("alerts", {}, to, {.messages = {effect(5)}}));   // overtaken
        CHECK(told == 2);
        store.give_up(store.claim(effects(1)).at(0), "HTTP 410");
        CHECK_FALSE(store.replay(key_of(4)));
        CHECK(told == 2);
        CHECK(store.replay(key_of(3)));
        CHECK(told == 3);
        handle.reset();
        store.write({.messages = {effect(6)}});
        CHECK(told == 3);
        CHECK(told_too == 4);
    }
}

TEST_CASE("what is withdrawn is not sent, and what was sent is told", "[saga_store][outbox]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        store.write({.messages = {effect(1), effect(2), effect(3), effect(4), command(5)}});
        auto const claimed = store.claim(effects(3));
        store.give_up(claimed.at(0), "no");
        store.sent(key_of(2));
        store.write({.withdrawn = {key_of(1), key_of(2), key_of(3), key_of(4), key_of(5),
                                   key_of(6)},
                     .superseded = {{key_of(2), "r-1"}, {key_of(4), "r-1"}, {key_of(6), "r-1"}}});
        auto const status = [&](int n) { return store.find_message(key_of(n))->status; };
        CHECK(status(1) == message_status::withdrawn);
        CHECK(status(2) == message_status::done);
        CHECK(status(3) == message_status::withdrawn);
        CHECK(status(4) == message_status::withdrawn);
        CHECK(status(5) == message_status::withdrawn);
        CHECK(store.find_message(key_of(2))->superseded_by == "r-1");
        CHECK(store.find_message(key_of(4))->superseded_by == "r-1");
        CHECK_FALSE(store.find_message(key_of(3))->superseded_by);
        store.failed(claimed.at(2), "late", 0ms);
        store.write({.messages = {command(5)}, .moved = {store.find_message(key_of(5)).value()}});
        CHECK(store.claim(effects()).empty());
        CHECK(store.claim(commands()).empty());
        CHECK_FALSE(store.replay(key_of(1)));
        store.sent(key_of(3));                            // it had left before
        CHECK(status(3) == message_status::done);
    }
}

TEST_CASE("a store knows how long nothing will be due", "[saga_store][outbox]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        auto const about = [](std::optional<std::chrono::milliseconds> until,
                              std::chrono::milliseconds expected) {
            return until && *until <= expected && *until > expected - 10min;
        };
        CHECK_FALSE(store.until_next(commands()));
        CHECK_FALSE(store.until_next(effects()));
        store.write({.timers = {timer(1, "a", store.now() + 20h),
                                timer(2, "b", store.now() + 40h, "i-1", "alerts")}});
        CHECK(about(store.until_next(commands()), 20h));
        CHECK(about(store.until_next({.saga = "alerts"}), 40h));
        CHECK_FALSE(store.until_next(effects()));
        auto late = command(3);
        late.due_at = store.now() + 10h;
        store.write({.messages = {late, command(4), effect(5)}});
        CHECK(about(store.until_next(commands()), 10h));  // 4 comes after 3
        CHECK(about(store.until_next({.saga = "alerts"}), 40h));
        CHECK(store.until_next(effects()) == 0ms);
        auto mails = effects();
        mails.types = {"mail"};
        CHECK_FALSE(store.until_next(mails));
        auto longer = effects();
        longer.lease = 5h;
        REQUIRE(keys(store.claim(longer)) == "5");
        CHECK(about(store.until_next(effects()), 5h));    // when the worker is given up
        opened.pass(21h);
        CHECK(store.until_next(commands()) == 0ms);
        CHECK(store.until_next(effects()) == 0ms);
    }
}

// Whatever happens in between: nobody holds what somebody else holds, no key is overtaken by a
// later message of its order, and in the end everything is settled.
TEST_CASE("random workers keep to order and lose nothing", "[saga_store][outbox]") {
    auto const seed = recount::tests::seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    ON_EVERY_SAGA_STORE(opened) {
        constexpr int messages = 120;
        std::mt19937_64 random{seed};
        auto const below = [&](int end) {
            return static_cast<int>(random() % static_cast<std::uint64_t>(end));
        };
        auto& store = opened.store();
        saga_changes changes;
        std::map<uuid, std::string> order_of;
        for (int n = 0; n < messages; ++n) {
            auto m = effect(n, below(3) == 0 ? "" : std::to_string(below(4)));
            m.due_at = store.now() - std::chrono::seconds{below(3)};
            order_of[m.key] = m.order_key;
            changes.messages.push_back(m);
        }
        store.write(changes);
        std::map<std::string, std::int64_t> last;         // settled of each order
        std::map<uuid, int> sent;
        int settled = 0;
        std::vector<outbox_message> held;                 // by a worker that takes its time
        std::chrono::seconds since_held{0};
        for (int round = 0; settled < messages; ++round) {
            REQUIRE(round < 20 * messages);
            auto const claimed = store.claim(effects(1 + static_cast<std::size_t>(below(6))));
            for (auto const& m : held) {
                for (auto const& other : claimed) CHECK(m.key != other.key);
            }
            std::set<std::string> stuck;
            for (auto const& m : claimed) {
                if (!m.order_key.empty() && stuck.contains(m.order_key)) {
                    store.release({m});
                    continue;
                }
                if (auto const how = below(10); how < 6 || m.attempts > 3) {
                    if (!m.order_key.empty()) {
                        CHECK(last[m.order_key] < m.number);
                        last[m.order_key] = m.number;
                    }
                    CHECK(++sent[m.key] == 1);
                    ++settled;
                    if (how % 2 == 0) store.sent(m.key); else store.give_up(m, "no");
                } else if (how < 8) {
                    stuck.insert(m.order_key);
                    store.failed(m, "again", std::chrono::seconds{below(5)});
                } else {
                    stuck.insert(m.order_key);
                    held.push_back(m);
                }
            }
            auto const step = std::chrono::seconds{below(3)};
            opened.pass(step);
            since_held += step;
            if (below(4) == 0 || since_held > 20s) {
                opened.pass(31s);                         // whoever is silent has lost its claims
                held.clear();
                since_held = 0s;
            }
        }
        CHECK_FALSE(store.until_next(effects()));
    }
}
