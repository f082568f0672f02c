// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/event_stream.hpp"

#include <support/catch.hpp>

using namespace recount;
using namespace recount::http::detail;

TEST_CASE("an event is its position and its envelope", "[http][live]") {
    recorded_event event;
    event.position = 17;
    event.stream = "account-a";
    event.type = "account.opened";
    event.payload = "{}";
    event.meta = "{}";
    std::string text;
    add_event(text, event);
    CHECK(text == "id: 17\ndata: " + to_json(event) + "\n\n");
}

TEST_CASE("an envelope of several lines is joined again by the client", "[http][live]") {
    recorded_event event;
    event.payload = "{\"a\":\n1,\r\n\"b\":\r2}";
    event.meta = "{}";
    std::string text;
    add_event(text, event);
    CHECK(text.find("{\"a\":\ndata: 1,\ndata: \"b\":\ndata: 2}") != std::string::npos);
    CHECK(text.find('\r') == std::string::npos);
}

TEST_CASE("a change is its mark and its JSON, and the last of a commit is followed by its mark",
          "[http][live]") {
    history::change change;
    change.k = 8;
    change.ordinal = 3;
    change.at = history::place::root(6);
    change.event.payload = "{}";
    change.event.meta = "{}";
    std::string text;
    add_event(text, change);
    CHECK(text == "id: 8.3\ndata: " + to_json(change) + "\n\n");
    change.last = true;
    text.clear();
    add_event(text, change);
    CHECK(text.ends_with("\n\nid: 8\ndata: {\"mark\":8}\n\n"));
}

TEST_CASE("comments, places and the time to come back", "[http][live]") {
    std::string text;
    add_retry(text, 1'000);
    add_place(text, 5);
    add_comment(text, "still here");
    CHECK(text == "retry: 1000\n\nid: 5\n\n: still here\n\n");
}
