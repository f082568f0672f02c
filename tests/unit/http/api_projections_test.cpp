// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <thread>

#include "site.hpp"

using namespace recount::tests;
using Catch::Matchers::ContainsSubstring;

namespace {

// Accounts a0 … a9, each with deposits of 1, 2 and 3; `lines` has a row a deposit.
void fill(site& s) {
    for (int a = 0; a < 10; ++a) {
        auto const account = "a" + std::to_string(a);
        s.open(account);
        for (int minor = 1; minor <= 3; ++minor) s.deposit(account, minor);
    }
    s.app.catch_up();
}

std::string keys_of(json const& page) {
    std::string keys;
    for (auto const& row : page["rows"]) {
        keys += row["account"].get<std::string>() + std::to_string(row["line"].get<int>()) + " ";
    }
    return keys;
}

}  // namespace

TEST_CASE("rows are given in order of their key", "[http][api]") {
    site s;
    fill(s);
    auto const all = s.get("projections/lines");
    REQUIRE(all.status == 200);
    CHECK(all.json["rows"].size() == 30);
    CHECK_FALSE(all.json.contains("next"));
    CHECK(all.json["position"] == s.head());
    CHECK(all.json["rows"][0].dump() ==
          json::parse(R"({"account":"a0","line":1,"kind":"deposit",
              "amount":{"minor":1,"currency":"EUR"},
              "running":{"minor":1,"currency":"EUR"}})").dump());
    CHECK(keys_of(s.get("projections/lines?account=a1").json) == "a11 a12 a13 ");
    CHECK(keys_of(s.get("projections/lines?account=a1&$order=desc").json) == "a13 a12 a11 ");
    CHECK(keys_of(s.get("projections/lines?line=3&$limit=2&$order=desc").json) == "a93 a83 ");
    CHECK(keys_of(s.get("projections/lines?line=2&amount_minor=2&account=a4").json) == "a42 ");
    CHECK(s.get("projections/lines?kind=withdrawal").json["rows"].empty());
    CHECK(s.get("projections/lines?account=%27%20OR%201=1").json["rows"].empty());
    CHECK(s.get("projections/balances?balance_currency=EUR").json["rows"].size() == 10);
}

TEST_CASE("only the fields that are named are given", "[http][api]") {
    site s;
    fill(s);
    auto const some = s.get("projections/lines?account=a1&line=2&$fields=amount,account");
    CHECK(some.body == R"({"rows":[{"account":"a1","amount":{"minor":2,"currency":"EUR"}}],)"
                       R"("position":40})");
    auto const absent = s.get("projections/balances?account=a1&$fields=account,remark");
    CHECK(absent.json["rows"][0] == json{{"account", "a1"}});
    for (auto const* wrong : {"shoe_size", "", "account,,line", "account,account",
                              "amount_minor"}) {
        INFO(wrong);
        auto const no = s.get("projections/lines?$fields=" + std::string{wrong});
        CHECK(no.status == 400);
        CHECK_THAT(no.detail(), ContainsSubstring("account, line, kind, amount, running"));
    }
}

TEST_CASE("paging walks all rows, without gap or repeat, while rows are added", "[http][api]") {
    site s;
    fill(s);
    for (std::string const order : {"asc", "desc"}) {
        std::string walked;
        std::string after;
        for (int pages = 0; pages < 20; ++pages) {
            auto const target = "projections/lines?$limit=7&$order=" + order + after;
            auto const page = s.get(target);
            REQUIRE(page.status == 200);
            walked += keys_of(page.json);
            if (!page.json.contains("next")) break;
            CHECK(page.json["rows"].size() == 7);
            after = "&$after=" + page.json["next"].get<std::string>();
            // Rows before and behind the page: each walked at most once, the old ones all.
            for (auto const* account : {"a0", "a9"}) s.deposit(account, 1);
            s.app.catch_up();
        }
        for (int a = 0; a < 10; ++a) {
            for (int line = 1; line <= 3; ++line) {
                auto const key = "a" + std::to_string(a) + std::to_string(line) + " ";
                auto const first = walked.find(key);
                INFO(order << ": " << key << " in " << walked);
                REQUIRE(first != std::string::npos);
                CHECK(walked.find(key, first + 1) == std::string::npos);
            }
        }
    }
}

TEST_CASE("a page's end is told by what is left", "[http][api]") {
    site s;
    fill(s);
    auto const exact = s.get("projections/lines?$limit=30");
    CHECK(exact.json["rows"].size() == 30);
    CHECK_FALSE(exact.json.contains("next"));
    CHECK(s.get("projections/lines?$limit=29").json.contains("next"));
    site small{{.page_default = 2, .page_max = 4}};
    fill(small);
    CHECK(small.get("projections/lines").json["rows"].size() == 2);
    CHECK(small.get("projections/lines?$limit=1000").json["rows"].size() == 4);
}

TEST_CASE("a query that cannot be answered is 400 and says why", "[http][api]") {
    site s;
    fill(s);
    for (auto const& [query, sentence] : std::vector<std::pair<std::string, std::string>>{
             {"shoe_size=9", "account, line, kind, amount_minor"},
             {"at=5", "no column 'at'"},
             {"_position=1", "no column"},
             {"amount=5", "no column"},
             {"line=first", "expected bigint"},
             {"line=", "expected bigint"},
             {"kind=theft", "kind"},
             {"amount_currency=eur", "currency"},
             {"line=1&line=2", "twice"},
             {"$limit=0", "$limit"},
             {"$limit=x", "$limit"},
             {"$limit=-1", "$limit"},
             {"$limit=99999999999999999999", "$limit"},
             {"$order=up", "$order"},
             {"$after=x", "$after"},
             {"$after=eyJhY2NvdW50IjoiYSJ9", "$after"},
             {"$at_least=now", "$at_least"},
             {"$offset=5", "$offset"}}) {
        INFO(query);
        auto const no = s.get("projections/lines?" + query);
        CHECK(no.status == 400);
        CHECK_THAT(no.detail(), ContainsSubstring(sentence));
    }
    auto const none = s.get("projections/nothing");
    CHECK(none.status == 404);
    CHECK_THAT(none.detail(), ContainsSubstring("balances, lines, totals"));
}

TEST_CASE("$at_least waits, then says 425", "[http][api]") {
    site s{{.at_least_wait = std::chrono::milliseconds{30}}};
    s.open("a");
    s.app.catch_up();
    auto const token = s.deposit("a", 5).json["token"].get<std::string>();
    auto const target = "projections/lines?account=a&$at_least=" + token;
    auto const early = s.get(target);
    CHECK(early.status == 425);
    CHECK(early.code() == "behind");
    CHECK(early.header("Retry-After") == "1");
    CHECK(early.json["position"] == 1);
    s.app.catch_up();
    auto const now = s.get(target);
    CHECK(now.status == 200);
    CHECK(now.json["rows"].size() == 1);
    CHECK(now.json["position"] == 2);
}

TEST_CASE("$at_least has its answer as soon as the rows are there", "[http][api]") {
    site s{{.at_least_wait = std::chrono::seconds{60}}};
    s.open("a");
    auto const token = s.deposit("a", 5).json["token"].get<std::string>();
    answered found;
    std::thread reader{[&] { found = s.get("projections/lines?$at_least=" + token); }};
    s.app.catch_up();
    reader.join();
    CHECK(found.status == 200);
    CHECK(found.json["rows"].size() == 1);
}

TEST_CASE("with followers a command is read back by its token", "[http][api]") {
    site s;
    recount::projection_followers followers{s.app};
    recount::http::api const served{
        s.app, {.at_least_wait = std::chrono::seconds{60}, .followers = &followers}};
    s.open("a");
    for (int i = 1; i <= 50; ++i) {
        auto const token = s.deposit("a", i).json["token"].get<std::string>();
        auto const answer =
            served.answer(site::request("GET", "projections/lines?$limit=1&$order=desc&"
                                               "$fields=line&$at_least=" + token));
        auto const& page = std::get<recount::http::response>(answer);
        REQUIRE(page.status == 200);
        CHECK(json::parse(page.body)["rows"][0]["line"] == i);
    }
    CHECK(followers.failures().empty());
}

TEST_CASE("the projections are listed", "[http][api]") {
    site s;
    s.open("a");
    s.app.catch_up(recount::projection_of<sample::balances>());
    auto const found = s.get("projections").json;
    CHECK(found["head"] == 1);
    REQUIRE(found["projections"].size() == 3);
    CHECK(found["projections"][0] ==
          json::parse(R"({"projection":"balances","version":1,"kind":"keyed","position":1,
                          "behind":0})"));
    CHECK(found["projections"][1]["kind"] == "invertible");
    CHECK(found["projections"][1]["behind"] == 1);
}
