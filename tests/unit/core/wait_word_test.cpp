// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "core/wait_word.hpp"

#include <chrono>
#include <thread>
#include <vector>

#include "support/catch.hpp"

using recount::detail::wait_word;

namespace {

constexpr int sleepers = 16;

// Threads that sleep until the word is another, and then do what they are given.
template <typename Woken>
class sleeping {
public:
    sleeping(wait_word& word, Woken const& woken) : word_{word} {
        auto const seen = word.load();
        for (int i = 0; i < sleepers; ++i) {
            threads_.emplace_back([this, seen, &woken] {
                while (word_.load() == seen) word_.wait(seen);
                woken();
                ++awake_;
            });
        }
        // Most of them are asleep by then; who is not does not sleep at all.
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    ~sleeping() {
        word_.advance_for_all();
        for (auto& each : threads_) each.join();
    }
    [[nodiscard]] bool all_wake() const {
        auto const until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
        while (awake_ < sleepers && std::chrono::steady_clock::now() < until) {
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
        return awake_ == sleepers;
    }

private:
    wait_word& word_;
    std::atomic<int> awake_{0};
    std::vector<std::thread> threads_;
};

}  // namespace

TEST_CASE("where who is woken wakes the next one all are woken in the end", "[wait_word]") {
    wait_word word;
    for (int round = 0; round < 10; ++round) {
        auto const pass_on = [&] { word.wake_one(); };
        sleeping const threads{word, pass_on};
        word.advance_for_one();
        CHECK(threads.all_wake());
    }
}

TEST_CASE("all who sleep are woken at once", "[wait_word]") {
    wait_word word;
    auto const nothing = [] {};
    sleeping const threads{word, nothing};
    word.advance_for_all();
    CHECK(threads.all_wake());
}

TEST_CASE("who sees an older number does not sleep", "[wait_word]") {
    wait_word word;
    auto const seen = word.load();
    word.advance_for_one();
    word.wait(seen);
    CHECK(word.load() != seen);
}
