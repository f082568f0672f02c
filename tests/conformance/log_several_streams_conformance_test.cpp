// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// One commit to several streams, each with its own expectation, some of them only checked: all of
// it or nothing, and the conflict says which.
#include <fmt/format.h>

#include <atomic>
#include <random>
#include <thread>

#include "log_conformance.hpp"

using namespace conformance;
using recount::commit;
using recount::errc;
using recount::expectation;

namespace {

// Writes to a-1 (at 1) and the new a-2, checks a-3 (at 3) and that there is no a-4.
commit transfer() {
    auto made = commit_of({event("a-1"), event("a-2"), event("a-1"), event("a-2")});
    made.expectations = {{stream("a-1"), expectation::exactly(1)},
                         {stream("a-2"), expectation::no_stream()},
                         {stream("a-3"), expectation::exactly(3)},
                         {stream("a-4"), expectation::no_stream()}};
    return made;
}

void prepare(recount::log& log) {
    log.append(commit_to("a-1"));
    log.append(commit_to("a-3", 3));
}

}  // namespace

TEST_CASE("a commit to several streams is one commit", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        prepare(log);
        auto const done = log.append(transfer());
        CHECK(done.first == 5);
        CHECK(done.last == 8);
        std::vector<recount::version> found;
        for (auto const& e : done.events) found.push_back(e.version);
        CHECK(found == std::vector<recount::version>{2, 1, 3, 2});
        for (auto const& e : log.read_feed(4).events) {
            CHECK(e.commit_last == 8);
            CHECK(command_id_of(e.id) == command_id_of(done.events[0].id));
        }
        CHECK(log.read_stream(stream("a-3")).events.size() == 3);
        CHECK(log.list_streams("a").size() == 3);  // to check a stream makes none
    }
}

TEST_CASE("whichever stream is not as expected, nothing is written and it is named",
          "[conformance]") {
    struct broken {
        std::size_t which;
        expectation expected;
        char const* text;
        recount::version found;
    };
    std::vector<broken> const cases{{0, expectation::exactly(2), "version 2", 1},
                                    {0, expectation::no_stream(), "no stream", 1},
                                    {1, expectation::exactly(4), "version 4", 0},
                                    {1, expectation::stream_exists(), "an existing stream", 0},
                                    {2, expectation::exactly(2), "version 2", 3},
                                    {2, expectation::no_stream(), "no stream", 3},
                                    {3, expectation::stream_exists(), "an existing stream", 0},
                                    {3, expectation::exactly(1), "version 1", 0}};
    ON_EVERY_BACKEND(store) {
        prepare(*store.log);
        for (auto* log : {store.log.get(), &store.other()}) {
            for (auto const& one : cases) {
                CAPTURE(one.which, one.text);
                auto attempt = transfer();
                attempt.expectations[one.which].expected = one.expected;
                auto const thrown = error_of([&] { return log->append(attempt); });
                REQUIRE(thrown.has_value());
                CHECK(thrown->code() == errc::conflict);
                REQUIRE(thrown->conflict().has_value());
                CHECK(thrown->conflict()->stream == fmt::format("a-{}", one.which + 1));
                CHECK(thrown->conflict()->expected == one.text);
                CHECK(thrown->conflict()->actual_version == one.found);
                CHECK(log->head().position == 4);
                CHECK(log->list_streams("a").size() == 2);
            }
        }
        CHECK(store.other().append(transfer()).last == 8);
    }
}

TEST_CASE("a stream moved by another log is seen by who writes to it or only checks it",
          "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& log = *store.log;
        prepare(log);
        CHECK(error_of([&] {
            auto attempt = transfer();  // so that all four heads are known here
            attempt.expectations[0].expected = expectation::exactly(9);
            return log.append(attempt);
        }));
        for (auto const* moved : {"a-1", "a-2", "a-3", "a-4"}) {
            CAPTURE(moved);
            auto attempt = transfer();
            for (auto& e : attempt.expectations) {
                auto const at =
                    static_cast<recount::version>(log.read_stream(e.stream).events.size());
                e.expected = expectation::exactly(at);
            }
            store.other().append(commit_to(moved));
            auto const head = log.head().position;
            auto const thrown = error_of([&] { return log.append(attempt); });
            REQUIRE(thrown.has_value());
            REQUIRE(thrown->conflict().has_value());
            CHECK(thrown->conflict()->stream == moved);
            CHECK(log.head().position == head);
        }
    }
}

TEST_CASE("transfers between few accounts from many threads keep their sum", "[conformance]") {
    constexpr int threads = 6;
    constexpr int accounts = 4;
    constexpr int each = 25;
    ON_EVERY_BACKEND(store) {
        // Each event's payload is the sum that it leaves in its account.
        auto const balance = [](recount::log& log, std::string const& name, recount::version& at) {
            auto const read = log.read_stream(stream(name)).events;
            at = static_cast<recount::version>(read.size());
            return read.empty() ? 100 : std::stoi(read.back().payload);
        };
        auto& other = store.other();  // opened by one thread
        std::atomic<int> failed{0};
        std::vector<std::thread> running;
        for (int t = 0; t < threads; ++t) {
            running.emplace_back([&, t] {
                std::mt19937 random{static_cast<unsigned>(t)};
                auto& log = t % 2 == 0 ? *store.log : other;
                for (int done = 0; done < each;) {
                    auto const from = random() % accounts;
                    auto const a = fmt::format("a-{}", from);
                    auto const b = fmt::format("a-{}", (from + 1) % accounts);
                    recount::version a_at = 0;
                    recount::version b_at = 0;
                    auto const a_has = balance(log, a, a_at);
                    auto const b_has = balance(log, b, b_at);
                    auto made = commit_of({event(a, std::to_string(a_has - 7)),
                                           event(b, std::to_string(b_has + 7))});
                    made.expectations = {{stream(a), expectation::exactly(a_at)},
                                         {stream(b), expectation::exactly(b_at)}};
                    auto const result = log.append_batch({&made, 1});
                    if (!code_of(result.front())) ++done;
                    if (code_of(result.front()).value_or(errc::conflict) != errc::conflict) {
                        ++failed;
                        return;
                    }
                }
            });
        }
        for (auto& one : running) one.join();
        CHECK(failed == 0);
        int sum = 0;
        for (int i = 0; i < accounts; ++i) {
            recount::version at = 0;
            sum += balance(*store.log, fmt::format("a-{}", i), at);
        }
        CHECK(sum == 100 * accounts);
        CHECK(store.log->head().position == threads * each * 2);
    }
}
