// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Many threads at once, through one log object and through two; and waiting for news.
#include <atomic>
#include <mutex>
#include <random>
#include <thread>

#include "log_conformance.hpp"

using namespace conformance;
using namespace std::chrono_literals;
using recount::commit;
using recount::errc;
using recount::expectation;

namespace {

constexpr auto ample = 30s;  // for what takes milliseconds unless something is wrong

void in_threads(int count, std::function<void(int)> const& body) {
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) threads.emplace_back(body, i);
    for (auto& one : threads) one.join();
}

// What must not happen in any thread: the first of it, to be told by the main thread.
class strange_results {
public:
    void note(recount::append_result const& result) {
        auto const* failed = std::get_if<recount::error>(&result);
        std::lock_guard const hold{mutex_};
        if (failed != nullptr && first_.empty()) {
            first_ = std::string{failed->what()} + ' ' + failed->server_text();
        }
    }
    [[nodiscard]] std::string first() {
        std::lock_guard const hold{mutex_};
        return first_;
    }

private:
    std::mutex mutex_;
    std::string first_;
};

}  // namespace

TEST_CASE("of many who expect one version exactly one wins", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        constexpr int threads = 8;
        constexpr int rounds = 25;
        constexpr int streams = 3;
        auto& other = store.other();
        std::atomic<int> winners{0};
        std::atomic<int> losers{0};
        strange_results strange;
        in_threads(threads, [&](int self) {
            auto& log = self % 2 == 0 ? *store.log : other;
            for (int round = 0; round < rounds; ++round) {
                auto const name = "a-" + std::to_string(round % streams);
                auto const result = log.append_batch(std::vector<commit>{
                    expecting(commit_to(name), name, expectation::exactly(round / streams))});
                if (std::holds_alternative<recount::appended>(result.front())) {
                    ++winners;
                } else if (code_of(result.front()) == errc::conflict) {
                    ++losers;
                } else {
                    strange.note(result.front());
                }
            }
        });
        // Whoever won a version expects the next one later, so none is without a winner.
        CHECK(strange.first() == "");
        CHECK(winners == rounds);
        CHECK(losers == (threads - 1) * rounds);
        CHECK(store.log->head().position == rounds);
        check_whole(*store.log);
    }
}

TEST_CASE("threads that read, decide and retry lose and repeat nothing", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        constexpr int threads = 6;
        constexpr int each = 15;
        auto& other = store.other();
        strange_results strange;
        in_threads(threads, [&](int self) {
            auto& log = self % 2 == 0 ? *store.log : other;
            for (int done = 0; done < each;) {
                auto const name = "counter-" + std::to_string(done % 2);
                auto const at =
                    static_cast<recount::version>(log.read_stream(stream(name)).events.size());
                auto const result = log.append_batch(std::vector<commit>{
                    expecting(commit_to(name), name, expectation::exactly(at))});
                if (std::holds_alternative<recount::appended>(result.front())) {
                    ++done;
                } else if (code_of(result.front()) != errc::conflict) {
                    strange.note(result.front());
                    return;
                }
            }
        });
        CHECK(strange.first() == "");
        CHECK(store.log->head().position == threads * each);
        check_whole(*store.log);
    }
}

TEST_CASE("appends that expect nothing all go through, whoever else appends", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        constexpr int threads = 8;
        constexpr int each = 20;
        auto& other = store.other();
        strange_results strange;
        in_threads(threads, [&](int self) {
            auto& log = self % 2 == 0 ? *store.log : other;
            for (int i = 0; i < each; ++i) {
                auto const result = log.append_batch(std::vector<commit>{commit_to("hot-1", 2)});
                strange.note(result.front());
            }
        });
        CHECK(strange.first() == "");
        CHECK(store.log->head().position == 2 * threads * each);
        check_whole(*store.log);
    }
}

TEST_CASE("a stream that is only checked is never judged by what it was", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        // A limit is moved by one log while the other keeps appending under the limit it knows:
        // each of those commits must have seen the version that was true at its position.
        auto& other = store.other();
        store.log->append(commit_to("limit-1"));
        std::atomic<bool> over{false};
        strange_results strange;
        std::thread mover{[&] {
            for (int i = 0; i < 60; ++i) other.append(commit_to("limit-1"));
            over = true;
        }};
        recount::version expected = 1;
        while (!over) {
            auto attempt = expecting(commit_of({event("used-1", std::to_string(expected))}),
                                     "limit-1", expectation::exactly(expected));
            auto const result = store.log->append_batch(std::vector<commit>{attempt});
            if (code_of(result.front()) == errc::conflict) {
                expected = std::get<recount::error>(result.front()).conflict()->actual_version;
            } else if (!std::holds_alternative<recount::appended>(result.front())) {
                strange.note(result.front());
            }
        }
        mover.join();
        CHECK(strange.first() == "");
        recount::version limit = 0;
        for (auto const& e : everything(*store.log)) {
            if (e.stream == "limit-1") limit = e.version;
            if (e.stream == "used-1") REQUIRE(e.payload == std::to_string(limit));
        }
        CHECK(limit == 61);
    }
}

TEST_CASE("one command from many threads is one commit with one result", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        constexpr int threads = 8;
        auto& other = store.other();
        for (int round = 0; round < 10; ++round) {
            auto const name = "a-" + std::to_string(round);
            auto const attempt = expecting(commit_to(name, 2), name, expectation::no_stream());
            std::vector<std::optional<recount::append_result>> results(threads);
            in_threads(threads, [&](int self) {
                auto& log = self % 2 == 0 ? *store.log : other;
                results[static_cast<std::size_t>(self)] =
                    log.append_batch(std::vector<commit>{attempt}).front();
            });
            int first_times = 0;
            for (auto const& result : results) {
                auto const& done = success(*result);
                CHECK(done.first == 2 * round + 1);
                CHECK(done.last == 2 * round + 2);
                CHECK(done.recorded_at == success(*results.front()).recorded_at);
                CHECK(done.events.size() == 2);
                if (!done.repeated) ++first_times;
            }
            CHECK(first_times == 1);
        }
        CHECK(store.log->head().position == 20);
    }
}

TEST_CASE("random appends through two logs leave one dense history", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto const seed = std::random_device{}();
        CAPTURE(seed);
        auto& other = store.other();
        std::atomic<std::int64_t> written{0};
        strange_results strange;
        in_threads(4, [&](int self) {
            std::mt19937 random{seed + static_cast<unsigned>(self)};
            auto const upto = [&](int n) {
                return std::uniform_int_distribution<int>{0, n}(random);
            };
            auto& log = self % 2 == 0 ? *store.log : other;
            for (int i = 0; i < 15; ++i) {
                std::vector<commit> batch(static_cast<std::size_t>(upto(5)));
                for (auto& one : batch) {
                    auto const count = 1 + upto(3);
                    for (int k = 0; k < count; ++k) {
                        one.events.push_back(event("s-" + std::to_string(upto(9))));
                    }
                    one.expectations.push_back(
                        {stream("s-" + std::to_string(upto(9))), expectation::exactly(upto(30))});
                    if (upto(2) > 0) one.expectations.clear();
                }
                auto const results = log.append_batch(batch);
                for (auto const& result : results) {
                    if (auto const* done = std::get_if<recount::appended>(&result)) {
                        written += done->last - done->first + 1;
                    } else if (code_of(result) != errc::conflict) {
                        strange.note(result);
                    }
                }
            }
        });
        CHECK(strange.first() == "");
        CHECK(written == store.log->head().position);
        check_whole(*store.log);
    }
}

TEST_CASE("wait returns at once when the log is past the position", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        store.other().append(commit_to("a-1", 3));
        CHECK(store.log->wait(0, 0ms) == 3);
        CHECK(store.log->wait(2, ample) == 3);
        CHECK(store.log->wait(-1, ample) == 3);
    }
}

TEST_CASE("wait ends with its time when nothing comes", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        store.log->append(commit_to("a-1"));
        auto const begun = std::chrono::steady_clock::now();
        CHECK(store.log->wait(1, 60ms) == 1);
        CHECK(std::chrono::steady_clock::now() - begun >= 60ms);
    }
}

TEST_CASE("wait wakes on an append by another thread and by another log", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        auto& other = store.other();
        for (auto* const writer : {store.log.get(), &other}) {
            auto const before = store.log->head().position;
            std::atomic<bool> waiting{false};
            recount::position seen = 0;
            std::thread waiter{[&] {
                waiting = true;
                seen = store.log->wait(before, ample);
            }};
            while (!waiting) std::this_thread::yield();
            writer->append(commit_to("a-1"));
            waiter.join();
            CHECK(seen == before + 1);
        }
    }
}

TEST_CASE("many wait for different positions", "[conformance]") {
    ON_EVERY_BACKEND(store) {
        std::atomic<int> right{0};
        std::vector<std::thread> waiters;
        for (int i = 0; i < 6; ++i) {
            waiters.emplace_back([&, i] {
                if (store.log->wait(i, ample) > i) ++right;
            });
        }
        for (int i = 0; i < 6; ++i) store.other().append(commit_to("a-1"));
        for (auto& one : waiters) one.join();
        CHECK(right == 6);
    }
}
