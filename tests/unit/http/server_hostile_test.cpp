// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The server over real sockets: clients that break the rules, are slow, or do not read.
#include <future>
#include <recount/http/server.hpp>

#include <atomic>

#include <support/catch.hpp>
#include <support/postgres.hpp>
#include <support/running_server.hpp>

using namespace recount;
using namespace recount::tests;
using namespace std::chrono_literals;

namespace {

// The server is there and answers somebody else.
void check_serves(running_server& running) {
    raw_client other{running.port()};
    other.send(get("/still-there"));
    CHECK(other.answer().body == "GET /still-there ");
}

std::string const chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

}  // namespace

TEST_CASE("a request that two readers could understand in two ways ends its connection",
          "[http][hostile]") {
    auto const request = GENERATE(
        as<std::string>{},
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
        "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n", "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n",
        chunked + "5;a=b\r\nhello\r\n0\r\n\r\n", chunked + "0\r\nX: y\r\n\r\n", "\x16\x03\x01\x05");
    INFO(request);
    running_server running{{}, echo};
    raw_client client{running.port()};
    client.send(request + get("/smuggled"));
    auto const answer = client.answer();
    CHECK(answer.status == 400);
    CHECK(answer.says("application/problem+json"));
    CHECK(answer.says("Connection: close"));
    CHECK(client.rest().empty());
    check_serves(running);
}

TEST_CASE("a trailer of 70 KB is refused and the server stays", "[http][hostile]") {
    running_server running{{}, echo};
    for (auto const size : {300U, 70'000U, 1'000'000U}) {
        raw_client client{running.port()};
        client.send(chunked + "1\r\na\r\n0\r\nX: " + std::string(size, 'x') + "\r\n\r\n");
        CHECK(client.answer().status == 400);
        CHECK(client.rest().empty());
    }
    check_serves(running);
}

TEST_CASE("a client that sends too much is told so, though it does not stop", "[http][hostile]") {
    running_server running{{}, echo};
    std::string const two_megabytes(2U << 20U, 'x');
    auto const request = GENERATE_REF(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2097152\r\n\r\n" + two_megabytes,
        chunked + "200000\r\n" + two_megabytes + "\r\n0\r\n\r\n");
    raw_client client{running.port()};
    client.send(request);
    client.finish_sending();
    CHECK(client.answer().status == 413);
    CHECK(client.rest().empty());
    check_serves(running);
}

TEST_CASE("heads that are too large have a status each", "[http][hostile]") {
    running_server running{{}, echo};
    auto const status = [&](std::string const& request) {
        raw_client client{running.port()};
        client.send(request);
        return client.answer().status;
    };
    CHECK(status(get("/", "X: " + std::string(10'000, 'x') + "\r\n")) == 200);
    CHECK(status(get("/", "X: " + std::string(20'000, 'x') + "\r\n")) == 431);
    std::string many;
    for (int i = 0; i < 200; ++i) many += "X: y\r\n";
    CHECK(status(get("/", many)) == 431);
    CHECK(status(get("/" + std::string(9'000, 'x'))) == 414);
    CHECK(status(get("/" + std::string(90'000, 'x'))) == 414);
    check_serves(running);
}

TEST_CASE("a request that comes in too slowly is told so", "[http][hostile]") {
    running_server running{{.header_deadline = 50ms, .body_deadline = 50ms}, echo};
    auto const begun = GENERATE(as<std::string>{}, "G", "GET / HTTP/1.1\r\nHost: a\r\n",
                                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na",
                                chunked + "5\r\nhel", chunked + "0\r\nX: y\r\n");
    INFO(begun);
    raw_client client{running.port()};
    client.send(begun);
    auto const answer = client.answer();
    CHECK(answer.status == 408);
    CHECK(answer.says("Connection: close"));
    CHECK(client.rest().empty());
}

TEST_CASE("the time for a head begins with its first byte, not with each", "[http][hostile]") {
    running_server running{{.header_deadline = 200ms}, echo};
    raw_client client{running.port()};
    std::promise<void> answered;
    std::jthread const slow{[&, over = answered.get_future()] {
        // Never silent for as long as the deadline: a byte every 2 ms until there is an answer.
        for (auto i = 0; i < 10'000; ++i) {
            if (!client.send(i == 0 ? "GET / HTTP/1.1\r\nHost: a\r\nX: " : "x")) break;
            if (over.wait_for(2ms) == std::future_status::ready) break;
        }
    }};
    CHECK(client.answer().status == 408);
    answered.set_value();
}

TEST_CASE("a connection that is not used is closed without a word", "[http][hostile]") {
    running_server running{{.idle_deadline = 50ms}, echo};
    raw_client silent{running.port()};
    CHECK(silent.rest().empty());
    raw_client done{running.port()};
    done.send(get("/"));
    CHECK(done.answer().status == 200);
    CHECK(done.rest().empty());
}

TEST_CASE("a client that does not read its answer is given up", "[http][hostile]") {
    std::string const large(64U << 20U, 'x');
    running_server running{{.connections_max = 1, .write_deadline = 100ms}, [&](auto const& asked) {
        return asked.target == "/large" ? http::reply{http::response{.body = large}} : echo(asked);
    }};
    raw_client client{running.port(), 4'096};
    client.send(get("/large"));
    (void)client.answer(false);
    CHECK(eventually([&] {  // its place is free
        raw_client next{running.port()};
        next.send(get("/"));
        return next.answer().status == 200;
    }));
}

TEST_CASE("a client that leaves in the middle is nobody's loss", "[http][hostile]") {
    running_server running{{}, echo};
    for (auto const* const begun :
         {"", "GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\na"}) {
        raw_client leaving{running.port()};
        leaving.send(begun);
    }
    raw_client half_closed{running.port()};
    half_closed.send(get("/a"));
    half_closed.finish_sending();
    CHECK(half_closed.answer().body == "GET /a ");
    CHECK(half_closed.rest().empty());
    check_serves(running);
}
