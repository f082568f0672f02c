// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Where the states of commands come from, seen through a dispatcher on a log in memory.
// tests/conformance/states_conformance_test.cpp has what every log must do.
#include <array>
#include <thread>

#include <recount/core/metrics.hpp>
#include <recount/restructure/append.hpp>

#include "support/catch.hpp"
#include "support/counter_domain.hpp"
#include "support/gate.hpp"
#include "support/wrapped_log.hpp"

namespace {

using recount::errc;
using recount::error;
using recount::metrics::metric;
using sample::count;
using sample::counter;

recount::timestamp noon() { return recount::timestamp{std::chrono::seconds{43'200}}; }

struct counters {
    recount::tests::wrapped_log log;
    recount::aggregate_descriptor aggregate;
    recount::dispatcher dispatcher;

    explicit counters(std::int64_t snapshot_every = 0, recount::warm_options const& warm = {})
        : aggregate{sample::counter_every(snapshot_every)},
          dispatcher{log, "counters 1.0", &noon, warm} {}

    recount::outcome send(std::string const& id, std::int64_t amount, std::int64_t times = 1) {
        count const command{{id}, amount, times};
        return dispatcher.dispatch(call_of(aggregate, command));
    }
    std::int64_t sum(std::string const& id) {
        auto const loaded = dispatcher.load(aggregate, recount::stream_name::of("counter", id));
        return static_cast<counter const*>(loaded.state.get())->sum;
    }
    // The first event of the counter is taken out, behind the dispatcher's back.
    void exclude_first(std::string const& id) {
        auto const stream = recount::stream_name::of("counter", id);
        auto const first = log.inner.read_stream(stream, {.limit = 1}).events.front().id;
        static_cast<void>(recount::history::append_plan(
            log.inner, recount::restructure{"twice"}.because("recorded twice").exclude(first)));
    }
    // Behind the dispatcher's back.
    void slip_in(std::string const& id, std::int64_t amount) {
        recount::commit c;
        c.events.push_back({recount::stream_name::of("counter", id), "counter.counted", 1,
                            recount::describe::to_json(sample::counted{{id}, amount}),
                            {}});
        log.inner.append(c);
    }
};

std::int64_t counted(metric m, std::string_view label) { return recount::metrics::value(m, label); }

}  // namespace

TEST_CASE("a command on a warm state reads nothing", "[states]") {
    counters c;
    c.send("a", 1).value();
    auto const reads = c.log.stream_reads.load();
    auto const warm = counted(metric::states, "warm");
    for (int i = 0; i < 10; ++i) c.send("a", 1).value();
    CHECK(c.log.stream_reads == reads);
    CHECK(counted(metric::states, "warm") - warm == 10);
    CHECK(c.sum("a") == 11);
}

TEST_CASE("what a batch knows of a stream at its end is warm for who commands it next",
          "[states]") {
    counters c;
    count const one{{"a"}, 1, 1};
    count const two{{"b"}, 2, 1};
    auto const call = [&](count const& command) { return call_of(c.aggregate, command); };
    {
        recount::dispatcher::batch batch{c.dispatcher};
        std::vector const calls{call(one), call(two), call(one)};
        for (auto const& result : batch.run(calls)) {
            REQUIRE(std::holds_alternative<recount::outcome>(result));
        }
        // Decided, and written by nobody: not known of anybody.
        static_cast<void>(batch.draft(std::vector{call(two)}, {false}));
    }
    auto const reads = c.log.stream_reads.load();
    c.send("a", 1).value();
    CHECK(c.log.stream_reads == reads);
    c.send("b", 1).value();
    CHECK(c.log.stream_reads == reads + 1);
    CHECK(c.sum("a") == 3);
    CHECK(c.sum("b") == 3);
}

TEST_CASE("without room for states each command reads its stream", "[states]") {
    counters c{0, {0, 0}};
    for (int i = 0; i < 3; ++i) c.send("a", 1).value();
    CHECK(c.log.stream_reads == 3);
    CHECK(c.sum("a") == 3);
}

TEST_CASE("what an old warm state refuses is decided again on the stream as it is", "[states]") {
    counters c;
    c.send("a", 1).value();
    c.slip_in("a", 5);
    auto const no = c.send("a", 1, -1);
    CHECK(no.rejected().code == "negative");
    CHECK(c.log.stream_reads == 2);        // the first load, and the look behind version 1
    c.send("a", 1).value();                // on what that look has found
    CHECK(c.log.stream_reads == 2);
    CHECK(c.sum("a") == 7);
}

TEST_CASE("a conflict on a warm state reads what is new and decides again", "[states]") {
    counters c;
    c.send("a", 1).value();
    auto const tails = counted(metric::states, "tail");
    c.slip_in("a", 5);
    auto const yes = c.send("a", 2).value();
    CHECK(yes.version == 3);
    CHECK(counted(metric::states, "tail") - tails == 1);
    CHECK(c.sum("a") == 8);
}

TEST_CASE("a restructure is read once, and a state that has seen it is warm again", "[states]") {
    counters c;
    c.send("a", 100).value();
    c.send("a", 5).value();
    c.exclude_first("a");
    auto const reads = c.log.stream_reads.load();
    CHECK(c.send("a", 1).value().version == 4);   // a conflict, the tail, and the whole stream
    CHECK(c.log.stream_reads - reads == 2);
    for (int i = 0; i < 10; ++i) c.send("a", 1).value();
    CHECK(c.log.stream_reads - reads == 2);
    auto const tails = counted(metric::states, "tail");
    c.slip_in("a", 7);
    CHECK(c.sum("a") == 23);                      // 5 + 11 + 7: told to the warm state
    CHECK(counted(metric::states, "tail") - tails == 1);
    CHECK(c.log.stream_reads - reads == 3);
}

TEST_CASE("a corrected stream that nobody knows yet is one read, as any other", "[states]") {
    counters c;
    c.slip_in("a", 100);
    c.slip_in("a", 5);
    c.exclude_first("a");
    CHECK(c.sum("a") == 5);
    CHECK(c.log.stream_reads == 1);
}

TEST_CASE("a restructure that comes between load and append is a conflict", "[states]") {
    counters c;
    c.send("a", 100).value();
    c.send("a", 5).value();
    auto const expected = GENERATE(false, true);
    c.log.before_append = [&] {
        c.log.before_append = nullptr;
        c.exclude_first("a");
    };
    count const command{{"a"}, 1};
    auto call = call_of(c.aggregate, command);
    if (expected) {
        call.options.expected = 2;
        CHECK_THROWS_AS(static_cast<void>(c.dispatcher.dispatch(call)), error);
        CHECK(c.sum("a") == 5);
    } else {
        CHECK(c.dispatcher.dispatch(call).value().version == 4);
        CHECK(c.sum("a") == 6);
    }
}

TEST_CASE("a snapshot of a corrected stream is gone on with, one from before it is not",
          "[states]") {
    counters c{5};
    for (int i = 0; i < 6; ++i) c.send("a", 100).value();   // a snapshot at 5
    c.exclude_first("a");                                   // version 7
    auto const fresh_sum = [&](std::int64_t wanted, std::string const& from) {
        recount::dispatcher fresh{c.log, "counters 1.0", &noon};
        auto const before = counted(metric::states, from);
        auto const loaded = fresh.load(c.aggregate, recount::stream_name{"counter-a"});
        CHECK(static_cast<counter const*>(loaded.state.get())->sum == wanted);
        CHECK(counted(metric::states, from) - before == 1);
    };
    fresh_sum(500, "log");                                  // and leaves a snapshot at 7
    fresh_sum(500, "snapshot");
    c.send("a", 1).value();
    fresh_sum(501, "snapshot");
    for (int i = 0; i < 3; ++i) c.send("a", 1).value();     // one at 10
    fresh_sum(504, "snapshot");
}

TEST_CASE("a failed append leaves no trace in the next command's state", "[states]") {
    counters c;
    c.send("a", 1).value();
    c.log.before_append = [&] {
        c.log.before_append = nullptr;
        throw error{errc::database_unreachable, "gone"};
    };
    CHECK_THROWS_AS(static_cast<void>(c.send("a", 100)), error);
    CHECK(c.send("a", 2).value().version == 2);
    CHECK(c.sum("a") == 3);
}

TEST_CASE("what is thrown while events are made leaves no trace either", "[states]") {
    counters c;
    c.send("a", 1).value();
    // More events than a commit may have: refused after the state has seen them.
    CHECK_THROWS_AS(static_cast<void>(c.send("a", 1, 40'000)), error);
    CHECK(c.send("a", 2).value().version == 2);
    CHECK(c.sum("a") == 3);
}

TEST_CASE("a repeated command leaves the state as it is", "[states]") {
    counters c;
    count const command{{"a"}, 7};
    auto call = call_of(c.aggregate, command);
    call.options.key = "once";
    CHECK_FALSE(c.dispatcher.dispatch(call).value().repeated);
    CHECK(c.dispatcher.dispatch(call).value().repeated);
    c.send("a", 1).value();
    CHECK(c.sum("a") == 8);
}

TEST_CASE("loads that are wanted at the same time are one read", "[states]") {
    counters c;
    for (auto const* id : {"a", "b", "c", "d"}) c.slip_in(id, 1);
    // As many reads as may be on their way at once, held up …
    std::array<recount::tests::gate, 2> gates;
    std::atomic<std::size_t> reads = 0;
    c.log.before_read_stream = [&] {
        if (auto const n = reads++; n < gates.size()) gates[n].pass();
    };
    std::vector<std::thread> threads;
    auto const send = [&](std::string id) {
        threads.emplace_back([&c, id] { c.send(id, 1).value(); });
    };
    for (std::size_t i = 0; i < gates.size(); ++i) {
        send("busy" + std::to_string(i));
        gates[i].until_somebody_waits();
    }
    // … and four more, of which nobody can tell from outside that they wait: so the count below
    // may only be too high, never too low.
    for (auto const* id : {"a", "b", "c", "d"}) send(id);
    for (auto& gate : gates) gate.open();
    for (auto& one : threads) one.join();
    CHECK(reads >= 3);
    CHECK(reads <= 6);
    for (auto const* id : {"a", "b", "c", "d"}) CHECK(c.sum(id) == 2);
}

TEST_CASE("a snapshot is written at every n-th event and saves the way there", "[states]") {
    counters c{5};
    auto const written = counted(metric::snapshots, "written");
    for (int i = 0; i < 12; ++i) c.send("a", 1).value();
    CHECK(counted(metric::snapshots, "written") - written == 2);
    c.send("b", 1, 11).value();            // passes 5 and 10 at once
    CHECK(counted(metric::snapshots, "written") - written == 3);

    recount::dispatcher fresh{c.log, "counters 1.0", &noon};
    auto const used = counted(metric::states, "snapshot");
    auto const loaded = fresh.load(c.aggregate, recount::stream_name{"counter-a"});
    CHECK(counted(metric::states, "snapshot") - used == 1);
    CHECK(loaded.version == 12);
    CHECK(static_cast<counter const*>(loaded.state.get())->events_seen == 12);
    auto const kept = c.log.snapshots()->find(
        std::array{recount::snapshot_key{recount::stream_name{"counter-a"}, "counter"}});
    CHECK(kept.at("counter-a").version == 10);
}

TEST_CASE("a long stream without a snapshot gets one when it is loaded", "[states]") {
    counters c{5};
    for (int i = 0; i < 13; ++i) c.slip_in("a", 1);
    c.send("a", 1).value();
    auto const kept = c.log.snapshots()->find(
        std::array{recount::snapshot_key{recount::stream_name{"counter-a"}, "counter"}});
    CHECK(kept.at("counter-a").version == 13);
}

TEST_CASE("a snapshot that does not fit is not used", "[states]") {
    counters c{5};
    for (int i = 0; i < 7; ++i) c.send("a", 1).value();
    recount::stream_name const stream{"counter-a"};
    auto const key = std::array{recount::snapshot_key{stream, "counter"}};
    auto good = c.log.snapshots()->find(key).at("counter-a");
    good.state = R"({"sum":1000,"last":[],"events_seen":1000})";
    auto const load = [&](recount::snapshot changed) {
        // A log with the same events, so with the same hashes but for the store's identity.
        counters other{5};
        for (int i = 0; i < 7; ++i) other.slip_in("a", 1);
        auto const events = other.log.inner.read_stream(stream).events;
        if (changed.hash == good.hash) changed.hash = events[4].hash;
        other.log.snapshots()->keep(std::array{changed});
        return other.sum("a");
    };
    CHECK(load(good) == 1002);             // believed: the test bites
    auto changed = good;
    SECTION("of another state version") {
        changed.state_version = 2;
        CHECK(load(changed) == 7);
    }
    SECTION("of another shape") {
        changed.shape[0] ^= std::byte{1};
        CHECK(load(changed) == 7);
    }
    SECTION("of another past") {
        changed.hash[0] ^= std::byte{1};
        CHECK(load(changed) == 7);
    }
    SECTION("beyond the end of the stream") {
        changed.version = 8;
        CHECK(load(changed) == 7);
    }
    SECTION("of no text that is a state") {
        changed.state = R"({"sum":"many"})";
        CHECK(load(changed) == 7);
    }
}

TEST_CASE("a warm state of a history that is no more is not gone on with", "[states]") {
    // The database is restored from a backup and has grown again: other events, same versions.
    // A second log stands for it; the dispatcher's log changes under its hands.
    struct switched_log final : recount::log {
        std::array<recount::tests::wrapped_log, 2> logs;
        std::size_t now = 0;
        recount::uuid store_id() const override { return logs[now].store_id(); }
        std::string const& store_name() const override { return logs[now].store_name(); }
        std::vector<recount::append_result> append_batch(
            std::span<recount::commit const> commits) override {
            return logs[now].append_batch(commits);
        }
        recount::appended append_restructure(
            std::function<recount::commit()> const& make) override {
            return logs[now].append_restructure(make);
        }
        recount::stream_page read_stream(recount::stream_name const& s,
                                         recount::stream_read const& o) override {
            return logs[now].read_stream(s, o);
        }
        std::map<std::string, std::vector<recount::recorded_event>> read_streams(
            std::span<recount::stream_name const> s, recount::position* as_of,
            recount::streams_read const& o) override {
            return logs[now].read_streams(s, as_of, o);
        }
        recount::feed_page read_feed(recount::position after, recount::feed_filter const& f,
                                     std::size_t limit) override {
            return logs[now].read_feed(after, f, limit);
        }
        std::optional<recount::recorded_event> find_event(recount::uuid const& id) override {
            return logs[now].find_event(id);
        }
        std::map<recount::uuid, recount::remembered_commit> find_commits(
            std::span<recount::uuid const> ids) override {
            return logs[now].find_commits(ids);
        }
        recount::log_head head() override { return logs[now].head(); }
        std::optional<recount::digest> hash_at(recount::position at) override {
            return logs[now].hash_at(at);
        }
        recount::position wait(recount::position after, std::chrono::milliseconds t) override {
            return logs[now].wait(after, t);
        }
        std::vector<recount::stream_summary> list_streams(std::string_view c,
                                                          std::string_view after,
                                                          std::size_t limit) override {
            return logs[now].list_streams(c, after, limit);
        }
        std::vector<recount::category_summary> list_categories() override {
            return logs[now].list_categories();
        }
        std::vector<recount::type_summary> list_types() override { return logs[now].list_types(); }
    } log;
    auto const aggregate = sample::counter_every(0);
    recount::dispatcher dispatcher{log, "counters 1.0", &noon};
    auto const send = [&](std::int64_t amount, std::optional<recount::version> expected = {}) {
        count const command{{"a"}, amount};
        auto call = call_of(aggregate, command);
        call.options.expected = expected;
        return dispatcher.dispatch(call).value().version;
    };
    auto const sum = [&](recount::dispatcher& by) {
        auto const loaded = by.load(aggregate, recount::stream_name{"counter-a"});
        return static_cast<counter const*>(loaded.state.get())->sum;
    };
    auto const whole = [&] {
        recount::dispatcher fresh{log, "counters 1.0", &noon};
        return sum(fresh);
    };
    auto const before = GENERATE(1, 3, 5);   // events of the other history, where ours has 3
    for (int i = 0; i < 3; ++i) send(1);
    log.now = 1;
    {
        recount::dispatcher other{log, "counters 1.0", &noon};
        for (int i = 0; i < before; ++i) {
            count const command{{"a"}, 100};
            other.dispatch(call_of(aggregate, command)).value();
        }
    }
    SECTION("when it is read") { CHECK(sum(dispatcher) == 100 * before); }
    SECTION("when a command is decided on it") { CHECK(send(1) == before + 1); }
    SECTION("when the caller names the version") { CHECK(send(1, before) == before + 1); }
    send(1);
    CHECK(sum(dispatcher) == whole());
}
