// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/reconnect.hpp"

#include <set>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using recount::postgres::detail::reconnect;
using action = reconnect::action;
using state = reconnect::state;

namespace {

constexpr recount::postgres::detail::reconnect_manners manners{100ms, 800ms, 3'000ms};
constexpr reconnect::time_point start{1'000s};

// Of a machine that has just seen its first failure.
struct broken {
    reconnect machine{manners, 7};
    reconnect::time_point now = start;

    broken() {
        auto const first = machine.wanted(now);
        machine.failed(first.attempt, now);
    }
    // Waits as advised, and fails if it may try.
    void fail_again() {
        auto advice = machine.wanted(now);
        if (advice.what == action::wait) {
            now = advice.until;
            advice = machine.wanted(now);
        }
        if (advice.what == action::connect) machine.failed(advice.attempt, now);
    }
};

}  // namespace

TEST_CASE("while connected, everybody may connect at once", "[reconnect]") {
    reconnect machine{manners, 1};
    for (int i = 0; i < 3; ++i) CHECK(machine.wanted(start).what == action::connect);
    machine.succeeded();
    CHECK(machine.what() == state::connected);
    CHECK(machine.wanted(start).what == action::connect);
}

TEST_CASE("after a failure one tries, when the pause is over, and the others wait",
          "[reconnect]") {
    broken b;
    CHECK(b.machine.what() == state::waiting);
    auto const told = b.machine.wanted(start);
    REQUIRE(told.what == action::wait);
    CHECK(told.until >= start + 50ms);
    CHECK(told.until <= start + 100ms);
    CHECK(b.machine.wanted(told.until).what == action::connect);
    CHECK(b.machine.what() == state::trying);
    auto const other = b.machine.wanted(told.until);
    CHECK(other.what == action::wait);
    CHECK(other.until == start + manners.patience);
    b.machine.succeeded();
    CHECK(b.machine.wanted(told.until).what == action::connect);
    CHECK(b.machine.what() == state::connected);
}

TEST_CASE("pauses double up to their cap, and vary", "[reconnect]") {
    std::set<std::chrono::milliseconds> longest;
    for (std::uint64_t seed = 1; seed <= 32; ++seed) {
        reconnect machine{{100ms, 800ms, 1h}, seed};
        auto now = start;
        machine.failed(machine.wanted(now).attempt, now);
        for (auto const expected : {100ms, 200ms, 400ms, 800ms, 800ms, 800ms}) {
            auto const told = machine.wanted(now);
            REQUIRE(told.what == action::wait);
            auto const pause = told.until - now;
            CHECK(pause >= expected / 2);
            CHECK(pause <= expected);
            longest.insert(std::chrono::duration_cast<std::chrono::milliseconds>(pause));
            now = told.until;
            machine.failed(machine.wanted(now).attempt, now);
        }
    }
    CHECK(longest.size() > 20);
}

TEST_CASE("who asks of a database that is long away fails at once, but now and then one tries",
          "[reconnect]") {
    broken b;
    while (b.now < start + manners.patience) b.fail_again();
    int tried = 0;
    int failed = 0;
    for (int i = 0; i < 1'000; ++i, b.now += 10ms) {
        auto const told = b.machine.wanted(b.now);
        CHECK(told.what != action::wait);
        if (told.what == action::give_up) ++failed;
        if (told.what != action::connect) continue;
        ++tried;
        b.machine.failed(told.attempt, b.now);
    }
    CHECK(tried >= 10'000 / 800);
    CHECK(tried <= 10'000 / 400 + 1);
    CHECK(failed > 900);
}

TEST_CASE("a wait ends where patience does", "[reconnect]") {
    broken b;
    for (;;) {
        auto const told = b.machine.wanted(b.now);
        if (told.what == action::give_up) break;
        if (told.what == action::connect) {
            b.machine.failed(told.attempt, b.now);
            continue;
        }
        CHECK(told.until <= start + manners.patience);
        b.now = told.until;
    }
    CHECK(b.now == start + manners.patience);
}

TEST_CASE("after a success patience and pauses begin anew", "[reconnect]") {
    broken b;
    for (int i = 0; i < 5; ++i) b.fail_again();
    b.machine.succeeded();
    b.now += 1h;
    b.machine.failed(b.machine.wanted(b.now).attempt, b.now);
    auto const told = b.machine.wanted(b.now);
    CHECK(told.what == action::wait);
    CHECK(told.until <= b.now + 100ms);
}

TEST_CASE("failures of attempts that began together count once", "[reconnect]") {
    reconnect machine{manners, 3};
    auto const a = machine.wanted(start);
    auto const b = machine.wanted(start);
    machine.failed(a.attempt, start);
    auto const first = machine.wanted(start);
    machine.failed(b.attempt, start + 10ms);
    CHECK(machine.wanted(start + 10ms).until == first.until);
    SECTION("and none that began before a success") {
        auto const late = machine.wanted(first.until);
        machine.succeeded();
        machine.failed(late.attempt, first.until);
        machine.failed(b.attempt, first.until);
        CHECK(machine.what() == state::connected);
    }
}

TEST_CASE("an attempt that says nothing of the database leaves the way free", "[reconnect]") {
    broken b;
    auto const told = b.machine.wanted(start + 100ms);
    REQUIRE(told.what == action::connect);
    b.machine.abandoned(told.attempt, start + 101ms);
    CHECK(b.machine.wanted(start + 101ms).what == action::connect);
}
