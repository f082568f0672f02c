// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/heads_cache.hpp"

#include <map>
#include <random>

#include "support/catch.hpp"

using recount::postgres::heads_cache;
using recount::postgres::known_types;
using recount::postgres::log_end;
using recount::detail::known_heads;
using recount::detail::stream_head;

namespace {

// A link that tells its position, so that a mix-up shows.
log_end end_at(recount::position p) {
    return {p, {std::byte{1}, static_cast<std::byte>(p >> 8), static_cast<std::byte>(p & 0xFF)}};
}

known_heads head(std::string const& stream, recount::version version) {
    return {{stream, {version == 0 ? 0 : 1, version, {}}}};
}

}  // namespace

TEST_CASE("a cache knows nothing at first", "[heads_cache]") {
    heads_cache cache;
    CHECK_FALSE(cache.find("a-1"));
}

TEST_CASE("the empty log is knowledge, too", "[heads_cache]") {
    heads_cache cache;
    cache.learn(head("a-1", 0), end_at(0), cache.newest().age);
    auto const found = cache.find("a-1");
    REQUIRE(found);
    CHECK(found->head.version == 0);
    CHECK(found->as_of.position == 0);
    CHECK(found->as_of.link == end_at(0).link);
}

TEST_CASE("heads stay true while only our own batches follow", "[heads_cache]") {
    heads_cache cache;
    cache.learn(head("a-1", 4), end_at(10), cache.newest().age);
    cache.appended(10, end_at(12), head("b-1", 1), 0);
    cache.appended(12, end_at(20), head("c-1", 1), 0);
    CHECK(cache.find("a-1")->as_of.position == 20);
    CHECK(cache.find("a-1")->as_of.link == end_at(20).link);
    CHECK(cache.find("b-1")->as_of.position == 20);
}

TEST_CASE("behind a foreign append old heads hold as of what they were", "[heads_cache]") {
    heads_cache cache;
    cache.learn(head("a-1", 4), end_at(10), cache.newest().age);
    cache.appended(15, end_at(16), head("b-1", 1), 0);  // someone else wrote 11 to 15
    CHECK(cache.find("a-1")->as_of.position == 10);
    CHECK(cache.find("a-1")->as_of.link == end_at(10).link);
    CHECK(cache.find("b-1")->as_of.position == 16);
    cache.learn(head("a-1", 5), end_at(16), cache.newest().age);
    CHECK(cache.find("a-1")->head.version == 5);
    CHECK(cache.find("a-1")->as_of.position == 16);
}

TEST_CASE("knowledge that comes late does not replace newer", "[heads_cache]") {
    heads_cache cache;
    cache.learn(head("a-1", 4), end_at(10), cache.newest().age);
    cache.appended(10, end_at(11), head("a-1", 5), 0);
    cache.learn(head("a-1", 4), end_at(10), cache.newest().age);
    CHECK(cache.find("a-1")->head.version == 5);
    // Nor does it come back when the newer was forgotten: it would count as true up to 11.
    cache.forget(head("a-1", 0));
    cache.learn(head("a-1", 4), end_at(10), cache.newest().age);
    CHECK_FALSE(cache.find("a-1"));
}

TEST_CASE("a batch of ours that is told late is not taken for the newest", "[heads_cache]") {
    heads_cache cache;
    cache.learn(head("b-1", 1), end_at(12), cache.newest().age);  // asked after batch 11 to 12 …
    cache.appended(12, end_at(14), head("a-1", 7), 0);            // … and before this one
    cache.forget(head("a-1", 0));
    cache.appended(10, end_at(12), head("a-1", 6), 0);  // which is told only now
    auto const found = cache.find("a-1");
    CHECK((!found || found->as_of.position <= 12));
}

TEST_CASE("the range that is vouched for begins at the oldest head", "[heads_cache]") {
    heads_cache cache;
    CHECK_FALSE(cache.newest().newest);
    cache.learn(head("a-1", 4), end_at(10), 0);
    cache.appended(10, end_at(12), head("b-1", 1), 0);
    // Nobody else has written since 10: what held there holds at 12.
    CHECK(cache.range(10).oldest == 12);
    CHECK(cache.range(10).newest.link == end_at(12).link);
    cache.appended(15, end_at(16), head("b-1", 2), 0);
    CHECK(cache.range(12).oldest == 12);
    CHECK(cache.range(16).oldest == 16);
    CHECK(cache.range(12).newest.position == 16);
    CHECK(cache.newest().newest->link == end_at(16).link);
}

TEST_CASE("what was asked of another log is not learnt", "[heads_cache]") {
    heads_cache cache;
    cache.learn(head("a-1", 4), end_at(10), 0);
    auto const asked = cache.newest().age;
    cache.clear();
    cache.learn(head("a-1", 5), end_at(11), asked);
    CHECK_FALSE(cache.find("a-1"));
    cache.learn(head("a-1", 3), end_at(9), cache.newest().age);
    CHECK(cache.find("a-1")->head.version == 3);
}

TEST_CASE("cleared is as new", "[heads_cache]") {
    heads_cache cache;
    cache.learn(head("a-1", 4), end_at(10), cache.newest().age);
    cache.clear();
    CHECK_FALSE(cache.find("a-1"));
    // Another log, shorter than the one known before.
    cache.learn(head("a-1", 1), end_at(0), cache.newest().age);
    CHECK(cache.find("a-1")->as_of.position == 0);
}

TEST_CASE("memory is bounded, and what is used stays", "[heads_cache]") {
    heads_cache cache;
    auto const streams = 2 * recount::limits::cached_heads_max;
    recount::position end = 0;
    for (std::size_t i = 0; i < streams; ++i) {
        cache.appended(end, end_at(end + 1), head("s-" + std::to_string(i), 1), 0);
        ++end;
    }
    std::size_t known = 0;
    for (std::size_t i = 0; i < streams; ++i) {
        if (cache.find("s-" + std::to_string(i))) ++known;
    }
    CHECK(known <= recount::limits::cached_heads_max);
    CHECK(known >= recount::limits::cached_heads_max / 2 - 1);
    CHECK(cache.find("s-" + std::to_string(streams - 1)));
}

// The model is the log itself. Queries and batches are told to the cache late and out of order, as
// threads would tell them. Whatever the cache says must have been true at `as_of`, and must have
// been so ever since within what append() would look at: nothing of the tail is missed.
TEST_CASE("what the cache says was true at the end it names", "[heads_cache]") {
    auto const seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random{seed};
    auto const upto = [&](int n) { return std::uniform_int_distribution<int>{0, n}(random); };
    for (int game = 0; game < 200; ++game) {
        heads_cache cache;
        // history[p] = version of each stream at position p, for ends of batches.
        std::map<recount::position, std::map<std::string, recount::version>> history{{0, {}}};
        std::vector<std::function<void()>> untold;
        recount::position end = 0;
        auto const name = [&] { return "s-" + std::to_string(upto(5)); };
        auto const tell_some = [&](int keep) {
            while (static_cast<int>(untold.size()) > keep) {
                auto const at = static_cast<std::size_t>(upto(static_cast<int>(untold.size()) - 1));
                untold[at]();
                untold.erase(untold.begin() + static_cast<std::ptrdiff_t>(at));
            }
        };
        for (int step = 0; step < 60; ++step) {
            auto versions = history.at(end);
            auto const version_of = [&versions](std::string const& stream) {
                auto const at = versions.find(stream);
                return at == versions.end() ? 0 : at->second;
            };
            switch (upto(4)) {
                case 0: {  // a foreign batch
                    end += 1 + upto(3);
                    ++versions[name()];
                    history[end] = versions;
                    break;
                }
                case 1: {  // a query
                    known_heads seen;
                    for (int i = upto(2); i >= 0; --i) {
                        auto const stream = name();
                        seen[stream] = {0, version_of(stream), {}};
                    }
                    untold.push_back(
                        [&cache, seen, as_of = end_at(end)] { cache.learn(seen, as_of, 0); });
                    break;
                }
                case 2: {
                    cache.forget(head(name(), 0));
                    break;
                }
                default: {  // our own batch, with a stream that it only checked
                    auto const base = end;
                    end += 1 + upto(3);
                    known_heads after;
                    auto const checked = name();
                    after[checked] = {0, version_of(checked), {}};
                    auto const written = name();
                    after[written] = {0, ++versions[written], {}};
                    history[end] = versions;
                    untold.push_back([&cache, base, after, now = end_at(end)] {
                        cache.appended(base, now, after, 0);
                    });
                }
            }
            tell_some(upto(2));
            for (int i = 0; i <= 5; ++i) {
                auto const stream = "s-" + std::to_string(i);
                auto const found = cache.find(stream);
                if (!found) continue;
                auto const& then = history.at(found->as_of.position);
                auto const at = then.find(stream);
                REQUIRE(found->head.version == (at == then.end() ? 0 : at->second));
                REQUIRE(found->as_of.link == end_at(found->as_of.position).link);
            }
        }
    }
}

namespace {

void written(heads_cache& cache, recount::position base, log_end const& end,
             known_types const& types, std::uint64_t age) {
    cache.appended(base, end, recount::detail::planned_batch{}, types, age);
}

known_types types_of(heads_cache const& cache) {
    auto const known = cache.range(0).types;
    return known == nullptr ? known_types{} : *known;
}

known_types const placed{{"order.placed", 1}};

}  // namespace

TEST_CASE("types that were written are known until the cache is cleared", "[heads_cache]") {
    heads_cache cache;
    CHECK(types_of(cache).empty());
    auto const age = cache.newest().age;
    written(cache, 0, end_at(1), placed, age);
    auto const known = cache.range(0).types;
    CHECK(types_of(cache) == placed);
    written(cache, 1, end_at(3), {{"order.placed", 2}, {"order.sent", 1}}, age);
    CHECK(types_of(cache).size() == 3);
    CHECK(*known == placed);  // what was given out stays as it was
    cache.clear();
    CHECK(types_of(cache).empty());
    written(cache, 3, end_at(4), placed, age);  // planned before
    CHECK(types_of(cache).empty());
    written(cache, 3, end_at(4), placed, cache.newest().age);
    CHECK(types_of(cache) == placed);
}

TEST_CASE("types are known of the log only whose newest end is known", "[heads_cache]") {
    heads_cache cache;
    auto const age = cache.newest().age;
    cache.learn({}, end_at(9), age);
    SECTION("somebody else has seen the same end") {
        cache.learn({}, end_at(10), age);
        written(cache, 9, end_at(10), placed, age);
        CHECK(types_of(cache) == placed);
    }
    SECTION("another log is as long by now, and nobody has noticed") {
        auto other = end_at(10);
        other.link.back() = std::byte{255};
        cache.learn({}, other, age);
        written(cache, 9, end_at(10), placed, age);
        cache.appended(9, end_at(10), head("a-1", 1), age);
        CHECK(types_of(cache).empty());
        CHECK_FALSE(cache.find("a-1"));
    }
    SECTION("the log has grown meanwhile: they are asked for once more") {
        cache.learn({}, end_at(12), age);
        written(cache, 9, end_at(10), placed, age);
        CHECK(types_of(cache).empty());
    }
}

TEST_CASE("as many types are known as the limit allows", "[heads_cache]") {
    heads_cache cache;
    known_types many;
    for (int i = 1; i <= 2'000; ++i) many.insert({"order.placed", i});
    written(cache, 0, end_at(1), many, 0);
    CHECK(types_of(cache).size() == recount::limits::cached_types_max);
}
