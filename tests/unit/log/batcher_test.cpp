// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "log/batcher.hpp"

#include <map>
#include <random>

#include "support/catch.hpp"

using recount::detail::batcher;
using recount::detail::batcher_limits;
using recount::detail::commit_size;
using doing = batcher::doing;
using std::chrono::microseconds;
using std::chrono::milliseconds;

namespace {

// A call with its commits; the machine knows it by its address.
struct call {
    std::vector<commit_size> sizes;
    explicit call(std::size_t commits = 1, commit_size each = {1, 100}) : sizes(commits, each) {}
};

batcher_limits const roomy{100, 1'000'000, 1'000, 10'000'000, 4, 12};
batcher::clock::time_point const noon{std::chrono::hours{12}};

bool arrive(batcher& group, call& who) { return group.arrive(&who, who.sizes); }

std::vector<batcher::piece> pieces_of(std::vector<call*> const& calls) {
    std::vector<batcher::piece> pieces;
    for (auto* const one : calls) pieces.push_back({one, 0, one->sizes.size()});
    return pieces;
}

// It comes in and is built; what is to be done then.
batcher::step arrive_and_build(batcher& group, call& who, batcher::clock::time_point now = noon) {
    REQUIRE(arrive(group, who));
    REQUIRE(group.next(now).what == doing::build);
    REQUIRE(group.built());
    return group.next(now);
}

// Builds whatever waits.
void build_all(batcher& group) {
    for (auto step = group.next(noon); step.what == doing::build; step = group.next(noon)) {
        REQUIRE(group.built());
    }
}

}  // namespace

TEST_CASE("a lone append is built and sent at once", "[batcher]") {
    batcher group{roomy};
    CHECK(group.next(noon).what == doing::nothing);
    call one{3};
    REQUIRE(arrive(group, one));
    auto const build = group.next(noon);
    REQUIRE(build.what == doing::build);
    CHECK(build.pieces == pieces_of({&one}));
    CHECK(group.next(noon).what == doing::nothing);  // one builds
    CHECK(group.built());
    auto const fly = group.next(noon);
    REQUIRE(fly.what == doing::fly);
    CHECK(fly.pieces == pieces_of({&one}));
    CHECK(group.next(noon).what == doing::nothing);
    CHECK(group.waiting_commits() == 0);
    group.flown(true, noon);
    CHECK(group.next(noon).what == doing::nothing);
}

TEST_CASE("what comes in during a flight is built then, and sent together", "[batcher]") {
    batcher group{roomy};
    call first;
    call second;
    call third{2};
    call fourth;
    REQUIRE(arrive(group, first));
    CHECK(group.next(noon).what == doing::build);
    REQUIRE(group.built());
    CHECK(group.next(noon).what == doing::fly);
    REQUIRE(arrive(group, second));
    auto const build = group.next(noon);
    REQUIRE(build.what == doing::build);
    CHECK(build.pieces == pieces_of({&second}));
    // In the meantime two more; the one who builds takes them in his next turn.
    REQUIRE(arrive(group, third));
    REQUIRE(arrive(group, fourth));
    CHECK(group.next(noon).what == doing::nothing);
    REQUIRE(group.built());
    CHECK(group.next(noon).pieces == pieces_of({&third, &fourth}));
    REQUIRE(group.built());
    CHECK(group.next(noon).what == doing::nothing);  // one in flight
    group.flown(true, noon);
    auto const fly = group.next(noon);
    REQUIRE(fly.what == doing::fly);
    CHECK(fly.pieces == pieces_of({&second, &third, &fourth}));
}

TEST_CASE("a flight that ends while the next batch is being built waits for the builder",
          "[batcher]") {
    batcher group{roomy};
    call first;
    call second;
    REQUIRE(arrive(group, first));
    build_all(group);
    REQUIRE(arrive(group, second));
    CHECK(group.next(noon).what == doing::build);
    group.flown(true, noon);
    CHECK(group.next(noon).what == doing::nothing);
    REQUIRE(group.built());
    CHECK(group.next(noon).what == doing::fly);
}

TEST_CASE("what was built on a batch that failed is built anew, in the same order", "[batcher]") {
    batcher group{roomy};
    call first;
    call second;
    call third;
    call fourth;
    REQUIRE(arrive(group, first));
    build_all(group);
    REQUIRE(group.flying());
    REQUIRE(arrive(group, second));
    build_all(group);
    SECTION("when nobody builds") {
        REQUIRE(arrive(group, third));
        group.flown(false, noon);
        auto const again = group.next(noon);
        CHECK(again.what == doing::build);
        CHECK(again.pieces == pieces_of({&second, &third}));
    }
    SECTION("when more of it is being built") {
        REQUIRE(arrive(group, third));
        CHECK(group.next(noon).what == doing::build);
        REQUIRE(arrive(group, fourth));
        group.flown(false, noon);
        CHECK(group.next(noon).what == doing::nothing);
        CHECK_FALSE(group.built());
        auto const again = group.next(noon);
        CHECK(again.what == doing::build);
        CHECK(again.pieces == pieces_of({&second, &third, &fourth}));
    }
    CHECK(group.built());
    CHECK(group.next(noon).what == doing::fly);
}

TEST_CASE("a large call is cut into batches, the next of which is built during a flight",
          "[batcher]") {
    batcher group{{10, 1'000'000, 1'000, 10'000'000}};
    call large{25};
    call small;
    REQUIRE(arrive(group, large));
    REQUIRE(arrive(group, small));
    CHECK(group.next_to_build() == &large);
    auto step = group.next(noon);
    CHECK(step.pieces == std::vector<batcher::piece>{{&large, 0, 10}});
    REQUIRE(group.built());
    CHECK(group.next(noon).what == doing::fly);
    CHECK(group.next_to_build() == &large);
    step = group.next(noon);
    CHECK(step.what == doing::build);
    CHECK(step.pieces == std::vector<batcher::piece>{{&large, 10, 20}});
    REQUIRE(group.built());
    CHECK(group.next(noon).what == doing::nothing);
    SECTION("and goes on where it was") {
        group.flown(true, noon);
        CHECK(group.next(noon).pieces == std::vector<batcher::piece>{{&large, 10, 20}});
        step = group.next(noon);
        CHECK(step.pieces == std::vector<batcher::piece>{{&large, 20, 25}, {&small, 0, 1}});
        CHECK(group.next_to_build() == nullptr);
    }
    SECTION("or from where it failed") {
        group.flown(false, noon);
        CHECK(group.next(noon).pieces == std::vector<batcher::piece>{{&large, 10, 20}});
        CHECK(group.waiting_commits() == 16);
    }
}

TEST_CASE("a batch is cut by its bytes, too, and a single commit may be larger", "[batcher]") {
    batcher group{{100, 1'000, 1'000, 10'000'000}};
    call wide{1, {200, 5'000}};
    call heavy{3, {1, 400}};
    REQUIRE(arrive(group, wide));
    REQUIRE(arrive(group, heavy));
    CHECK(group.next(noon).pieces == pieces_of({&wide}));
    REQUIRE(group.built());
    CHECK(group.next(noon).what == doing::fly);
    CHECK(group.next(noon).pieces == std::vector<batcher::piece>{{&heavy, 0, 2}});
}

TEST_CASE("beyond its limits nothing is let in", "[batcher]") {
    batcher group{{10, 1'000'000, 3, 1'000}};
    call one;
    call two{2};
    call heavy{1, {1, 950}};
    REQUIRE(arrive(group, one));
    REQUIRE(arrive(group, two));
    CHECK(group.waiting_commits() == 3);
    CHECK_FALSE(arrive(group, one));
    build_all(group);  // and they are in flight
    CHECK(group.waiting_commits() == 0);
    REQUIRE(arrive(group, one));
    CHECK_FALSE(arrive(group, heavy));
    build_all(group);
    group.flown(true, noon);
    build_all(group);
    // One alone is always let in.
    call enormous{9, {1, 5'000}};
    REQUIRE(arrive(group, enormous));
    CHECK_FALSE(arrive(group, one));
}

TEST_CASE("where a flight costs much, a batch waits for all callers of the one before",
          "[batcher]") {
    batcher group{roomy};
    call a;
    call b;
    call c;
    REQUIRE(arrive(group, a));
    REQUIRE(arrive(group, b));
    build_all(group);
    REQUIRE(arrive(group, c));
    build_all(group);
    group.flown(true, noon, milliseconds{8});
    CHECK(group.expects_all());
    auto step = group.next(noon);
    REQUIRE(step.what == doing::wait);
    CHECK(step.until == noon + milliseconds{1});
    SECTION("until all are back") {
        CHECK(arrive_and_build(group, a).what == doing::wait);
        step = arrive_and_build(group, b);
        CHECK(step.what == doing::fly);
        CHECK(step.pieces == pieces_of({&c, &a, &b}));
    }
    SECTION("or until nobody has come for an eighth of that") {
        REQUIRE(arrive(group, a));
        REQUIRE(group.next(noon + microseconds{500}).what == doing::build);
        REQUIRE(group.built());
        step = group.next(noon + milliseconds{1});
        REQUIRE(step.what == doing::wait);
        CHECK(step.until == noon + microseconds{1'500});
        CHECK(group.next(noon + microseconds{1'500}).what == doing::fly);
    }
    SECTION("or until half of it is over") {
        step = arrive_and_build(group, a, noon + microseconds{3'500});
        REQUIRE(step.what == doing::wait);
        CHECK(step.until == noon + milliseconds{4});
    }
}

TEST_CASE("else it waits for half of them, so that two halves take turns", "[batcher]") {
    batcher group{roomy};
    std::deque<call> calls(64);
    for (auto& one : calls) REQUIRE(arrive(group, one));
    build_all(group);
    group.flown(true, noon, microseconds{400});
    CHECK_FALSE(group.expects_all());
    CHECK(group.next(noon).what == doing::nothing);
    for (std::size_t i = 0; i < 31; ++i) {
        REQUIRE(arrive_and_build(group, calls[i]).what == doing::wait);
    }
    CHECK(arrive_and_build(group, calls[31]).what == doing::fly);
    for (std::size_t i = 32; i < 64; ++i) REQUIRE(arrive(group, calls[i]));
    REQUIRE(group.next(noon).what == doing::build);
    REQUIRE(group.built());
    // When the first half is back the second is ready, and nobody waits.
    group.flown(true, noon, microseconds{400});
    auto const step = group.next(noon);
    CHECK(step.what == doing::fly);
    CHECK(step.pieces.size() == 32);
}

TEST_CASE("what a flight costs is the least of late, not what a busy machine took", "[batcher]") {
    batcher group{roomy};
    std::deque<call> calls(64);
    auto const fly = [&](std::optional<microseconds> fixed) {
        for (auto& one : calls) REQUIRE(arrive(group, one));
        build_all(group);
        group.flown(true, noon, fixed);
    };
    fly(microseconds{100});
    CHECK(arrive_and_build(group, calls[0]).what == doing::fly);   // not worth a wait
    group.flown(true, noon);
    fly(microseconds{5'000});
    CHECK_FALSE(group.expects_all());
    for (int i = 0; i < 32; ++i) fly(microseconds{5'000});
    CHECK(group.expects_all());
    fly(std::nullopt);   // nobody is waited for, and nothing is forgotten
    CHECK_FALSE(group.expects_all());
    fly(microseconds{5'000});
    CHECK(group.expects_all());
    fly(microseconds{300});
    CHECK_FALSE(group.expects_all());
}

TEST_CASE("a caller whose call is cut into batches does not wait for himself", "[batcher]") {
    batcher group{{10, 1'000'000, 1'000, 10'000'000}};
    call large{25};
    CHECK(arrive_and_build(group, large).what == doing::fly);
    group.flown(true, noon, milliseconds{8});
    CHECK(group.next(noon).what == doing::build);
    REQUIRE(group.built());
    CHECK(group.next(noon).what == doing::fly);
}

TEST_CASE("a lone writer is never kept waiting for company", "[batcher]") {
    batcher group{roomy};
    call one;
    for (int i = 0; i < 3; ++i) {
        REQUIRE(arrive_and_build(group, one).what == doing::fly);
        group.flown(true, noon, milliseconds{16});
        CHECK(group.next(noon).what == doing::nothing);
    }
}

TEST_CASE("a batch is sent behind the one in flight when nobody else is to be expected",
          "[batcher]") {
    batcher group{roomy};
    std::deque<call> calls(8);
    auto const arrive_some = [&](std::size_t from, std::size_t to, bool may_follow) {
        for (auto i = from; i < to; ++i) REQUIRE(arrive(group, calls[i]));
        REQUIRE(group.next(noon).what == doing::build);
        REQUIRE(group.built(may_follow));
        return group.next(noon);
    };
    REQUIRE(arrive_some(0, 4, true).what == doing::fly);
    // How many there are is known once a batch was back.
    REQUIRE(arrive_some(4, 8, true).what == doing::nothing);
    group.flown(true, noon, microseconds{100});
    REQUIRE(group.next(noon).pieces.size() == 4);
    SECTION("at once") {
        auto const step = arrive_some(0, 4, true);
        REQUIRE(step.what == doing::fly);
        CHECK(step.pieces.size() == 4);
        call late;
        REQUIRE(arrive(group, late));
        CHECK(group.next(noon).what == doing::nothing);
        CHECK(group.next_to_build() == nullptr);
        group.flown(true, noon, microseconds{100});
        CHECK(group.flying());
        CHECK(group.next(noon).pieces == pieces_of({&late}));
        // Of nine who are about, one is too few, and four have not come.
        REQUIRE(group.built(true));
        CHECK(group.next(noon).what == doing::nothing);
        CHECK(arrive_some(4, 8, true).pieces.size() == 5);
    }
    SECTION("not before") {
        CHECK(arrive_some(0, 3, true).what == doing::nothing);
        CHECK(arrive_some(3, 4, true).what == doing::fly);
    }
    SECTION("not if it may not") {
        CHECK(arrive_some(0, 4, false).what == doing::nothing);
        group.flown(true, noon, microseconds{100});
        CHECK(group.next(noon).what == doing::fly);
    }
    SECTION("not after one that failed") {
        group.flown(false, noon);
        REQUIRE(arrive_some(0, 4, true).what == doing::fly);
        CHECK(arrive_some(4, 8, true).what == doing::nothing);
    }
    SECTION("and what was built on one that failed is built anew, though another is in flight") {
        REQUIRE(arrive_some(0, 4, true).what == doing::fly);
        group.flown(false, noon);
        REQUIRE(arrive_some(4, 8, true).what == doing::nothing);
        group.flown(false, noon);
        CHECK(group.next(noon).what == doing::build);
    }
}

TEST_CASE("where one batch of all costs less nothing is sent behind", "[batcher]") {
    auto bounds = roomy;
    bounds.comes_back_in = GENERATE(microseconds{16}, microseconds{1'000});
    bool const all_are_better = 8 * bounds.comes_back_in < microseconds{1'000};
    batcher group{bounds};
    std::deque<call> calls(8);
    auto const arrive_some = [&](std::size_t from, std::size_t to) {
        for (auto i = from; i < to; ++i) REQUIRE(arrive(group, calls[i]));
        REQUIRE(group.next(noon).what == doing::build);
        REQUIRE(group.built(true));
    };
    arrive_some(0, 4);
    REQUIRE(group.next(noon).what == doing::fly);
    arrive_some(4, 8);
    group.flown(true, noon, microseconds{1'000});
    REQUIRE(group.expects_all() == all_are_better);
    REQUIRE(group.next(noon + milliseconds{5}).what == doing::fly);   // they did not come in time
    arrive_some(0, 4);
    CHECK(group.next(noon).what == (all_are_better ? doing::nothing : doing::fly));
}

TEST_CASE("few callers and many are not sent behind others", "[batcher]") {
    batcher group{roomy};
    std::deque<call> calls(26);
    auto const fly = [&](std::size_t from, std::size_t to) {
        for (auto i = from; i < to; ++i) REQUIRE(arrive(group, calls[i]));
        REQUIRE(group.next(noon).what == doing::build);
        REQUIRE(group.built(true));
        return group.next(noon).what == doing::fly;
    };
    auto const of_half = [&](std::size_t half) {
        REQUIRE(fly(0, half));
        REQUIRE_FALSE(fly(half, 2 * half));
        group.flown(true, noon, microseconds{100});
        REQUIRE(group.next(noon).what == doing::fly);
        return fly(0, half);
    };
    CHECK_FALSE(of_half(3));
    group = batcher{roomy};
    CHECK(of_half(4));
    group = batcher{roomy};
    CHECK(of_half(12));
    group = batcher{roomy};
    CHECK_FALSE(of_half(13));
}

TEST_CASE("commits of one call are not in two batches in flight", "[batcher]") {
    batcher group{{4, 1'000'000, 1'000, 10'000'000, 1, 12}};
    call one;
    call large{8};
    REQUIRE(arrive_and_build(group, one).what == doing::fly);
    group.flown(true, noon, microseconds{100});
    REQUIRE(arrive(group, large));
    REQUIRE(group.next(noon).what == doing::build);
    REQUIRE(group.built(true));
    REQUIRE(group.next(noon).what == doing::fly);
    REQUIRE(group.next(noon).what == doing::build);
    REQUIRE(group.built(true));
    CHECK(group.next(noon).what == doing::nothing);
}

// Any order of events: every commit flies once after it was built for good, in order within its
// call, which is never in two batches at a time, never more than two, no batch beyond its limits.
TEST_CASE("every commit is written once and in order, whatever fails", "[batcher]") {
    auto const seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random{seed};
    auto const upto = [&](int n) { return std::uniform_int_distribution<int>{0, n}(random); };
    std::size_t behind = 0;
    for (int game = 0; game < 300; ++game) {
        // Where flights cost less than that, nobody waits for all, so more is sent behind.
        auto const comes_back_in = game % 3 == 0 ? microseconds{16} : microseconds{5'000};
        batcher group{{8, 10'000, 40, 100'000, 1, 8, comes_back_in}};
        std::deque<call> calls;
        std::map<batcher::caller, std::size_t> flown_to;
        bool building = false;
        std::deque<std::vector<batcher::piece>> flying;
        std::size_t let_in = 0;
        std::size_t landed = 0;
        auto now = noon;
        auto const perform = [&] {
            auto step = group.next(now);
            if (step.what == doing::build) {
                REQUIRE_FALSE(building);
                building = true;
            } else if (step.what == doing::fly) {
                REQUIRE(flying.size() < 2);
                std::size_t events = 0;
                for (auto const& piece : step.pieces) {
                    REQUIRE(piece.from == flown_to[piece.who]);
                    REQUIRE(piece.to > piece.from);
                    flown_to[piece.who] = piece.to;
                    landed += piece.to - piece.from;
                    events += piece.to - piece.from;
                }
                REQUIRE(events <= 8);
                for (auto const& before : flying) {
                    for (auto const& piece : before) {
                        for (auto const& next : step.pieces) REQUIRE(next.who != piece.who);
                    }
                }
                if (!flying.empty()) ++behind;
                flying.push_back(step.pieces);
            }
            return step.what;
        };
        for (int i = 0; i < 200; ++i) {
            now += milliseconds{upto(3)};
            switch (upto(4)) {
                case 0: {
                    int const commits = 1 + upto(game % 2 == 0 ? 1 : 11);
                    auto& fresh = calls.emplace_back(static_cast<std::size_t>(commits));
                    if (arrive(group, fresh)) let_in += fresh.sizes.size();
                    break;
                }
                case 1:
                    if (building) {
                        static_cast<void>(group.built(upto(3) > 0));
                        building = false;
                    }
                    break;
                case 2:
                    if (!flying.empty()) {
                        flying.pop_front();
                        group.flown(upto(2) > 0, now, milliseconds{upto(5)});
                    }
                    break;
                default: perform();
            }
        }
        // To the end.
        for (;;) {
            if (building) static_cast<void>(group.built());
            for (; !flying.empty(); flying.pop_front()) group.flown(true, now);
            building = false;
            now += milliseconds{100};
            if (perform() == doing::nothing && !building && flying.empty()) break;
        }
        CHECK(landed == let_in);
        CHECK(group.waiting_commits() == 0);
    }
    CHECK(behind > 5);
}
