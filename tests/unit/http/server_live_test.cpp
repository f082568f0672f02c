// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The server over real sockets: followers of the feed.
#include <recount/http/server.hpp>

#include <atomic>

#include <fmt/format.h>

#include <recount/core/error.hpp>
#include <support/catch.hpp>
#include <support/postgres.hpp>
#include <support/running_server.hpp>
#include <support/wrapped_log.hpp>

using namespace recount;
using namespace recount::tests;
using namespace std::chrono_literals;

namespace {

// "/?after=5&category=account"
http::reply follow(http::request const& asked) {
    http::live_events live;
    if (auto const* const after = asked.parameter("after")) live.after = std::stoll(*after);
    if (auto const* const category = asked.parameter("category")) {
        live.filter.categories = {*category};
    }
    return live;
}

// The positions of the next `count` events.
std::vector<position> positions(raw_client& client, std::size_t count) {
    std::vector<position> list;
    while (list.size() < count) {
        auto const event = client.read_until("\n\n");
        auto const data = event.find("data: ");
        if (data == std::string::npos) continue;
        list.push_back(std::stoll(event.substr(event.find("id: ") + 4)));
        CHECK(event.find(fmt::format("\"position\":{},", list.back())) != std::string::npos);
    }
    return list;
}

std::vector<position> range(position first, position last) {
    std::vector<position> list;
    for (auto p = first; p <= last; ++p) list.push_back(p);
    return list;
}

}  // namespace

TEST_CASE("a follower is sent what is there, and what comes", "[http][live]") {
    running_server running{{}, follow};
    running.log().append(one_event("account-a"));
    raw_client client{running.port()};
    client.send(get("/"));
    auto const head = client.answer();
    CHECK(head.status == 200);
    CHECK(head.says("Content-Type: text/event-stream\r\n"));
    CHECK_FALSE(head.says("Content-Length"));
    CHECK(client.read_until("\n\n").starts_with("retry: "));
    CHECK(positions(client, 1) == range(1, 1));
    for (position p = 2; p <= 5; ++p) {
        running.log().append(one_event("account-a"));
        CHECK(positions(client, 1) == range(p, p));
    }
}

TEST_CASE("a follower that comes back goes on where it was, without a gap or a repeat",
          "[http][live]") {
    constexpr position last = 3'000;
    running_server running{{}, follow};
    std::thread writer{[&] {
        for (position p = 0; p < last;) {
            commit one;
            for (position i = 0; i < 1 + p % 5 && p + i < last; ++i) {
                one.events.push_back(one_event(fmt::format("account-{}", i)).events.front());
            }
            p += static_cast<position>(one.events.size());
            running.log().append(one);
        }
    }};
    position seen = 0;
    bool dense = true;
    for (std::size_t count = 1; seen < last; count = count * 2 + 1) {
        raw_client client{running.port()};
        client.send(get(fmt::format("/?after={}", seen)));
        auto const wanted = std::min<std::size_t>(count, static_cast<std::size_t>(last - seen));
        for (auto const p : positions(client, wanted)) {
            dense = dense && p == seen + 1;
            seen = p;
        }
    }
    writer.join();
    CHECK(dense);
    CHECK(seen == last);
}

TEST_CASE("many followers are each sent everything", "[http][live]") {
    running_server running{{.workers = 2}, follow};
    std::vector<std::unique_ptr<raw_client>> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(std::make_unique<raw_client>(running.port()));
        clients.back()->send(get("/"));
    }
    for (int i = 0; i < 200; ++i) running.log().append(one_event("account-a"));
    for (auto const& client : clients) CHECK(positions(*client, 200) == range(1, 200));
}

TEST_CASE("a follower that is silent for its filter knows how far it has come", "[http][live]") {
    running_server running{{.live_heartbeat = 30ms}, follow};
    raw_client client{running.port()};
    client.send(get("/?category=other"));
    for (int i = 0; i < 5; ++i) running.log().append(one_event("account-a"));
    (void)client.read_until("\nid: 5\n\n: still here\n\n");
    running.log().append(one_event("other-a"));
    CHECK(positions(client, 1) == range(6, 6));
    CHECK(client.read_until(": still here\n\n") == ": still here\n\n");
}

TEST_CASE("a stop ends the stream with a last comment", "[http][live]") {
    running_server running{{}, follow};
    raw_client client{running.port()};
    client.send(get("/"));
    (void)client.read_until("retry: 1000\n\n");
    running.stop();
    CHECK(client.rest() == ": the end: come back with Last-Event-ID\n\n");
    CHECK(running.ended());
}

TEST_CASE("one follower too many is told to come back, until one has left", "[http][live]") {
    running_server running{{.live_max = 1}, follow};
    auto first = std::make_unique<raw_client>(running.port());
    first->send(get("/"));
    (void)first->read_until("retry: ");
    raw_client second{running.port()};
    second.send(get("/"));
    auto const answer = second.answer();
    CHECK(answer.status == 503);
    CHECK(answer.says("Retry-After: "));
    first.reset();
    CHECK(eventually([&] {
        second.send(get("/"));
        return second.answer().status == 200;
    }));
}

TEST_CASE("a follower that does not read is given up", "[http][live]") {
    running_server running{{.live_max = 1, .write_deadline = 100ms}, follow};
    for (int i = 0; i < 40; ++i) {
        running.log().append(one_event("account-a", "\"" + std::string(900'000, 'x') + "\""));
    }
    raw_client still{running.port(), 4'096};
    still.send(get("/"));
    (void)still.read_until("retry: ");
    CHECK(eventually([&] {
        raw_client next{running.port()};
        next.send(get("/?after=40"));
        return next.answer().status == 200;
    }));
}

TEST_CASE("a stream outlives a log that fails for a while", "[http][live]") {
    wrapped_log log;
    std::atomic<bool> failing{false};
    log.before_read_feed = [&] {
        if (failing) throw error{errc::database_unreachable, "no connection"};
    };
    running_server running{{}, follow, &log};
    raw_client client{running.port()};
    client.send(get("/"));
    log.append(one_event("account-a"));
    CHECK(positions(client, 1) == range(1, 1));
    failing = true;
    log.append(one_event("account-a"));
    (void)client.read_until(": waiting for the log\n\n");
    log.append(one_event("account-a"));
    failing = false;
    CHECK(positions(client, 2) == range(2, 3));
}

TEST_CASE("a log that fails at once is a problem with a status", "[http][live]") {
    wrapped_log log;
    std::atomic<int> calls{0};
    log.before_read_feed = [&] {
        if (++calls == 1) throw error{errc::database_unreachable, "no connection"};
        throw error{errc::invalid_argument, "no category has such a name"};
    };
    running_server running{{}, follow, &log};
    raw_client client{running.port()};
    client.send(get("/"));
    CHECK(client.answer().status == 503);
    client.send(get("/"));
    CHECK(client.answer().status == 400);
}

TEST_CASE("HEAD of the feed is a head alone", "[http][live]") {
    running_server running{{}, follow};
    running.log().append(one_event("account-a"));
    raw_client client{running.port()};
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CHECK(client.answer(false).says("text/event-stream"));
    CHECK(client.rest().empty());
}
