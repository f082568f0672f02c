// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "site.hpp"

using namespace recount;
using namespace recount::tests;

namespace {

uuid key_of(int n) { return command_id_from_key(std::to_string(n)); }

outbox_message message(int n, message_kind kind = message_kind::effect) {
    outbox_message m;
    m.key = key_of(n);
    m.kind = kind;
    m.saga = "reviews";
    m.instance = "a \"1\"";
    m.trigger = key_of(1'000);
    m.ordinal = n;
    m.type = "review.wanted";
    m.body = R"({"type":"review.wanted","schema_version":1,"payload":{}})";
    m.due_at = timestamp_from_string("2026-01-31T00:00:00Z");
    m.caused_at = 17;
    return m;
}

std::string keys(json const& list) {
    std::string text;
    for (auto const& one : list) {
        for (int n = 0; n < 20; ++n) {
            if (one["key"] == to_string(key_of(n))) text += std::to_string(n) + " ";
        }
    }
    return text;
}

answered replay(site const& s, int n, std::string const& type = "application/json") {
    auto r = site::request("POST", "outbox/" + to_string(key_of(n)) + "/replay");
    r.headers.emplace_back("content-type", type);
    r.body = "{}";
    return s.ask(r);
}

}  // namespace

TEST_CASE("the outbox is listed over HTTP as asked for, page by page", "[http][api]") {
    site const s;
    CHECK(s.get("outbox").body == R"({"messages":[]})");
    s.sagas->write({.messages = {message(1), message(2, message_kind::command), message(3)}});
    s.sagas->sent(key_of(3));
    CHECK(keys(s.get("outbox").json["messages"]) == "1 2 3 ");
    CHECK(keys(s.get("outbox?status=waiting").json["messages"]) == "1 2 ");
    CHECK(keys(s.get("outbox?status=done&kind=effect").json["messages"]) == "3 ");
    CHECK(keys(s.get("outbox?saga=reviews&kind=command").json["messages"]) == "2 ");
    CHECK(keys(s.get("outbox?instance=nobody").json["messages"]).empty());
    auto const first = s.get("outbox?limit=2").json;
    CHECK(keys(first["messages"]) == "1 2 ");
    auto const rest = s.get("outbox?limit=2&after=" + first["next"].dump()).json;
    CHECK(keys(rest["messages"]) == "3 ");
    CHECK_FALSE(rest.contains("next"));
    for (auto const* wrong : {"outbox?status=lost", "outbox?kind=letter", "outbox?after=x",
                              "outbox?limit=0", "outbox?state=waiting"}) {
        INFO(wrong);
        CHECK(s.get(wrong).status == 400);
    }
}

TEST_CASE("a message says over HTTP what it is and what became of it", "[http][api]") {
    site const s;
    auto sent = message(1);
    sent.correlation = key_of(5);
    sent.order_key = "k";
    s.sagas->write({.messages = {sent}, .superseded = {{key_of(1), "r-1"}}});
    s.sagas->failed(s.sagas->claim({.kind = message_kind::effect}).at(0), "HTTP 503",
                    std::chrono::hours{1});
    auto const found = s.get("outbox/" + to_string(key_of(1))).json;
    CHECK(found["kind"] == "effect");
    CHECK(found["status"] == "waiting");
    CHECK(found["saga"] == "reviews");
    CHECK(found["instance"] == "a \"1\"");
    CHECK(found["order"] == "k");
    CHECK(found["attempts"] == 1);
    CHECK(found["last_error"] == "HTTP 503");
    CHECK(found["superseded_by"] == "r-1");
    CHECK(found["caused_at"] == 17);
    CHECK(found["correlation"] == to_string(key_of(5)));
    CHECK(found["body"]["type"] == "review.wanted");
    CHECK_FALSE(found.contains("settled_at"));
    CHECK(s.get("outbox/" + to_string(key_of(9))).status == 404);
    CHECK(s.get("outbox/no-key").status == 400);
}

TEST_CASE("a dead message is replayed over HTTP, once", "[http][api]") {
    site const s;
    s.sagas->write({.messages = {message(1)}});
    auto const waiting = replay(s, 1);
    CHECK(waiting.status == 409);
    CHECK(waiting.code() == "not_dead");
    s.sagas->give_up(s.sagas->claim({.kind = message_kind::effect}).at(0), "HTTP 410");
    CHECK(replay(s, 1, "text/plain").status == 415);
    auto const replayed = replay(s, 1);
    CHECK(replayed.status == 200);
    CHECK(replayed.json["status"] == "waiting");
    CHECK(replayed.json["attempts"] == 0);
    CHECK(replay(s, 1).status == 409);
    CHECK(replay(s, 2).status == 404);
}

TEST_CASE("timers are listed over HTTP as they come due", "[http][api]") {
    site const s;
    auto const at = [](char const* text) { return timestamp_from_string(text); };
    s.sagas->write(
        {.timers = {{key_of(1), "reviews", "a", "late", at("2026-03-01T00:00:00Z"), "over", 1, "7"},
                    {key_of(2), "reviews", "b", "soon", at("2026-02-01T00:00:00Z"), "over", 1,
                     "{}"},
                    {key_of(3), "others", "b", "soon", at("2026-02-01T00:00:00Z"), "over", 1,
                     "{}"}}});
    CHECK(keys(s.get("timers?saga=reviews").json["timers"]) == "2 1 ");
    CHECK(keys(s.get("timers?saga=reviews&due_before=2026-03-01T00:00:00Z").json["timers"]) ==
          "2 ");
    std::string paged;
    std::string after;
    for (int page = 0; page < 3; ++page) {
        auto const found = s.get("timers?limit=1" + after).json;
        paged += keys(found["timers"]);
        CHECK(found.contains("next") == (page < 2));
        if (found.contains("next")) after = "&after=" + found["next"].get<std::string>();
    }
    CHECK(paged.size() == 6);
    CHECK(paged.ends_with("1 "));
    auto const last = s.get("timers?saga=reviews").json["timers"][1];
    CHECK(last["name"] == "late");
    CHECK(last["due_at"] == "2026-03-01T00:00:00.000000Z");
    CHECK(last["payload"] == 7);
    CHECK(s.get("timers?after=soon").status == 400);
    CHECK(s.get("timers?after=2026-03-01T00:00:00Z,x").status == 400);
    CHECK(s.get("timers?due_before=soon").status == 400);
}
