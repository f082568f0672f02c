// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// States of aggregates on every log: from snapshots, from memory, with other processes in between,
// they are what the events make of them.
#include <array>
#include <atomic>
#include <random>
#include <thread>

#include "log_conformance.hpp"
#include "support/counter_domain.hpp"
#include "support/random_history.hpp"

using namespace conformance;
using recount::errc;
using recount::expectation;
using recount::snapshot;
using recount::snapshot_key;
using sample::count;
using sample::counter;

namespace {

recount::dispatcher dispatcher_on(recount::log& log, recount::warm_options const& warm = {}) {
    return recount::dispatcher{log, "counters 1.0", &recount::now, warm};
}
constexpr recount::warm_options nothing_warm{0, 0};

recount::commit counted_in(std::string const& stream_of_counter, std::int64_t amount, int times) {
    recount::commit c;
    for (int i = 0; i < times; ++i) {
        c.events.push_back(event(stream_of_counter,
                                 recount::describe::to_json(sample::counted{
                                     {stream_of_counter.substr(8)}, amount}).str(),
                                 "counter.counted"));
    }
    return c;
}

std::string text_of(recount::loaded_state const& loaded) {
    std::string text = std::to_string(loaded.version) + " ";
    recount::describe::write_json(text, recount::aggregate_of<counter>().state(),
                                  loaded.state.get());
    return text;
}

snapshot snapshot_at(recount::log& log, std::string const& of, recount::version version,
                     std::string state = R"({"n":1})") {
    auto const e = log.read_stream(stream(of), {version, recount::direction::forward, 1}).events;
    snapshot made{{stream(of), "counter"}, 1, recount::sha256("shape"), version};
    if (!e.empty()) made.hash = e.front().hash;
    made.as_of = log.head().position;
    made.state = std::move(state);
    return made;
}

std::optional<snapshot> kept(recount::log& log, std::string const& of,
                             std::string const& aggregate = "counter") {
    auto found = log.snapshots()->find(std::array{snapshot_key{stream(of), aggregate}});
    if (found.empty()) return std::nullopt;
    CHECK(found.size() == 1);
    return found.at(of);
}

}  // namespace

TEST_CASE("streams are read from versions on, so many events of each", "[conformance][states]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        log.append(commit_to("a-1", 5));
        log.append(commit_to("b-1", 2));
        log.append(commit_to("c-1", 3));
        std::array const wanted{stream("c-1"), stream("a-1"), stream("none-1"), stream("b-1")};
        recount::position as_of = 0;
        auto found = log.read_streams(wanted, &as_of, {{3, 2, 1, 9}, 0});
        CHECK(as_of == 10);
        REQUIRE(found.size() == 2);
        CHECK(versions(found.at("a-1")) == std::vector<recount::version>{2, 3, 4, 5});
        CHECK(versions(found.at("c-1")) == std::vector<recount::version>{3});
        found = log.read_streams(wanted, &as_of, {{}, 2});
        CHECK(versions(found.at("a-1")) == std::vector<recount::version>{1, 2});
        CHECK(versions(found.at("b-1")) == std::vector<recount::version>{1, 2});
        found = log.read_streams(wanted, &as_of, {{0, 4, 1, 1}, 1});
        CHECK(versions(found.at("a-1")) == std::vector<recount::version>{4});
        CHECK(versions(found.at("c-1")) == std::vector<recount::version>{1});
        auto const wrong = error_of([&] { return log.read_streams(wanted, nullptr, {{1}, 0}); });
        REQUIRE(wrong);
        CHECK(wrong->code() == errc::invalid_argument);
    }
}

TEST_CASE("an expectation may name the past, too", "[conformance][states]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        auto const done = log.append(commit_to("a-1", 2));
        auto const stored = log.read_stream(stream("a-1")).events;
        REQUIRE(done.events.size() == 2);
        CHECK(done.events[0].hash == stored[0].hash);
        CHECK(done.events[1].hash == stored[1].hash);
        auto const with = [&](recount::version at, recount::digest const& hash) {
            auto c = commit_to("a-1");
            c.expectations.push_back({stream("a-1"), expectation::exactly(at), hash});
            return log.append_batch(std::array{c}).front();
        };
        auto const refused = with(2, stored[0].hash);
        REQUIRE(code_of(refused) == errc::conflict);
        CHECK(std::get<recount::error>(refused).conflict()->actual_version == 2);
        CHECK_FALSE(code_of(with(2, stored[1].hash)));
        CHECK(code_of(with(2, stored[1].hash)) == errc::conflict);
    }
}

TEST_CASE("the newest snapshot of a stream is kept", "[conformance][states]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        REQUIRE(log.snapshots() != nullptr);
        log.append(commit_to("counter-a", 9));
        log.append(commit_to("counter-b", 2));
        auto const first = snapshot_at(log, "counter-a", 4);
        auto const of_nothing = snapshot_at(log, "counter-none", 1);
        log.snapshots()->keep(std::array{first, of_nothing, snapshot_at(log, "counter-b", 1)});
        log.snapshots()->keep({});
        CHECK_FALSE(kept(log, "counter-none"));
        CHECK_FALSE(kept(log, "counter-a", "other"));
        auto found = kept(log, "counter-a").value();
        CHECK(found.of.stream == first.of.stream);
        CHECK(found.of.aggregate == "counter");
        CHECK(found.state_version == 1);
        CHECK(found.shape == first.shape);
        CHECK(found.version == 4);
        CHECK(found.hash == first.hash);
        CHECK(found.as_of == 11);
        CHECK(found.state == first.state);
        // Also as another process sees it.
        CHECK(kept(store.other(), "counter-b")->version == 1);

        log.snapshots()->keep(std::array{snapshot_at(log, "counter-a", 3)});
        CHECK(kept(log, "counter-a")->version == 4);
        log.snapshots()->keep(std::array{snapshot_at(log, "counter-a", 7, R"({"n":7})")});
        CHECK(kept(log, "counter-a")->version == 7);
        CHECK(kept(log, "counter-a")->state == R"({"n":7})");
        // Of a newer program; then the older one writes again.
        auto newer = snapshot_at(log, "counter-a", 5);
        newer.state_version = 2;
        log.snapshots()->keep(std::array{newer});
        log.snapshots()->keep(std::array{snapshot_at(log, "counter-a", 8)});
        CHECK(kept(log, "counter-a")->version == 5);
        // One beyond the end of the stream is of no use to anybody.
        auto lost = snapshot_at(log, "counter-a", 9);
        lost.state_version = 3;
        lost.version = 100;
        log.snapshots()->keep(std::array{lost});
        log.snapshots()->keep(std::array{snapshot_at(log, "counter-a", 8)});
        CHECK(kept(log, "counter-a")->version == 8);
    }
}

TEST_CASE("a state from a snapshot on is the state that all events make",
          "[conformance][states]") {
    auto const seed = recount::tests::seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        std::mt19937_64 random{seed};
        auto const below = [&](std::int64_t end) {
            return std::uniform_int_distribution<std::int64_t>{0, end - 1}(random);
        };
        for (std::int64_t round = 0; round < 12; ++round) {
            auto const every = 1 + below(9);
            auto const aggregate = sample::counter_every(every);
            auto const id = std::to_string(round);
            auto const name = recount::stream_name::of("counter", id);
            CAPTURE(round, every);
            recount::version end = 0;
            auto writer = std::make_unique<recount::dispatcher>(log, "counters 1.0", &recount::now);
            for (auto steps = 5 + below(15); steps > 0; --steps) {
                count const command{{id}, below(1'000), 1 + below(4)};
                switch (below(5)) {
                    case 0:    // somebody who knows nothing of snapshots
                        store.other().append(counted_in(name.str(), command.amount, 2));
                        break;
                    case 1:    // a program that starts anew
                        writer = std::make_unique<recount::dispatcher>(log, "counters 1.0",
                                                                       &recount::now);
                        [[fallthrough]];
                    default: writer->dispatch(call_of(aggregate, command)).value();
                }
                auto reader = dispatcher_on(store.other());
                auto const loaded = reader.load(aggregate, name);
                CHECK(text_of(loaded) == text_of(reader.load(aggregate, name, loaded.version)));
                end = loaded.version;
            }
            // Whoever reads that many events from the first on makes one, too.
            CHECK(kept(log, name.str()).has_value() == (end >= every));
        }
    }
}

TEST_CASE("a warm state is brought up to date by what another process wrote",
          "[conformance][states]") {
    ON_EVERY_BACKEND(store) {
        auto here = dispatcher_on(*store.log);
        auto there = dispatcher_on(store.other());
        auto const& aggregate = recount::aggregate_of<counter>();
        count const one{{"a"}, 1};
        for (recount::version v = 1; v <= 12; v += 2) {
            CHECK(here.dispatch(call_of(aggregate, one)).value().version == v);
            CHECK(there.dispatch(call_of(aggregate, one)).value().version == v + 1);
        }
        CHECK(text_of(here.load(aggregate, stream("counter-a"))) ==
              text_of(there.load(aggregate, stream("counter-a"), 12)));
    }
}

// The sum of what was accepted is the sum of what is stored, whoever was in between: a state that
// was old, or spoilt by a failure, would have let through what conflicts, or lost its count.
TEST_CASE("accepted commands of many threads and processes add up to the state",
          "[conformance][states]") {
    auto const seed = recount::tests::seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    ON_EVERY_BACKEND(store) {
        constexpr int threads_each = 4, commands_each = 60, streams = 6;
        auto const aggregate = sample::counter_every(7);
        auto here = dispatcher_on(*store.log, {4, std::size_t{1} << 20U});   // some are put out
        auto there = dispatcher_on(store.other());
        std::array<std::atomic<std::int64_t>, streams> accepted{};
        std::atomic<int> strange = 0;
        std::vector<std::thread> threads;
        for (int t = 0; t < 2 * threads_each; ++t) {
            threads.emplace_back([&, t] {
                std::mt19937_64 random{seed + static_cast<std::uint64_t>(t)};
                auto& by = t % 2 == 0 ? here : there;
                for (int i = 0; i < commands_each; ++i) {
                    auto const which = random() % streams;
                    auto const times = static_cast<std::int64_t>(random() % 5) - 1;
                    count const command{{std::to_string(which)},
                                        static_cast<std::int64_t>(random() % 100), times};
                    try {
                        auto const outcome = by.dispatch(call_of(aggregate, command));
                        if (outcome) accepted[which] += command.amount * times;
                        if (bool{outcome} != (times >= 0)) ++strange;
                    } catch (recount::error const& failure) {
                        // Outrun so often that it gave up: nothing was written.
                        if (failure.code() != errc::conflict) ++strange;
                    }
                }
            });
        }
        for (auto& one : threads) one.join();
        CHECK(strange == 0);
        for (std::size_t i = 0; i < streams; ++i) {
            auto const name = recount::stream_name::of("counter", std::to_string(i));
            for (auto* const by : {&here, &there}) {
                auto const loaded = by->load(aggregate, name);
                CHECK(static_cast<counter const*>(loaded.state.get())->sum == accepted[i]);
                if (loaded.version == 0) continue;
                CHECK(text_of(loaded) == text_of(by->load(aggregate, name, loaded.version)));
            }
        }
    }
}
