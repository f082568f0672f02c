// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "core/wait_word.hpp"

#include <chrono>
#include <latch>
#include <semaphore>
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
                lying_down_.count_down();
                while (word_.load() == seen) word_.wait(seen);
                woken();
                awake_.release();
            });
        }
        lying_down_.wait();   // who is not asleep yet when the word changes does not sleep at all
    }
    ~sleeping() {
        word_.advance_for_all();
        for (auto& each : threads_) each.join();
    }
    [[nodiscard]] bool all_wake() {
        for (int i = 0; i < sleepers; ++i) {
            if (!awake_.try_acquire_for(std::chrono::seconds{20})) return false;
        }
        return true;
    }

private:
    wait_word& word_;
    std::latch lying_down_{sleepers};
    std::counting_semaphore<sleepers> awake_{0};
    std::vector<std::thread> threads_;
};

}  // namespace

TEST_CASE("where who is woken wakes the next one all are woken in the end", "[wait_word]") {
    wait_word word;
    for (int round = 0; round < 100; ++round) {
        auto const pass_on = [&] { word.wake_one(); };
        sleeping threads{word, pass_on};
        word.advance_for_one();
        CHECK(threads.all_wake());
    }
}

TEST_CASE("all who sleep are woken at once", "[wait_word]") {
    wait_word word;
    auto const nothing = [] {};
    sleeping threads{word, nothing};
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
