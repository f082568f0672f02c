// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "postgres/stream_names.hpp"

#include <algorithm>
#include <numeric>

#include "support/catch.hpp"

using recount::position;
using recount::recorded_event;
using recount::postgres::log_end;
using recount::postgres::stream_names;

namespace {

using id_list = std::vector<std::int64_t>;

// A link that tells its log and its position, so that a mix-up shows.
log_end end_at(position p, int log = 1) {
    return {p, {static_cast<std::byte>(log), static_cast<std::byte>(p & 0xFF)}};
}

// The names of these streams, "" where they are not known.
std::vector<std::string> known(stream_names& names, id_list const& ids,
                               stream_names::range const& good) {
    std::vector<recorded_event> events(ids.size());
    auto unknown = names.give(events, ids, good);
    std::vector<std::string> found;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        found.push_back(events[i].stream);
        CHECK(found.back().empty() == (std::ranges::count(unknown, ids[i]) == 1));
    }
    return found;
}

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a name that was learnt is given, and others are asked for", "[stream_names]") {
    stream_names names;
    auto const good = names.checked(names.newest(), true, end_at(10));
    CHECK(known(names, {1, 2, 1}, good) == texts{"", "", ""});
    names.learn({{1, "a-1"}}, good);
    CHECK(known(names, {1, 2, 1}, good) == texts{"a-1", "", "a-1"});
}

TEST_CASE("names stay while the log grows", "[stream_names]") {
    stream_names names;
    names.learn({{1, "a-1"}}, names.checked(names.newest(), true, end_at(10)));
    auto const asked = names.newest();
    REQUIRE(asked.end);
    CHECK(asked.end->position == 10);
    auto const good = names.checked(asked, true, end_at(20));
    CHECK(known(names, {1}, good) == texts{"a-1"});
    CHECK(names.newest().end->position == 20);
}

TEST_CASE("all names are forgotten when the end that was known is gone", "[stream_names]") {
    stream_names names;
    auto const before = names.checked(names.newest(), true, end_at(10));
    names.learn({{1, "a-1"}, {7, "a-7"}}, before);
    auto const good = names.checked(names.newest(), false, end_at(8, 2));
    CHECK(known(names, {1, 7}, good) == texts{"", ""});
    CHECK(known(names, {1, 7}, before) == texts{"", ""});

    names.learn({{7, "a-7"}}, before);  // read from the log before: too late
    CHECK(known(names, {7}, good) == texts{""});
    names.learn({{7, "b-7"}}, good);
    CHECK(known(names, {7}, good) == texts{"b-7"});
    CHECK(known(names, {7}, before) == texts{""});
}

TEST_CASE("who asked before the names were forgotten is given none", "[stream_names]") {
    stream_names names;
    names.learn({{1, "a-1"}}, names.checked(names.newest(), true, end_at(10)));
    auto const slow = names.newest();
    auto const good = names.checked(names.newest(), false, end_at(8, 2));
    names.learn({{1, "b-1"}}, good);
    auto const late = names.checked(slow, true, end_at(12));
    CHECK(known(names, {1}, late) == texts{""});
    names.learn({{2, "a-2"}}, late);
    CHECK(known(names, {2}, good) == texts{""});
}

TEST_CASE("of two readers that ask at once the later one vouches for what both asked for only",
          "[stream_names]") {
    stream_names names;
    names.learn({{1, "a-1"}}, names.checked(names.newest(), true, end_at(10)));
    auto const asked = names.newest();
    auto const first = names.checked(asked, true, end_at(20));
    names.learn({{15, "a-15"}}, first);
    auto const second = names.checked(asked, true, end_at(30, 2));  // another log since 10
    CHECK(known(names, {1, 15}, second) == texts{"a-1", ""});
    names.learn({{16, "b-16"}}, second);
    CHECK(known(names, {16}, first) == texts{""});
    CHECK(names.newest().end->position == 20);
}

TEST_CASE("readers that ask when nothing is known do not share names", "[stream_names]") {
    stream_names names;
    auto const asked = names.newest();
    auto const first = names.checked(asked, true, end_at(20));
    names.learn({{1, "a-1"}}, first);
    auto const second = names.checked(asked, true, end_at(20, 2));
    CHECK(known(names, {1}, second) == texts{""});
}

TEST_CASE("the memory for names is bounded, and those in use stay", "[stream_names]") {
    constexpr std::int64_t many = 200'000;
    stream_names names;
    auto const good = names.checked(names.newest(), true, end_at(many));
    names.learn({{1, "a-1"}}, good);
    for (std::int64_t id = 2; id <= many; ++id) {
        names.learn({{id, "b"}}, good);
        if (id % 1'000 == 0) REQUIRE(known(names, {1}, good) == texts{"a-1"});
    }
    id_list all(many);
    std::iota(all.begin(), all.end(), 1);
    std::vector<recorded_event> events(all.size());
    auto const unknown = names.give(events, all, good);
    CHECK(unknown.size() >= all.size() - 65'536);
    CHECK(unknown.size() < all.size() - 30'000);
}
