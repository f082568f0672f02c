// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The server over real sockets: conversations that go well, and how it ends them.
#include <recount/http/server.hpp>

#include <atomic>
#include <future>

#include <recount/core/error.hpp>
#include <support/caught.hpp>
#include <support/catch.hpp>
#include <support/postgres.hpp>
#include <support/running_server.hpp>

using namespace recount;
using namespace recount::tests;
using namespace std::chrono_literals;

TEST_CASE("a connection is kept from one request to the next", "[http][server]") {
    running_server running{{}, echo};
    raw_client client{running.port()};
    for (int i = 0; i < 3; ++i) {
        client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
        auto const answer = client.answer();
        CHECK(answer.status == 200);
        CHECK(answer.body == "POST /a hello");
        CHECK_FALSE(answer.says("Connection"));
    }
}

TEST_CASE("requests sent in one go are answered in their order", "[http][server]") {
    running_server running{{.workers = 4}, echo};
    raw_client client{running.port()};
    client.send(get("/1") + get("/2") + get("/3", "Connection: close\r\n") + get("/4"));
    CHECK(client.answer().body == "GET /1 ");
    CHECK(client.answer().body == "GET /2 ");
    auto const last = client.answer();
    CHECK(last.body == "GET /3 ");
    CHECK(last.says("Connection: close"));
    CHECK(client.rest().empty());
}

TEST_CASE("a body in chunks comes in whole", "[http][server]") {
    running_server running{{}, echo};
    raw_client client{running.port()};
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel");
    client.send("lo\r\n6\r\n world\r\n0\r\n");
    client.send("\r\n");
    CHECK(client.answer().body == "POST / hello world");
    client.send(get("/next"));
    CHECK(client.answer().body == "GET /next ");
}

TEST_CASE("HEAD is answered as GET, without the body", "[http][server]") {
    running_server running{{}, echo};
    raw_client client{running.port()};
    client.send("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
    auto const head = client.answer(false);
    CHECK(head.says("Content-Length: 7\r\n"));
    client.send(get("/b"));
    CHECK(client.answer().body == "GET /b ");
}

TEST_CASE("HTTP/1.0 is closed after an answer unless it asks", "[http][server]") {
    running_server running{{}, echo};
    raw_client asks{running.port()};
    asks.send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(asks.answer().says("Connection: keep-alive"));
    asks.send("GET /2 HTTP/1.0\r\n\r\n");
    CHECK(asks.answer().says("Connection: close"));
    CHECK(asks.rest().empty());
}

TEST_CASE("a client that waits for 100 Continue is told to go on", "[http][server]") {
    running_server running{{.body_bytes_max = 10}, echo};
    raw_client client{running.port()};
    client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    CHECK(client.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("ok");
    CHECK(client.answer().body == "POST / ok");
    client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");
    CHECK(client.answer().status == 413);
}

TEST_CASE("a large answer comes whole", "[http][server]") {
    std::string const large(20U << 20U, 'x');
    running_server running{{}, [&](auto const&) { return http::response{.body = large}; }};
    raw_client client{running.port()};
    client.send(get("/"));
    CHECK(client.answer().body == large);
}

TEST_CASE("what a handler throws is answered as a problem", "[http][server]") {
    running_server running{{}, [](http::request const& asked) -> http::reply {
        if (asked.target == "/known") throw error{errc::not_found, "no stream 'a-1'"};
        if (asked.target == "/header") return http::response{.headers = {{"X", "a\r\nY: b"}}};
        if (asked.target == "/int") throw 5;
        throw std::runtime_error{"a secret"};
    }};
    raw_client client{running.port()};
    client.send(get("/known"));
    CHECK(client.answer().status == 404);
    for (auto const* const target : {"/unknown", "/int", "/header"}) {
        INFO(target);
        client.send(get(target));
        auto const answer = client.answer();
        CHECK(answer.status == 500);
        CHECK(answer.says("application/problem+json"));
        CHECK(answer.body.find("secret") == std::string::npos);
        CHECK_FALSE(answer.says("Y: b"));
    }
}

TEST_CASE("handlers run side by side on the workers", "[http][server]") {
    gate first;
    gate second;
    running_server running{{.workers = 2}, [&](http::request const& asked) -> http::reply {
        auto& mine = asked.target == "/1" ? first : second;
        auto& others = asked.target == "/1" ? second : first;
        mine.open();
        return http::response{.status = others.passed() ? 200 : 504};
    }};
    raw_client one{running.port()};
    raw_client two{running.port()};
    one.send(get("/1"));
    two.send(get("/2"));
    CHECK(one.answer().status == 200);
    CHECK(two.answer().status == 200);
}

TEST_CASE("one connection too many is told to come back", "[http][server]") {
    running_server running{{.connections_max = 2}, echo};
    auto one = std::make_unique<raw_client>(running.port());
    raw_client two{running.port()};
    for (auto* const client : {one.get(), &two}) {
        client->send(get("/"));
        CHECK(client->answer().status == 200);
    }
    raw_client three{running.port()};
    auto const answer = three.answer();
    CHECK(answer.status == 503);
    CHECK(answer.says("Retry-After: "));
    CHECK(three.rest().empty());
    one.reset();
    CHECK(eventually([&] {
        raw_client next{running.port()};
        next.send(get("/"));
        return next.answer().status == 200;
    }));
}

TEST_CASE("a stop lets a request that is being answered finish", "[http][server]") {
    gate begun;
    gate go_on;
    running_server running{{}, [&](http::request const&) -> http::reply {
        begun.open();
        return http::response{.body = go_on.passed() ? "done" : "late"};
    }};
    raw_client idle{running.port()};
    raw_client half{running.port()};
    half.send("GET / HT");
    raw_client asking{running.port()};
    asking.send(get("/"));
    REQUIRE(begun.passed());
    running.stop();
    CHECK(idle.rest().empty());
    CHECK(half.rest().empty());
    CHECK_FALSE(running.ended(0ms));
    go_on.open();
    auto const answer = asking.answer();
    CHECK(answer.body == "done");
    CHECK(answer.says("Connection: close"));
    CHECK(running.ended());
    CHECK_THROWS(raw_client{running.port()});
}

TEST_CASE("what is left after the grace is cut", "[http][server]") {
    std::string const large(64U << 20U, 'x');
    gate begun;
    running_server running{{.write_deadline = 60s, .stop_grace = 10ms}, [&](auto const&) {
        begun.open();
        return http::response{.body = large};
    }};
    raw_client client{running.port(), 4'096};
    client.send(get("/"));
    REQUIRE(begun.passed());
    running.stop();
    CHECK(running.ended());
    CHECK(client.rest().size() < large.size());
}

TEST_CASE("a server ends when it is asked to by its caller", "[http][server]") {
    memory::log log;
    http::server server{{.port = 0}, echo, log};
    std::atomic<int> asked{0};
    server.run([&] { return ++asked == 3; });
    CHECK(asked == 3);
}

TEST_CASE("a server that was never run goes without a word", "[http][server]") {
    memory::log log;
    http::server const server{{.port = 0}, echo, log};
    CHECK(server.port() != 0);
}

TEST_CASE("an address that cannot be had is refused", "[http][server]") {
    memory::log log;
    http::server const first{{.port = 0}, echo, log};
    auto const taken = caught([&] { http::server{{.port = first.port()}, echo, log}; });
    CHECK(taken.code() == errc::refused);
    CHECK(std::string{taken.what()}.find(std::to_string(first.port())) != std::string::npos);
    auto const wrong = caught([&] { http::server{{.address = "nowhere"}, echo, log}; });
    CHECK(wrong.code() == errc::refused);
}
