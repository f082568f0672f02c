// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What every saga store must do, whatever it keeps things in: checkpoints, instances, and what is
// claimed in which order.
#include "conformance/saga_store_conformance.hpp"

using namespace saga_store_conformance;

namespace {

checkpoint at(recount::position p, std::int64_t epoch = 1) {
    checkpoint made{p, {}, epoch};
    if (p > 0) made.hash[0] = static_cast<std::byte>(p);
    return made;
}

}  // namespace

TEST_CASE("a saga's checkpoint begins where it is told to, once", "[saga_store]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        CHECK((store.read_checkpoint("transfer") == at(0)));
        CHECK((store.read_checkpoint("alerts", at(7)) == at(7)));
        CHECK((store.read_checkpoint("alerts", at(9)) == at(7)));
        CHECK((opened.other().read_checkpoint("alerts") == at(7)));
    }
}

TEST_CASE("changes and checkpoint are written together, by who is not overtaken",
          "[saga_store]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        CHECK_FALSE(store.write("nobody", at(0), at(1), {.messages = {effect(9)}}));
        REQUIRE((store.read_checkpoint("alerts") == at(0)));
        CHECK(store.write("alerts", at(0), at(2), {.messages = {effect(1)}}));
        CHECK_FALSE(store.write("alerts", at(0), at(3), {.messages = {effect(2)}}));
        CHECK_FALSE(store.write("alerts", at(2, 2), at(3), {.messages = {effect(2)}}));
        CHECK((store.read_checkpoint("alerts") == at(2)));
        CHECK(opened.other().write("alerts", at(2), at(5), {}));
        CHECK((store.read_checkpoint("alerts") == at(5)));
        CHECK(keys(store.list_messages({})) == "1");
    }
}

TEST_CASE("an instance's row is that of its latest version", "[saga_store]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        auto parked = instance("i-1", saga_status::parked, 3);
        parked.because = "account \"x\\y\" is closed";
        parked.updated_at = store.now();
        store.write({.instances = {parked, instance("i-2")}});
        store.write({.instances = {instance("i-1", saga_status::running, 2),   // comes too late
                                   instance("i-2", saga_status::running, 2),
                                   instance("i-2", saga_status::ended, 4),
                                   instance("i-2", saga_status::diverged, 3)}});
        auto const first = store.find_instance("transfer", "i-1").value();
        CHECK(first.status == saga_status::parked);
        CHECK(first.version == 3);
        CHECK(first.because == parked.because);
        CHECK(first.updated_at == parked.updated_at);
        auto const second = store.find_instance("transfer", "i-2").value();
        CHECK(second.status == saga_status::ended);
        CHECK(second.version == 4);
        CHECK(second.because.empty());
        CHECK_FALSE(store.find_instance("transfer", "i-3"));
        CHECK_FALSE(store.find_instance("alerts", "i-1"));
    }
}

TEST_CASE("instances are listed page by page", "[saga_store]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        store.write({.instances = {instance("b"), instance("a", saga_status::ended),
                                   instance("C"), instance("d", saga_status::running, 1, "alerts"),
                                   instance("é", saga_status::parked)}});
        auto const listed = [&](recount::instance_list const& wanted) {
            std::string text;
            for (auto const& i : store.list_instances(wanted)) text += i.saga[0] + i.instance + " ";
            return text;
        };
        CHECK(listed({}) == "ad tC ta tb té ");   // by bytes
        CHECK(listed({.limit = 2}) == "ad tC ");
        CHECK(listed({.after_saga = "transfer", .after_instance = "C", .limit = 2}) == "ta tb ");
        CHECK(listed({.saga = "transfer", .status = saga_status::running}) == "tC tb ");
        CHECK(listed({.status = saga_status::parked}) == "té ");
        CHECK(listed({.saga = "nobody"}).empty());
    }
}

TEST_CASE("a message comes out as it went in", "[saga_store]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        auto entered = effect(1, "customer \"5\"");
        entered.correlation = key_of(77);
        entered.due_at = store.now() - 5s;
        entered.caused_at = 12;
        entered.status = message_status::dead;   // what the store keeps itself is not taken
        entered.attempts = 9;
        entered.number = 99;
        store.write({.messages = {entered}});
        for (auto const& m : {store.claim(effects()).at(0), store.find_message(key_of(1)).value(),
                              store.list_messages({}).at(0)}) {
            CHECK(m.key == entered.key);
            CHECK(m.kind == message_kind::effect);
            CHECK(m.saga == "alerts");
            CHECK(m.instance == "i-1");
            CHECK(m.trigger == entered.trigger);
            CHECK(m.ordinal == 1);
            CHECK(m.type == "alert");
            CHECK(m.body == entered.body);
            CHECK(m.order_key == entered.order_key);
            CHECK(m.due_at == entered.due_at);
            CHECK(m.correlation == entered.correlation);
            CHECK(m.caused_at == 12);
            CHECK(m.number == 1);
            CHECK(m.status == message_status::waiting);
            CHECK(m.attempts == 0);
            CHECK(m.last_error.empty());
            CHECK_FALSE(m.settled_at);
            CHECK_FALSE(m.superseded_by);
            CHECK(m.claims == 1);
        }
        auto const plain = command(2);
        store.write({.messages = {plain}});
        auto const found = store.claim(commands()).at(0);
        CHECK(found.body == plain.body);
        CHECK(found.order_key.empty());
        CHECK_FALSE(found.correlation);
        CHECK_FALSE(store.find_message(key_of(3)));
    }
}

TEST_CASE("a message whose key is there already stays as it is", "[saga_store]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        store.write({.messages = {effect(1), effect(1), effect(2)}});
        store.sent(key_of(1));
        auto again = effect(1);
        again.type = "other";
        store.write({.messages = {again, effect(3)}});
        CHECK(keys(store.list_messages({})) == "1 2 3");
        CHECK(store.find_message(key_of(1))->type == "alert");
        CHECK(keys(store.claim(effects())) == "2 3");
    }
}

TEST_CASE("messages are listed by number, as asked for", "[saga_store]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        store.write({.messages = {effect(4), command(3), effect(2), command(1, "i-2")}});
        store.sent(key_of(2));
        auto const list = store.list_messages({});
        CHECK(keys(list) == "4 3 2 1");
        CHECK(keys(store.list_messages({.limit = 2})) == "4 3");
        CHECK(keys(store.list_messages({.after = list.at(1).number})) == "2 1");
        CHECK(keys(store.list_messages({.status = message_status::waiting})) == "4 3 1");
        CHECK(keys(store.list_messages({.status = message_status::done})) == "2");
        CHECK(keys(store.list_messages({.kind = message_kind::effect})) == "4 2");
        CHECK(keys(store.list_messages({.saga = "transfer"})) == "3 1");
        CHECK(keys(store.list_messages({.saga = "transfer", .instance = "i-2"})) == "1");
        CHECK(store.list_messages({.saga = "nobody"}).empty());
    }
}

TEST_CASE("timers come when they are due, the earliest first", "[saga_store]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        auto const start = store.now();
        auto first = timer(1, "late", start + 2h);
        first.correlation = key_of(77);
        store.write({.timers = {first, timer(2, "soon", start + 1h),
                                timer(3, "soon", start + 90min, "i-2"),
                                timer(4, "soon", start + 1h, "i-1", "alerts")}});
        CHECK(store.due_timers("transfer", 10).empty());
        opened.pass(1h + 1s);
        CHECK(keys(store.due_timers("transfer", 10)) == "2");
        CHECK(keys(store.due_timers("alerts", 10)) == "4");
        opened.pass(1h);
        CHECK(keys(store.due_timers("transfer", 10)) == "2 3 1");
        CHECK(keys(store.due_timers("transfer", 2)) == "2 3");
        auto const found = store.due_timers("transfer", 10).at(2);
        CHECK(found.saga == "transfer");
        CHECK(found.instance == "i-1");
        CHECK(found.name == "late");
        CHECK(found.type == "timed_out");
        CHECK(found.schema_version == 2);
        CHECK(found.payload == first.payload);
        CHECK(found.correlation == first.correlation);
    }
}

TEST_CASE("a timer moves when it is set again, and is cancelled by its name", "[saga_store]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        auto const start = store.now();
        store.write({.timers = {timer(1, "a", start), timer(2, "b", start - 1s),
                                timer(3, "c", start - 2s)}});
        store.write({.timers = {timer(1, "a", start + 1h),   // its key is known: it stays
                                timer(4, "b", start + 1h), timer(5, "b", start + 2h)}});
        CHECK(keys(store.list_timers({})) == "3 1 5");
        // The last firing of a timer that has been set again meanwhile does not cancel it.
        store.write({.cancelled = {{"transfer", "i-1", "b", key_of(2)},
                                   {"transfer", "i-1", "a", key_of(1)},
                                   {"transfer", "i-2", "c"},
                                   {"alerts", "i-1", "c"}}});
        CHECK(keys(store.list_timers({})) == "3 5");
        store.write({.timers = {timer(6, "c", start)}, .cancelled = {{"transfer", "i-1", "b"}}});
        CHECK(keys(store.list_timers({})) == "6");
        store.write({.timers = {timer(7, "c", start)},
                     .cancelled = {{"transfer", "i-1", "c", key_of(6)}}});
        CHECK(keys(store.list_timers({})) == "7");
    }
}

TEST_CASE("timers of an instance that has gone on are left alone", "[saga_store]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        auto const start = store.now();
        auto const step = [](recount::version version, std::vector<saga_timer> timers,
                             std::vector<recount::timer_name> cancelled) {
            saga_changes changes;
            changes.instances = {instance("i-1", saga_status::running, version),
                                 instance("i-1", saga_status::running, version - 1),
                                 instance("i-2")};
            changes.timers = std::move(timers);
            changes.cancelled = std::move(cancelled);
            return changes;
        };
        store.write(step(3, {timer(1, "a", start)}, {}));
        store.write(step(2, {timer(2, "a", start), timer(3, "a", start, "i-2")},
                         {{"transfer", "i-1", "a"}}));
        CHECK(keys(store.list_timers({.saga = "transfer"})).size() == 3);   // 1 and 3
        CHECK(store.find_instance("transfer", "i-1")->version == 3);
        store.write(step(3, {timer(4, "a", start)}, {{"transfer", "i-2", "a"}}));   // once more
        CHECK(keys(store.list_timers({})) == "4");
        store.write({.cancelled = {{"transfer", "i-1", "a"}}});   // it says nothing of instances
        CHECK(store.list_timers({}).empty());
    }
}

TEST_CASE("timers are listed page by page as they come due", "[saga_store]") {
    ON_EVERY_SAGA_STORE(opened) {
        auto& store = opened.store();
        auto const start = store.now();
        saga_changes changes;
        for (int n = 1; n <= 5; ++n) {
            changes.timers.push_back(timer(n, std::to_string(n), start + n / 2 * 1h));
        }
        changes.timers.push_back(timer(6, "x", start, "i-1", "alerts"));
        store.write(changes);
        auto const all = store.list_timers({});
        REQUIRE(all.size() == 6);
        std::vector<saga_timer> paged;
        for (recount::timer_list wanted{.limit = 2};;) {
            auto const page = store.list_timers(wanted);
            if (page.empty()) break;
            paged.insert(paged.end(), page.begin(), page.end());
            wanted.after = std::pair{page.back().due_at, page.back().key};
        }
        CHECK(keys(paged) == keys(all));
        CHECK(keys(store.list_timers({.saga = "alerts"})) == "6");
        CHECK(store.list_timers({.saga = "transfer", .due_before = start + 1h}).size() == 1);
    }
}
