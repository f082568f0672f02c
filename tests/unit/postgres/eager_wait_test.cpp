// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/eager_wait.hpp"

#include "support/catch.hpp"

using namespace std::chrono_literals;
using recount::postgres::eager_wait;

TEST_CASE("nobody knows how long the first answer takes, so it is slept for", "[eager_wait]") {
    eager_wait const wait{2};
    CHECK(wait.wanted().look == 0ns);
}

TEST_CASE("the first part of the usual time is slept, the rest and some more looked",
          "[eager_wait]") {
    eager_wait wait{2};
    wait.took(300us);
    CHECK(wait.wanted().sleep == 120us);
    CHECK(wait.wanted().look == 420us);
    for (int i = 0; i < 100; ++i) wait.took(100us);
    CHECK(wait.wanted().sleep / 1us == 40);
    CHECK(wait.wanted().look / 1us == 140);
}

TEST_CASE("one slow answer changes little, a slow database all", "[eager_wait]") {
    eager_wait wait{2};
    wait.took(200us);
    wait.took(1'000us);
    CHECK(wait.wanted().look == 420us);
    wait.took(20s);   // a checkpoint, or somebody who held the lock: as 1.2 ms
    CHECK(wait.wanted().look / 1us == 577);
    for (int i = 0; i < 30; ++i) wait.took(2ms);
    CHECK(wait.wanted().look == 0us);
    for (int i = 0; i < 30; ++i) wait.took(200us);
    CHECK(wait.wanted().look > 280us);
}

TEST_CASE("what the server needs is left to it", "[eager_wait]") {
    eager_wait single{1};
    single.took(200us);
    CHECK(single.wanted().look == 0us);
    eager_wait unknown{0};  // std::thread::hardware_concurrency() does not know
    unknown.took(200us);
    CHECK(unknown.wanted().look == 280us);
}
