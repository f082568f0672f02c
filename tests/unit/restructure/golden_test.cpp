// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The golden example: two accounts, eleven entries, every knowledge position, both times.
#include <map>
#include <optional>

#include "support/catch.hpp"
#include "support/restructure/world.hpp"

using namespace recount;
using namespace recount::tests;
using history::registers;

namespace {

std::string const a = "account-A";
std::string const b = "account-B";

struct golden {
    world log;
    std::map<uuid, std::string> names;
    std::map<int, position> k_after;  // the knowledge position that entry n makes
    uuid e4;

    uuid event(std::string const& name, std::string const& stream, std::int64_t amount,
               timestamp when) {
        auto const payload = amount == 0 ? std::string{"{}"} : some_content(amount).payload;
        auto const id = log.events({{stream, payload, when}}).front();
        names[id] = name;
        told();
        return id;
    }
    void restructure(std::vector<wish> const& wishes) {
        for (auto const& id : log.restructure(wishes).inserted) names[id] = "x1";
        told();
    }
    void told() { k_after[static_cast<int>(k_after.size()) + 1] = log.head(); }

    golden() {
        auto const december = day(-10);
        auto const january = day(2);
        event("e1", a, 0, december);
        auto const e2 = event("e2", a, 100, december);
        auto const e3 = event("e3", a, 100, december);
        e4 = event("e4", a, -50, january);
        event("e5", b, 0, december);
        auto const e6 = event("e6", a, 30, december);
        restructure({wish::exclude(e3), wish::move(e6, b, keep)});
        restructure({wish::replace(e4, some_content(-5, january))});
        restructure({wish::insert(a, after(e2), some_content(20, december))});
        restructure({wish::reinstate(e3, {registers::presence}, 6)});
        event("e7", a, -15, january);
    }

    [[nodiscard]] std::string names_of(std::vector<shown_slot> const& view) const {
        std::string text;
        for (auto const& s : view) text += (text.empty() ? "" : " ") + names.at(s.event);
        return text;
    }
};

// Asked of the oracle, of one fold that knows everything, of a fold that was stopped at k, and of
// folds over the rows of one stream alone.
struct answers {
    golden const& g;
    history::fold whole{};
    history::fold of_a{a};
    history::fold of_b{b};

    explicit answers(golden const& example) : g{example} {
        for (auto const& e : g.log.entries()) whole.advance(e);
        for (auto const& e : history::entries_of(g.log.rows_of(a))) of_a.advance(e);
        for (auto const& e : history::entries_of(g.log.rows_of(b))) of_b.advance(e);
    }
    [[nodiscard]] std::vector<shown_slot> at(std::string const& stream, position k) const {
        auto const expected = g.log.truth().corrected(stream, k);
        history::fold stopped;
        for (auto const& e : g.log.entries()) {
            if (e.visible_at <= k) stopped.advance(e);
        }
        CHECK(shown(whole.corrected(stream, k)) == expected);
        CHECK(shown(stopped.corrected(stream)) == expected);
        CHECK(shown((stream == a ? of_a : of_b).corrected(stream, k)) == expected);
        return expected;
    }
};

}  // namespace

TEST_CASE("golden example: the balances at every knowledge position", "[restructure]") {
    golden const g;
    answers const answer{g};
    std::map<int, position> const last{{1, 1}, {2, 2}, {3, 3},  {4, 4},   {5, 5},  {6, 6},
                                       {7, 8}, {8, 9}, {9, 10}, {10, 11}, {11, 12}};
    CHECK(g.k_after == last);

    struct line {
        int k;
        std::int64_t a;
        std::optional<std::int64_t> b;
    };
    for (auto const& expected : std::vector<line>{{2, 100, {}}, {3, 200, {}}, {4, 150, {}},
                                                  {6, 180, 0}, {7, 50, 30}, {8, 95, 30},
                                                  {9, 115, 30}, {10, 215, 30}, {11, 200, 30}}) {
        INFO("k=" << expected.k);
        auto const k = last.at(expected.k);
        CHECK(total(answer.at(a, k)) == expected.a);
        auto const of_b = answer.at(b, k);
        CHECK(of_b.empty() == !expected.b.has_value());
        CHECK(total(of_b) == expected.b.value_or(0));
    }
}

TEST_CASE("golden example: the events and their order", "[restructure]") {
    golden const g;
    answers const answer{g};
    CHECK(g.names_of(answer.at(a, 12)) == "e1 e2 x1 e3 e4 e7");
    CHECK(answer.at(a, 12)[4].content.payload == R"({"amount":-5})");
    CHECK(g.names_of(answer.at(a, 8)) == "e1 e2 e4");
    CHECK(g.names_of(answer.at(b, 12)) == "e5 e6");
    CHECK(answer.at(a, 12)[2].place == "2.0>10.0");
}

TEST_CASE("golden example: a k inside a commit is the end of the commit before", "[restructure]") {
    golden const g;
    answers const answer{g};
    CHECK(answer.whole.round_down(7) == 6);
    CHECK(total(answer.at(a, 7)) == 180);
    CHECK(total(answer.at(b, 7)) == 0);
    CHECK(answer.whole.round_down(8) == 8);
    CHECK(answer.whole.round_down(0) == 0);
}

TEST_CASE("golden example: a version is cut at the end of its commit", "[restructure]") {
    golden const g;
    CHECK(history::cut_at_version(g.log.entries(), a, 6)->known_at == 8);
    CHECK(history::cut_at_version(g.log.entries(), b, 2)->known_at == 8);
    CHECK(history::cut_at_version(g.log.entries(), a, 10)->known_at == 12);
    CHECK(history::cut_at_version(g.log.entries(), a, 0)->known_at == 0);
    CHECK_FALSE(history::cut_at_version(g.log.entries(), a, 11));
}

TEST_CASE("golden example: the second time", "[restructure]") {
    golden g;
    auto const new_year = day(1);
    auto const of_a_until = [&](position k) {
        history::fold f;
        for (auto const& e : g.log.entries()) f.advance(e);
        return total(shown(history::effective_until(f.corrected(a, k), new_year)));
    };
    CHECK(of_a_until(12) == 220);
    auto const december_31 = timestamp_from_string("2025-12-31T12:00:00Z");
    g.restructure({wish::replace(g.e4, some_content(-5, december_31))});
    CHECK(g.log.head() == 13);
    CHECK(of_a_until(13) == 215);
    CHECK(of_a_until(12) == 220);
    CHECK(total(answers{g}.at(a, 13)) == 200);
}

TEST_CASE("golden example: the annotated history of an account", "[restructure]") {
    golden const g;
    auto const of_a = history::annotated(g.log.entries(), a, 12);
    std::string text;
    for (auto const& s : of_a) {
        text += g.names.at(s.event) + (s.present ? "" : "-") + std::to_string(s.notes.size()) +
                (s.left_to ? ">" + *s.left_to : "") + " ";
    }
    CHECK(text == "e10 e20 x11 e32 e41 e61>account-B e70 ");
    CHECK(of_a[4].original->payload == R"({"amount":-50})");
    CHECK(of_a[4].content->payload == R"({"amount":-5})");

    auto const of_b = history::annotated(g.log.entries(), b, 12);
    REQUIRE(of_b.size() == 2);
    CHECK(g.names.at(of_b[1].event) == "e6");
    CHECK(of_b[1].original->payload == R"({"amount":30})");
    CHECK(of_b[1].origin->stream == a);
    CHECK(of_b[1].origin->position == 6);
    CHECK(history::annotated(g.log.entries(), b, 6).size() == 1);
}
