// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "effects/runner.hpp"

#include "support/catch.hpp"

using namespace std::chrono_literals;
using recount::effect_result;
using recount::effect_worker_options;
using recount::outbox_message;
using recount::detail::effect_runner;
using kind = effect_runner::action_kind;

namespace {

outbox_message message(int n, std::string order_key = {}) {
    outbox_message m;
    m.key = recount::command_id_from_key(std::to_string(n));
    m.saga = "alerts";
    m.number = n;
    m.order_key = std::move(order_key);
    return m;
}

effect_runner::clock::time_point at(std::chrono::milliseconds since) {
    return effect_runner::clock::time_point{} + 1h + since;
}

std::int64_t sent_number(effect_runner::action const& action) {
    return action.kind == kind::send ? action.messages.at(0).number : -1;
}

// Claimed, and two threads' worth of room.
effect_runner with(std::vector<outbox_message> batch, effect_worker_options options = {}) {
    options.threads = 2;
    effect_runner runner{options, 1};
    CHECK(runner.next(at(0ms)).kind == kind::claim);
    runner.on_claimed(std::move(batch), at(0ms));
    return runner;
}

void settle(effect_runner& runner, outbox_message const& m, effect_result const& result,
            bool kept = true) {
    runner.on_kept(m, runner.on_result(m, result), kept);
}

}  // namespace

TEST_CASE("a worker claims as much as it has room for", "[effects]") {
    effect_worker_options options;
    options.threads = 3;
    effect_runner runner{options, 1};
    auto const first = runner.next(at(0ms));
    CHECK(first.kind == kind::claim);
    CHECK(first.limit == 6);
    CHECK(runner.next(at(0ms)).kind == kind::wait);       // somebody is at it
    runner.on_claimed({message(1), message(2)}, at(0ms));
    CHECK(sent_number(runner.next(at(0ms))) == 1);
    CHECK(sent_number(runner.next(at(0ms))) == 2);
    auto const more = runner.next(at(0ms));
    CHECK(more.kind == kind::claim);
    CHECK(more.limit == 4);
    runner.on_nothing(std::nullopt, at(0ms));
    auto const idle = runner.next(at(0ms));
    CHECK(idle.kind == kind::wait);
    CHECK(idle.until == at(options.look_again));
    CHECK(runner.next(idle.until).kind == kind::claim);
}

TEST_CASE("what comes in while a worker looks is looked for at once", "[effects]") {
    effect_runner runner{{}, 1};
    CHECK(runner.next(at(0ms)).kind == kind::claim);
    runner.on_news(at(1ms));                              // after the claim has looked, perhaps
    runner.on_nothing(std::nullopt, at(2ms));
    CHECK(runner.next(at(2ms)).kind == kind::claim);
    runner.on_nothing(std::nullopt, at(3ms));             // it was told of once
    CHECK(runner.next(at(3ms)).kind == kind::wait);
}

TEST_CASE("a worker that found nothing looks when something is due, or it is told to",
          "[effects]") {
    effect_runner runner{{}, 1};
    static_cast<void>(runner.next(at(0ms)));
    runner.on_nothing(100ms, at(0ms));
    CHECK(runner.next(at(99ms)).until == at(100ms));
    CHECK(runner.next(at(100ms)).kind == kind::claim);
    runner.on_nothing(0ms, at(100ms));                    // held up: it does not spin
    auto const held_up = runner.next(at(100ms));
    CHECK(held_up.kind == kind::wait);
    CHECK(held_up.until > at(100ms));
    runner.on_news(at(100ms));
    CHECK(runner.next(at(100ms)).kind == kind::claim);
}

TEST_CASE("a store that fails is asked less and less often", "[effects]") {
    effect_runner runner{{}, 1};
    std::chrono::nanoseconds last{0};
    auto now = at(0ms);
    for (int i = 0; i < 10; ++i) {
        REQUIRE(runner.next(now).kind == kind::claim);
        runner.on_claim_failed(now);
        auto const pause = runner.next(now).until - now;
        CHECK(pause >= last);
        CHECK(pause <= 5s);
        last = pause;
        now += pause;
    }
    CHECK(last == 5s);
    REQUIRE(runner.next(now).kind == kind::claim);
    runner.on_nothing(std::nullopt, now);                 // it is back
    CHECK(runner.next(now).until - now == effect_worker_options{}.look_again);
}

TEST_CASE("effects of one order go one after the other", "[effects]") {
    auto runner = with({message(1, "k"), message(2, "k"), message(3), message(4, "k")});
    auto const first = runner.next(at(0ms));
    CHECK(sent_number(first) == 1);
    CHECK(sent_number(runner.next(at(0ms))) == 3);
    CHECK(runner.next(at(0ms)).kind == kind::wait);       // 2 and 4 stand behind 1
    settle(runner, first.messages[0], effect_result::sent());
    auto const second = runner.next(at(0ms));
    CHECK(sent_number(second) == 2);
    settle(runner, second.messages[0], effect_result::give_up("no"));
    CHECK(sent_number(runner.next(at(0ms))) == 4);        // the dead hold up nobody
}

TEST_CASE("what stands behind an effect that failed is given back", "[effects]") {
    for (bool const kept : {true, false}) {
        auto runner = with({message(1, "k"), message(2, "k"), message(3, "l"), message(4, "k")});
        auto const first = runner.next(at(0ms));
        settle(runner, first.messages[0],
               kept ? effect_result::again("no") : effect_result::sent(), kept);
        auto const back = runner.next(at(0ms));
        REQUIRE(back.kind == kind::release);
        REQUIRE(back.messages.size() == 2);
        CHECK(back.messages[0].number == 2);
        CHECK(back.messages[1].number == 4);
        CHECK(sent_number(runner.next(at(0ms))) == 3);
    }
}

TEST_CASE("what has waited too long for a thread is given back, with all behind it",
          "[effects]") {
    effect_worker_options options;
    options.lease = 10s;
    auto runner = with({message(1, "k"), message(2, "k"), message(3)}, options);
    auto const back = runner.next(at(5'001ms));
    REQUIRE(back.kind == kind::release);
    CHECK(back.messages.size() == 3);
    CHECK(runner.next(at(5'001ms)).kind == kind::claim);
}

TEST_CASE("a worker that is stopped gives back what it has not begun", "[effects]") {
    auto runner = with({message(1, "k"), message(2, "k"), message(3)});
    auto const first = runner.next(at(0ms));
    runner.on_stop();
    auto const back = runner.next(at(0ms));
    REQUIRE(back.kind == kind::release);
    CHECK(back.messages.size() == 2);
    CHECK(runner.next(at(0ms)).kind == kind::done);
    settle(runner, first.messages[0], effect_result::sent());
    CHECK(runner.next(at(0ms)).kind == kind::done);
}

TEST_CASE("a claim that comes in after the stop is given back", "[effects]") {
    effect_runner runner{{}, 1};
    static_cast<void>(runner.next(at(0ms)));
    runner.on_stop();
    runner.on_claimed({message(1)}, at(0ms));
    CHECK(runner.next(at(0ms)).kind == kind::release);
    CHECK(runner.next(at(0ms)).kind == kind::done);
}

TEST_CASE("pauses double up to a bound, and differ", "[effects]") {
    effect_worker_options options;
    options.pause_first = 100ms;
    options.pause_max = 1'000ms;
    for (auto const chance : {0.0, 0.5, 1.0}) {
        auto const share = [&](int whole) {
            return std::chrono::milliseconds{static_cast<int>(whole * (1 + chance) / 2)};
        };
        CHECK(recount::detail::pause_after(options, 1, chance) == share(100));
        CHECK(recount::detail::pause_after(options, 2, chance) == share(200));
        CHECK(recount::detail::pause_after(options, 4, chance) == share(800));
        CHECK(recount::detail::pause_after(options, 5, chance) == share(1'000));
        CHECK(recount::detail::pause_after(options, 1'000'000, chance) == share(1'000));
    }
}

TEST_CASE("attempts come to an end, and a handler may ask for its own pause", "[effects]") {
    effect_worker_options options;
    options.attempts_max = 3;
    options.asked_pause_max = 1h;
    effect_runner runner{options, 1};
    auto m = message(1);
    auto const again = effect_result::again("HTTP 503");
    CHECK(runner.on_result(m, again).what == effect_result::kind::again);
    m.attempts = 1;
    auto const asked = runner.on_result(m, effect_result::again("HTTP 429", 7s));
    CHECK(asked.what == effect_result::kind::again);
    CHECK(asked.again_in == 7s);
    CHECK(asked.why == "HTTP 429");
    CHECK(runner.on_result(m, effect_result::again("", 99h)).again_in == 1h);
    CHECK(runner.on_result(m, effect_result::again("", -1s)).again_in == 0s);
    m.attempts = 2;
    auto const dead = runner.on_result(m, again);
    CHECK(dead.what == effect_result::kind::give_up);
    CHECK(dead.why == "HTTP 503");
    CHECK(runner.on_result(m, effect_result::sent()).what == effect_result::kind::sent);
}
