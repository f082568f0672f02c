// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Streams and states over HTTP when their history has been corrected.
#include <recount/restructure/append.hpp>

#include "site.hpp"

using namespace recount::tests;

namespace history = recount::history;

namespace {

// a: opened, 100, 100 (twice), 30 (b's); b: opened. One restructure of both, at 6 and 7; another,
// at 8, has the first 100 as 70. Then 5 for a.
struct corrected_site : site {
    std::string first, twice, of_b;

    corrected_site() {
        open("a");
        first = id_of(deposit("a", 100));
        twice = id_of(deposit("a", 100));
        open("b");
        of_b = id_of(deposit("a", 30));
        append(recount::restructure{"import ran twice"}
                   .because("file 17 was loaded again")
                   .by("ada")
                   .exclude(recount::uuid_from_string(twice))
                   .move(recount::uuid_from_string(of_b), "account-b"));
        append(recount::restructure{"typo"}.because("70").by("ada").replace(
            recount::uuid_from_string(first),
            {"account.deposited", 1, recount::json_text::checked(amount("a", 70)),
             recount::timestamp_from_string("2025-12-31T12:00:00Z")}));
        deposit("a", 5);
    }
    void append(recount::restructure const& plan) const {
        static_cast<void>(history::append_plan(log->inner, plan));
    }
    static std::string id_of(answered const& done) { return done.json["events"][0]; }

    [[nodiscard]] int balance(std::string const& options, std::string const& of = "a") const {
        auto const found = get("streams/account-" + of + "/state" + options);
        REQUIRE(found.status == 200);
        return found.json["state"]["balance"]["minor"];
    }
    [[nodiscard]] std::vector<int> amounts(std::string const& options) const {
        std::vector<int> list;
        auto const page = get("streams/account-a/events" + options);
        for (auto const& e : page.json["events"]) {
            auto const& payload = e["payload"];
            list.push_back(payload.contains("amount") ? payload["amount"]["minor"].get<int>() : 0);
        }
        return list;
    }
};

}  // namespace

TEST_CASE("a stream is told as corrected, unless it is asked for as recorded", "[http][api]") {
    corrected_site const s;
    using list = std::vector<int>;
    CHECK(s.amounts("") == list{0, 70, 5});
    CHECK(s.amounts("?as=corrected&direction=backward") == list{5, 70, 0});
    CHECK(s.amounts("?at=7") == list{0, 100});
    CHECK(s.amounts("?at=6") == list{0, 100, 100, 30});   // inside the commit: the one before
    CHECK(s.get("streams/account-a/events?at=6").json["known_at"] == 5);
    CHECK(s.get("streams/account-a/events?at=6000").json["known_at"] == 9);
    CHECK(s.amounts("?at=0").empty());
    CHECK(s.amounts("?as_of=2025-12-31") == list{70});
    CHECK(s.amounts("?as_of=2025-12-31T11:59:59Z").empty());
    CHECK(s.amounts("?as_of=2025-12-31&at=7").empty());
    auto const recorded = s.get("streams/account-a/events?as=recorded").json["events"];
    REQUIRE(recorded.size() == 7);
    CHECK(recorded[4]["type"] == "$restructured");
    CHECK(s.get("streams/account-a/events?as=recorded&at=7").json["events"].size() == 5);
    // The envelope of what came from elsewhere: its own row, the stream that it is in now.
    auto const moved = s.get("streams/account-b/events").json["events"][1];
    CHECK(moved["id"] == s.of_b);
    CHECK(moved["stream"] == "account-b");
    CHECK(moved["position"] == 5);
}

TEST_CASE("a corrected stream is read page by page", "[http][api]") {
    corrected_site const s;
    for (std::string const& how :
         {std::string{"&at=9"}, std::string{"&at=9&direction=backward"},
          std::string{"&as=recorded"}, std::string{"&as=annotated"}}) {
        CAPTURE(how);
        auto const name = how == "&as=annotated" ? "slots" : "events";
        auto const whole = s.get("streams/account-a/events?limit=100" + how).json[name];
        json seen = json::array();
        for (std::string from;;) {
            auto const page = s.get("streams/account-a/events?limit=1" + how + from);
            REQUIRE(page.status == 200);
            for (auto const& e : page.json[name]) seen.push_back(e);
            if (!page.json.contains("next")) break;
            from = "&from=" + std::to_string(page.json["next"].get<int>());
        }
        CHECK(seen == whole);
    }
    CHECK(s.get("streams/account-a/events?from=99").json["events"].empty());
}

TEST_CASE("an annotated stream has every slot, with what it was", "[http][api]") {
    corrected_site const s;
    auto const page = s.get("streams/account-a/events?as=annotated");
    CHECK(page.json["known_at"] == 9);
    auto const slots = page.json["slots"];
    REQUIRE(slots.size() == 5);
    auto const status = [&](std::size_t i) { return slots[i]["status"].dump(); };
    CHECK(status(0) == "[]");
    CHECK(slots[1]["id"] == s.first);
    CHECK(status(1) == R"(["changed"])");
    CHECK(slots[1]["original"]["payload"]["amount"]["minor"] == 100);
    CHECK(slots[1]["content"]["payload"]["amount"]["minor"] == 70);
    CHECK(slots[1]["content"]["effective_at"] == "2025-12-31T12:00:00.000000Z");
    CHECK(status(2) == R"(["excluded"])");
    CHECK(slots[2]["present"] == false);
    CHECK(slots[2]["restructures"][0]["position"] == 6);
    CHECK(slots[2]["restructures"][0]["registers"].dump() == R"(["presence"])");
    CHECK(status(3) == R"(["left"])");
    CHECK(slots[3]["left_to"] == "account-b");
    CHECK(status(4) == "[]");
    auto const b = s.get("streams/account-b/events?as=annotated").json["slots"];
    REQUIRE(b.size() == 2);
    CHECK(b[1]["status"].dump() == R"(["arrived"])");
    CHECK(b[1]["origin"]["stream"] == "account-a");
    // Nothing was corrected yet.
    auto const before = s.get("streams/account-a/events?as=annotated&at=5").json["slots"];
    CHECK(before.size() == 4);
    for (auto const& slot : before) CHECK(slot["status"].empty());
}

TEST_CASE("a state is told as corrected, at any version, position and time", "[http][api]") {
    corrected_site const s;
    CHECK(s.balance("") == 75);
    CHECK(s.balance("", "b") == 30);
    CHECK(s.balance("?at=5") == 230);
    CHECK(s.balance("?at=7") == 100);
    CHECK(s.balance("?at=8") == 70);
    CHECK(s.balance("?version=4") == 230);
    CHECK(s.balance("?version=5") == 100);
    CHECK(s.balance("?as_of=2025-12-31") == 70);
    CHECK(s.balance("?as_of=2025-12-31&at=7") == 0);
    auto const then = s.get("streams/account-a/state?at=6").json;
    CHECK(then["known_at"] == 5);
    CHECK(then["version"] == 4);
}

TEST_CASE("the ETag of a state changes with a correction", "[http][api]") {
    corrected_site const s;
    auto const before = s.get("streams/account-a/state").header("ETag");
    s.append(recount::restructure{"undone"}.because("it was right").reinstate(
        recount::uuid_from_string(s.twice), history::registers::presence, 5));
    auto const now = s.get("streams/account-a/state");
    CHECK(now.json["state"]["balance"]["minor"] == 175);
    CHECK(now.header("ETag") != before);
    // What was read before the correction is no ground for a command.
    CHECK(s.deposit("a", 1, {{"if-match", before}}).status == 412);
    CHECK(s.deposit("a", 1, {{"if-match", now.header("ETag")}}).status == 200);
    CHECK(s.get("streams/account-a/state?at=9").header("ETag") == before);
}

TEST_CASE("what says no history is 400, what nobody knew then 404", "[http][api]") {
    corrected_site const s;
    for (std::string const query :
         {"events?as=other", "events?at=-1", "events?at=now", "events?as_of=2025-13-01",
          "events?as_of=yesterday", "events?as=annotated&as_of=2025-12-31", "events?version=1",
          "state?as=recorded", "state?at=x", "state?as_of=", "state?version=0"}) {
        CAPTURE(query);
        auto const no = s.get("streams/account-a/" + query);
        CHECK(no.status == 400);
        CHECK(no.content_type == "application/problem+json");
        CHECK(no.code() == "invalid_argument");
    }
    CHECK(s.get("streams/account-a/state?at=0").status == 404);
    CHECK(s.get("streams/account-b/state?at=3").status == 404);
    CHECK(s.get("streams/account-b/events?at=3").json["events"].empty());
    CHECK(s.get("streams/account-c/events?at=3").status == 404);
    CHECK(s.get("streams/account-c/state?version=3").status == 404);
}
