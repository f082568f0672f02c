// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/request_reader.hpp"

#include <fmt/format.h>

#include <support/catch.hpp>

using namespace recount::http::detail;

namespace {

read_limits const small{.header_bytes_max = 400, .head = {.body_bytes_max = 1'000}};

std::string const chunked_head =
    "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

int refused_with(request_reader const& reader) {
    return reader.phase() == read_phase::refused ? reader.why().status : 0;
}

// Both at once and byte by byte: how the bytes are cut must make no difference.
int status_of(std::string const& bytes) {
    request_reader at_once{small};
    at_once.feed(bytes);
    request_reader one_by_one{small};
    for (auto const c : bytes) one_by_one.feed({&c, 1});
    CHECK(refused_with(at_once) == refused_with(one_by_one));
    return refused_with(at_once);
}

std::string body_of(std::string const& bytes) {
    std::string bodies;
    for (auto const step : {bytes.size(), std::size_t{1}, std::size_t{3}, std::size_t{7}}) {
        request_reader reader{small};
        for (std::size_t at = 0; at < bytes.size(); at += step) reader.feed(bytes.substr(at, step));
        INFO("in steps of " << step);
        REQUIRE(reader.phase() == read_phase::complete);
        auto const body = reader.take().body;
        if (step != bytes.size()) CHECK(body == bodies);
        bodies = body;
    }
    return bodies;
}

}  // namespace

TEST_CASE("a request is complete with the last byte of its body", "[http][reader]") {
    std::string const bytes = "POST /a?b=c HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
    request_reader reader{{}};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        CHECK(reader.phase() < read_phase::complete);
        reader.feed(bytes.substr(i, 1));
    }
    REQUIRE(reader.phase() == read_phase::complete);
    auto const asked = reader.take();
    CHECK(asked.method == "POST");
    CHECK(asked.path == std::vector<std::string>{"a"});
    REQUIRE(asked.parameter("b") != nullptr);
    CHECK(*asked.parameter("b") == "c");
    CHECK(*asked.header("content-length") == "5");
    CHECK(asked.header("Content-Length") == nullptr);
    CHECK(asked.body == "hello");
    CHECK(reader.phase() == read_phase::idle);
}

TEST_CASE("chunks make one body, however they come in", "[http][reader]") {
    CHECK(body_of(chunked_head + "5\r\nhello\r\n006\r\n world\r\n0\r\n\r\n") == "hello world");
    CHECK(body_of(chunked_head + "0\r\n\r\n").empty());
    CHECK(body_of(chunked_head + "A\r\n0\r\n\r\n0\r\n\r\n\r\n000\r\n\r\n") == "0\r\n\r\n0\r\n\r\n");
}

TEST_CASE("requests that were sent in one go are read one after the other", "[http][reader]") {
    request_reader reader{{}};
    reader.feed("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
                "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok\r\n"
                "GET /3 HTTP/1.0\r\n\r\nGET /4");
    REQUIRE(reader.phase() == read_phase::complete);
    CHECK(reader.take().target == "/1");
    REQUIRE(reader.phase() == read_phase::complete);
    auto const second = reader.take();
    CHECK(second.target == "/2");
    CHECK(second.body == "ok");
    REQUIRE(reader.phase() == read_phase::complete);
    CHECK_FALSE(reader.manners().keep_alive);
    CHECK(reader.take().target == "/3");
    CHECK(reader.phase() == read_phase::head);
}

TEST_CASE("one empty line before a request is let pass, two are not", "[http][reader]") {
    std::string const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for (auto const step : {std::size_t{1}, std::size_t{100}}) {
        request_reader one{{}};
        auto const bytes = "\r\n" + get;
        for (std::size_t at = 0; at < bytes.size(); at += step) one.feed(bytes.substr(at, step));
        CHECK(one.phase() == read_phase::complete);
    }
    CHECK(status_of("\r\n\r\n" + get) == 400);
}

TEST_CASE("a request that is refused after good ones leaves them good", "[http][reader]") {
    request_reader reader{{}};
    reader.feed("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
    REQUIRE(reader.phase() == read_phase::complete);
    CHECK(reader.take().target == "/1");
    CHECK(refused_with(reader) == 400);
    reader.feed("GET /3 HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(refused_with(reader) == 400);
}

TEST_CASE("chunks that are not plainly framed are refused", "[http][reader]") {
    auto const body = GENERATE(
        as<std::string>{}, "x\r\n\r\n\r\n", "-1\r\nhello\r\n", "0x5\r\nhello\r\n0\r\n\r\n",
        "5;a=b\r\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n", "5\nhello\r\n0\r\n\r\n",
        "5;a\nhello\r\n0\r\n\r\n", "5\rhello\r\n0\r\n\r\n", "5\r\nhelloworld\r\n0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n", "10000000000000000\r\nhello", "0;a=b\r\n\r\n", "0 \r\n\r\n",
        "0\r\nX: y\r\n\r\n", "0\r\nContent-Length: 5\r\n\r\n", "0\r\n X\r\n\r\n", "+5\r\nhello\r\n",
        "\r\n5\r\nhello\r\n", "0\r\n\n\r\n\r\n");
    INFO(body);
    auto const status = status_of(chunked_head + body);
    CHECK((status == 400 || status == 413));
}

TEST_CASE("a trailer of 70 KB is refused with its first bytes", "[http][reader]") {
    request_reader reader{{}};
    reader.feed(chunked_head + "1\r\na\r\n0\r\n");
    CHECK(reader.phase() == read_phase::body);
    reader.feed("X: " + std::string(300, 'x'));
    CHECK(refused_with(reader) == 400);
    request_reader whole{{}};
    whole.feed(chunked_head + "1\r\na\r\n0\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n");
    CHECK(refused_with(whole) == 400);
}

TEST_CASE("a body may be as large as its limit", "[http][reader]") {
    auto const sized = [](std::size_t size) {
        return fmt::format("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", size) +
               std::string(size, 'x');
    };
    auto const in_chunks = [](std::size_t first, std::size_t second) {
        return chunked_head +
               fmt::format("{:x}\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n", first,
                           std::string(first, 'x'), second, std::string(second, 'y'));
    };
    CHECK(status_of(sized(1'000)) == 0);
    CHECK(status_of(sized(1'001)) == 413);
    CHECK(status_of(in_chunks(500, 500)) == 0);
    CHECK(status_of(in_chunks(500, 501)) == 413);
}

TEST_CASE("a head that is too large is refused before it ends", "[http][reader]") {
    CHECK(status_of("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(400, 'x')) == 431);
    CHECK(status_of("GET /" + std::string(400, 'x')) == 414);
}

TEST_CASE("a head with bare line feeds is refused, not waited for", "[http][reader]") {
    CHECK(status_of("GET / HTTP/1.1\nHost: a\n\n") == 400);
    CHECK(status_of("\x16\x03\x01\x02") == 400);
}

TEST_CASE("a client that waits for 100 Continue is told once", "[http][reader]") {
    request_reader reader{{}};
    reader.feed("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    CHECK(reader.take_expectation());
    CHECK_FALSE(reader.take_expectation());
    reader.feed("ok");
    CHECK(reader.take().body == "ok");
}
