// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/restructure/place.hpp>

#include <algorithm>
#include <random>
#include <vector>

#include "support/caught.hpp"
#include "support/random_history.hpp"
#include "support/restructure/oracle.hpp"

using namespace recount;
using history::place;
using history::side;

TEST_CASE("a place is written by its root and its steps", "[restructure]") {
    auto const p = place::root(12).child(side::after, 40, 2).child(side::before, 51, 0);
    CHECK(p.text() == "12.0>40.2<51.0");
    CHECK(p.steps() == 2);
    CHECK(place::from_text("12.0>40.2<51.0", 7) == p);
    CHECK(place{}.nowhere());
    CHECK(place{}.text().empty());
}

TEST_CASE("the position of the entry itself is written 0", "[restructure]") {
    auto const made = place::root(12).child(side::after, history::own_position, 2);
    CHECK(made.text() == "12.0>0.2");
    CHECK(place::from_text("12.0>0.2", 90) == place::root(12).child(side::after, 90, 2));
    CHECK(place::root(90, 3).text(90) == "0.3");
    CHECK(made > place::root(12));
    CHECK(made < place::root(13));
}

TEST_CASE("what is no place is not read as one", "[restructure]") {
    for (auto const* const text :
         {"", "1", "1.", ".1", "01.0", "1.00", "1.0>", "1.0>2", "1.0>2.0 ", " 1.0", "-1.0", "1.-1",
          "1.0=2.0", "1.0>2.0x", "1.65536", "9223372036854775807.0", "9223372036854775808.0",
          "1.0>>2.0", "+1.0"}) {
        INFO(text);
        CHECK_FALSE(place::from_text(text, 7));
    }
}

TEST_CASE("a place has at most 64 steps", "[restructure]") {
    auto deep = place::root(1);
    for (position p = 2; p <= 65; ++p) deep = deep.child(side::after, p, 0);
    CHECK(deep.steps() == limits::place_steps_max);
    CHECK(place::from_text(deep.text(), 0) == deep);
    CHECK_FALSE(place::from_text(deep.text() + ">66.0", 0));
    auto const e = tests::caught([&] { static_cast<void>(deep.child(side::after, 66, 0)); });
    CHECK(e.code() == errc::limit_exceeded);
}

TEST_CASE("what is put beside a slot last stands right at it", "[restructure]") {
    auto const z = place::root(5);
    std::vector<place> const expected{
        place::root(4),
        z.child(side::before, 7, 0),
        z.child(side::before, 8, 0),
        z.child(side::before, 8, 1),
        z,
        z.child(side::after, 8, 1),
        z.child(side::after, 8, 0),
        z.child(side::after, 7, 0),
        place::root(6),
    };
    CHECK(std::is_sorted(expected.begin(), expected.end()));
}

TEST_CASE("places compare as a walk of the tree meets them", "[restructure]") {
    auto const seed = tests::seed_of_run();
    INFO("RECOUNT_SEED=" << seed);
    std::mt19937_64 random{seed};
    auto const below = [&](int end) {
        return std::uniform_int_distribution<int>{0, end - 1}(random);
    };
    for (int round = 0; round < 60; ++round) {
        tests::order_tree tree;
        std::vector<tests::tree_node*> nodes{tree.root(1, 0)};
        std::vector<place> places{place::root(1)};
        for (int p = 2; p < 40; ++p) {
            int const n = below(300);
            auto const beside = static_cast<std::size_t>(below(static_cast<int>(nodes.size())));
            bool const after = below(2) == 0;
            if (below(4) == 0) {
                nodes.push_back(tree.root(p, n));
                places.push_back(place::root(p, static_cast<std::uint16_t>(n)));
            } else if (places[beside].steps() < 60) {
                nodes.push_back(tree.child(nodes[beside], after, p, n));
                places.push_back(places[beside].child(after ? side::after : side::before, p,
                                                      static_cast<std::uint16_t>(n)));
            }
        }
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            REQUIRE(places[i].text() == tests::order_tree::path_of(nodes[i]));
        }
        std::sort(places.begin(), places.end());
        std::vector<std::string> sorted;
        for (auto const& p : places) sorted.push_back(p.text());
        std::vector<std::string> walked;
        for (auto const* const node : tree.walk()) {
            walked.push_back(tests::order_tree::path_of(node));
        }
        REQUIRE(sorted == walked);
    }
}
