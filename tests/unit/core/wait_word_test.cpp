// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "core/wait_word.hpp"

#include <thread>
#include <vector>

#include "support/catch.hpp"

using recount::detail::wait_word;

namespace {

constexpr int sleepers = 16;
constexpr int rounds = 200;

// `sleepers` threads that sleep until the word has been advanced `rounds` times, each time seen by
// all of them before the next.
template <typename Advance, typename Woken>
int all_see(wait_word& word, Advance const& advance, Woken const& woken) {
    std::atomic<int> seen{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < sleepers; ++i) {
        threads.emplace_back([&] {
            for (std::uint32_t round = 0; round < rounds; ++round) {
                while (word.load() == round) word.wait(round);
                woken();
                ++seen;
            }
        });
    }
    for (int round = 0; round < rounds; ++round) {
        while (seen.load() < round * sleepers) std::this_thread::yield();
        advance();
    }
    for (auto& each : threads) each.join();
    return seen.load();
}

}  // namespace

TEST_CASE("who is woken and wakes the next one wakes all in the end", "[wait_word]") {
    wait_word word;
    CHECK(all_see(
              word, [&] { word.advance_for_one(); }, [&] { word.wake_one(); }) ==
          sleepers * rounds);
}

TEST_CASE("all who sleep are woken at once", "[wait_word]") {
    wait_word word;
    CHECK(all_see(
              word, [&] { word.advance_for_all(); }, [] {}) == sleepers * rounds);
}

TEST_CASE("who sees an older number does not sleep", "[wait_word]") {
    wait_word word;
    auto const seen = word.load();
    word.advance_for_one();
    word.wait(seen);
    CHECK(word.load() != seen);
}
