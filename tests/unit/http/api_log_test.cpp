// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "site.hpp"

using namespace recount::tests;
using Catch::Matchers::ContainsSubstring;
using recount::position;

namespace {

std::vector<position> positions_of(json const& page) {
    std::vector<position> list;
    for (auto const& e : page["events"]) list.push_back(e["position"]);
    return list;
}

}  // namespace

TEST_CASE("categories and streams are listed, page by page", "[http][api]") {
    site const s;
    CHECK(s.get("streams").body == R"({"streams":[]})");
    for (auto const* account : {"a", "b", "c"}) s.open(account);
    s.deposit("b", 1);
    CHECK(s.get("categories").body == R"({"categories":[{"category":"account","streams":3}]})");
    auto const first = s.get("streams?limit=2");
    CHECK(first.body == R"({"streams":[)"
                        R"({"stream":"account-a","version":1,"created_position":1},)"
                        R"({"stream":"account-b","version":2,"created_position":2}],)"
                        R"("next":"account-b"})");
    CHECK(s.get("streams?limit=2&after=account-b").body ==
          R"({"streams":[{"stream":"account-c","version":1,"created_position":3}]})");
    CHECK(s.get("streams?category=account").json["streams"].size() == 3);
    CHECK(s.get("streams?category=order").json["streams"].empty());
    CHECK(s.get("streams?limit=0").status == 400);
}

TEST_CASE("a stream is read forward and backward, page by page", "[http][api]") {
    site const s;
    s.open("a");
    for (int i = 1; i <= 4; ++i) s.deposit("a", i);
    auto const walk = [&](std::string const& options) {
        std::string seen;
        for (std::string from;;) {
            auto const page = s.get("streams/account-a/events?limit=2" + options + from);
            REQUIRE(page.status == 200);
            for (auto const& e : page.json["events"]) seen += e["version"].dump();
            if (!page.json.contains("next")) return seen;
            from = "&from=" + std::to_string(page.json["next"].get<int>());
        }
    };
    CHECK(walk("") == "12345");
    CHECK(walk("&direction=backward") == "54321");
    auto const all = s.get("streams/account-a/events");
    CHECK(all.json["known_at"] == 5);
    CHECK(all.json["events"][1].dump() ==
          json::parse(to_json(s.log->inner.read_feed(1, {}, 1).events.front())).dump());
    CHECK(s.get("streams/account-a/events?from=9").json["events"].empty());
    CHECK(s.get("streams/account-a/events?as=recorded&from=5").json["events"].size() == 1);
}

TEST_CASE("what is no stream is 404, what cannot be one 400", "[http][api]") {
    site const s;
    s.open("a");
    for (std::string const of : {"events", "state"}) {
        auto const none = s.get("streams/account-b/" + of);
        CHECK(none.status == 404);
        CHECK(none.detail() == "no stream 'account-b'");
        CHECK(s.get("streams/nonsense/" + of).status == 400);
    }
    CHECK(s.get("streams/order-1/state").status == 404);
    CHECK(s.get("streams/account-a/events?direction=up").status == 400);
    CHECK(s.get("streams/account-a/events?from=0").status == 400);
    CHECK(s.get("streams/account-a/events?from=1&from=2").status == 400);
    CHECK(s.get("streams/account-a/state?version=0").status == 400);
    CHECK(s.get("streams/account-a").status == 404);
    CHECK(s.get("streams//events").status == 404);
}

TEST_CASE("a state has its version as ETag", "[http][api]") {
    site const s;
    s.open("a");
    s.deposit("a", 5);
    auto const now = s.get("streams/account-a/state");
    CHECK(now.header("ETag") == "\"2\"");
    CHECK(now.body == R"({"stream":"account-a","version":2,"known_at":2,)"
                      R"("state":{"is_open":true,"balance":{"minor":5,"currency":"EUR"}}})");
    auto const before = s.get("streams/account-a/state?version=1");
    CHECK(before.header("ETag") == "\"1\"");
    CHECK(before.json["state"]["balance"]["minor"] == 0);
    auto const later = s.get("streams/account-a/state?version=3");
    CHECK(later.status == 404);
    CHECK_THAT(later.detail(), ContainsSubstring("has 2 versions"));
    // The ETag is what If-Match takes.
    CHECK(s.deposit("a", 5, {{"if-match", now.header("ETag")}}).status == 200);
}

TEST_CASE("JSON in the log that is wrong is nobody's request", "[http][api]") {
    site const s;
    recount::commit c;
    c.events.push_back({recount::stream_name{"account-a"}, "account.deposited", 1, {}, {}});
    s.log->inner.append(c);
    CHECK(s.get("streams/account-a/state").status == 500);
    CHECK(s.deposit("a", 5).status == 500);
    CHECK(s.get("streams/account-a/events").json["events"][0]["payload"] == json::object());
}

TEST_CASE("events are read in order of position, whole commits", "[http][api]") {
    site const s;
    for (auto const* account : {"a", "b"}) s.open(account);
    s.deposit("a", 5);
    s.send("account.close", R"({"account":"a"})");  // two events, positions 4 and 5
    s.deposit("b", 7);
    auto const all = s.get("events");
    CHECK(positions_of(all.json) == std::vector<position>{1, 2, 3, 4, 5, 6});
    CHECK(all.json["next"] == 7);
    CHECK(all.json["head"] == 6);
    auto const page = s.get("events?from=3&limit=2").json;
    CHECK(positions_of(page) == std::vector<position>{3, 4, 5});
    CHECK(page["next"] == 6);
    auto const typed = s.get("events?type=account.deposited&limit=1").json;
    CHECK(positions_of(typed) == std::vector<position>{3});
    CHECK(typed["next"] == 4);
    auto const rest = s.get("events?type=account.deposited&from=4&as=recorded").json;
    CHECK(positions_of(rest) == std::vector<position>{6});
    CHECK(rest["next"] == 7);
    CHECK(s.get("events?category=order").json.dump() ==
          R"({"events":[],"head":6,"known_at":6,"next":7})");
    auto const ahead = s.get("events?from=50").json;
    CHECK(ahead["events"].empty());
    CHECK(ahead["next"] == 50);
    CHECK(s.get("events?from=0").status == 400);
    CHECK(s.get("events?from=9223372036854775807").status == 400);
    CHECK(s.get("events?account=a").status == 400);
    CHECK(positions_of(s.get("events?stream=account-b").json).size() <
          positions_of(all.json).size());
    // Positions 4 and 5 are one commit.
    auto const then = s.get("events?at=4").json;
    CHECK(positions_of(then) == std::vector<position>{1, 2, 3});
    CHECK(then["known_at"] == 3);
    CHECK(then["next"] == 4);
    CHECK(then["head"] == 6);
    CHECK(positions_of(s.get("events?at=5&from=3").json) == std::vector<position>{3, 4, 5});
    CHECK(s.get("events?at=5&from=7").json["next"] == 7);
    CHECK(s.get("events?at=99").json["known_at"] == 6);
    CHECK(s.get("events?at=-1").status == 400);
}

TEST_CASE("a filter that lets little through is followed to the end", "[http][api]") {
    site const s;
    s.open("a");
    for (int i = 0; i < 5'000; ++i) {
        recount::commit c;
        c.events.push_back({recount::stream_name{"account-a"}, "account.deposited", 1,
                            recount::json_text::trusted(site::amount("a", 1)), {}});
        s.log->inner.append(c);
    }
    s.send("account.close", R"({"account":"a"})");
    auto const found = s.get("events?type=account.closed").json;
    CHECK(positions_of(found) == std::vector<position>{5'003});
    CHECK(found["next"] == 5'004);
}

TEST_CASE("an event comes with its command and its cause", "[http][api]") {
    site const s;
    auto const cause = s.send("account.open", R"({"account":"a"})").json["events"][0];
    s.deposit("a", 5);
    auto const closed = s.send("account.close", R"({"account":"a"})",
                               {{"causation-id", cause.get<std::string>()}});
    auto const id = closed.json["events"][1].get<std::string>();
    auto const found = s.get("events/" + id);
    CHECK(found.status == 200);
    CHECK(found.json["type"] == "account.closed");
    CHECK(found.json["id"] == id);
    CHECK(found.json["command"] ==
          json::parse(R"({"name":"account.close","version":1,"payload":{"account":"a"}})"));
    CHECK(found.json["cause"]["type"] == "account.opened");
    CHECK(found.json["cause"]["id"] == cause);
    auto const first = s.get("events/" + cause.get<std::string>());
    CHECK(first.json["command"]["name"] == "account.open");
    CHECK_FALSE(first.json.contains("cause"));
    CHECK(s.get("events/0198c0de-0000-7000-8000-0000000c0000").status == 404);
    CHECK(s.get("events/17").status == 400);
}

TEST_CASE("events are followed live by who accepts text/event-stream", "[http][api]") {
    site const s;
    for (auto const* account : {"a", "b", "c"}) s.open(account);
    auto const live = [&](std::string_view target,
                          std::vector<recount::http::name_value> headers = {}) {
        headers.emplace_back("accept", "text/event-stream");
        return s.get(target, std::move(headers));
    };
    REQUIRE(live("events").live.has_value());
    CHECK(live("events").live->after == 0);
    CHECK(live("events").live->filter == recount::feed_filter{});
    auto const some = live("events?from=3&category=account&type=account.opened").live;
    REQUIRE(some.has_value());
    CHECK(some->after == 2);
    CHECK(some->filter.categories == std::vector<std::string>{"account"});
    CHECK(some->filter.types == std::vector<std::string>{"account.opened"});
    CHECK(live("events?from=2", {{"last-event-id", "3"}}).live->after == 3);
    CHECK(live("events?from=4").live->after == 3);
    CHECK(live("events", {{"last-event-id", "4"}}).status == 400);  // of another log
    CHECK(live("events", {{"last-event-id", "x"}}).status == 400);
    CHECK(live("events?from=5").status == 400);
    CHECK(live("events?limit=5").status == 400);
    CHECK(live("events?at=3").status == 400);
    CHECK(live("events").live->as == recount::http::feed_form::recorded);
    CHECK(live("events", {{"last-event-id", "2.1"}}).status == 400);
    auto const changes =
        live("events?as=changes&stream=account-a", {{"last-event-id", "2.1"}}).live;
    REQUIRE(changes.has_value());
    CHECK(changes->as == recount::http::feed_form::changes);
    CHECK(changes->after == 2);
    CHECK(changes->ordinal == 1U);
    CHECK(changes->filter.stream == recount::stream_name{"account-a"});
    auto const corrections = live("events?as=append_only", {{"last-event-id", "2"}}).live;
    CHECK(corrections->as == recount::http::feed_form::append_only);
    CHECK_FALSE(corrections->ordinal);
    CHECK(live("events?as=changes", {{"last-event-id", "4.0"}}).status == 400);
    CHECK(live("events?as=changes", {{"last-event-id", "2.x"}}).status == 400);
    CHECK(live("commands").status == 406);
    CHECK(s.get("events", {{"accept", "application/json, text/event-stream;q=0"}}).status == 200);
    CHECK(s.get("events", {{"last-event-id", "2"}}).json["events"].size() == 3);
}
