// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "app/follower_threads.hpp"

#include <stdexcept>

#include "support/catch.hpp"

using recount::detail::follower_threads;

TEST_CASE("a follower that throws whatever it likes stands still, and the others do not",
          "[followers]") {
    follower_threads threads;
    std::atomic<int> rounds = 0;
    threads.start({"one", "two", "three"}, [&](std::size_t part) {
        if (part == 0) throw 1;
        if (part == 1) throw std::runtime_error{"a bug"};
        ++rounds;
        std::this_thread::yield();
    });
    while (threads.failures().size() < 2 || rounds < 2) std::this_thread::yield();
    auto const failures = threads.failures();
    REQUIRE(failures.size() == 2);
    CHECK(failures[0].first == "one");
    CHECK(failures[0].second.find("no exception") != std::string::npos);
    CHECK(failures[1].second == "a bug");
    threads.stop();
}
