// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/head_guard.hpp"

#include <support/catch.hpp>

using namespace recount::http::detail;
using recount::http::name_value;

namespace {

request_head taken(std::string const& raw) {
    auto judged = judge_head(raw, {});
    if (auto const* const no = std::get_if<refusal>(&judged)) {
        FAIL("refused: " << no->detail << " in " << raw);
    }
    return std::get<request_head>(std::move(judged));
}

int status_of(std::string_view raw, head_limits const& limits = {}) {
    auto const judged = judge_head(raw, limits);
    auto const* const no = std::get_if<refusal>(&judged);
    return no == nullptr ? 0 : no->status;
}

// A request whose lines behind the Host are these, each with its end.
std::string post_with(std::string const& lines) {
    return "POST /commands HTTP/1.1\r\nHost: bank\r\n" + lines + "\r\n";
}

}  // namespace

TEST_CASE("a plain head is taken as it is", "[http][head]") {
    auto const head = taken("GET /events?from=3 HTTP/1.1\r\nHost: [::1]:8080\r\n"
                            "X-Name: \t a b \t\r\naccept:*/*\r\nEmpty:\r\n\r\n");
    CHECK(head.method == "GET");
    CHECK(head.target == "/events?from=3");
    CHECK(head.where.path == std::vector<std::string>{"events"});
    std::vector<name_value> const headers{
        {"host", "[::1]:8080"}, {"x-name", "a b"}, {"accept", "*/*"}, {"empty", ""}};
    CHECK(head.headers == headers);
    CHECK(head.framing == body_framing::none);
    CHECK(head.keep_alive);
    CHECK_FALSE(head.expects_continue);
}

TEST_CASE("a body is framed by one plain length or by chunks", "[http][head]") {
    auto const length = taken(post_with("Content-Length: 17\r\n"));
    CHECK(length.framing == body_framing::length);
    CHECK(length.content_length == 17);
    CHECK(taken(post_with("Transfer-Encoding: Chunked\r\n")).framing == body_framing::chunked);
    CHECK(taken(post_with("Expect: 100-Continue\r\nContent-Length: 1\r\n")).expects_continue);
    CHECK_FALSE(taken(post_with("Expect: 100-continue\r\n")).expects_continue);
}

TEST_CASE("a connection is kept as its version and its header say", "[http][head]") {
    auto const keeps = [](std::string const& version, std::string const& lines) {
        return taken("GET / HTTP/" + version + "\r\nHost: a\r\n" + lines + "\r\n").keep_alive;
    };
    CHECK(keeps("1.1", ""));
    CHECK_FALSE(keeps("1.1", "Connection: Close\r\n"));
    CHECK_FALSE(keeps("1.1", "Connection: keep-alive, close\r\n"));
    CHECK_FALSE(keeps("1.1", "Connection: keep-alive\r\nConnection: close\r\n"));
    CHECK_FALSE(keeps("1.0", ""));
    CHECK(keeps("1.0", "Connection: upgrade, Keep-Alive\r\n"));
}

TEST_CASE("HTTP/1.0 needs no Host", "[http][head]") {
    CHECK(taken("GET / HTTP/1.0\r\n\r\n").minor_version == 0);
}

TEST_CASE("a target may be a path, the address of this host, or * for OPTIONS", "[http][head]") {
    auto const head = taken("GET http://Bank:80/a?b=c HTTP/1.1\r\nHost: bank:80\r\n\r\n");
    CHECK(head.where.path == std::vector<std::string>{"a"});
    CHECK(head.where.query == std::vector<name_value>{{"b", "c"}});
    CHECK(taken("GET http://bank?b=c HTTP/1.1\r\nHost: bank\r\n\r\n").where.path.empty());
    CHECK(taken("OPTIONS * HTTP/1.1\r\nHost: bank\r\n\r\n").where.path.empty());
    CHECK(status_of("GET * HTTP/1.1\r\nHost: bank\r\n\r\n") == 400);
    CHECK(status_of("GET http://other/a HTTP/1.1\r\nHost: bank\r\n\r\n") == 400);
    CHECK(status_of("GET ftp://bank/a HTTP/1.1\r\nHost: bank\r\n\r\n") == 400);
    CHECK(status_of("GET http:///a HTTP/1.1\r\nHost: bank\r\n\r\n") == 400);
    CHECK(status_of("GET http://me@bank/a HTTP/1.1\r\nHost: bank\r\n\r\n") == 400);
    CHECK(status_of("GET bank HTTP/1.1\r\nHost: bank\r\n\r\n") == 400);
    CHECK(status_of("CONNECT bank:443 HTTP/1.1\r\nHost: bank:443\r\n\r\n") == 501);
}

TEST_CASE("header lines that two readers frame differently are refused", "[http][head]") {
    auto const lines = GENERATE(
        as<std::string>{}, "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: identity\r\n", "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding: chunked;a=b\r\n", "Transfer-Encoding:\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding : chunked\r\n", "Transfer-Encoding\t: chunked\r\n",
        "Transfer-Encoding:\x0B" "chunked\r\n", "X: y\r\n Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding:\r\n chunked\r\n", "X: y\r\n\tz\r\n", " X: y\r\n",
        "X: y\rTransfer-Encoding: chunked\r\n", "X: y\nTransfer-Encoding: chunked\r\n",
        "X: y\r\nTransfer-Encoding: chunked\n", "X: y\r\r\n", "\r\nX: y\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 5\r\n", "Content-Length: +5\r\n", "Content-Length: -5\r\n",
        "Content-Length: 0x5\r\n", "Content-Length: 5 5\r\n", "Content-Length: 5;\r\n",
        "Content-Length: 1e1\r\n", "Content-Length:\r\n", "Content-Length: five\r\n",
        "Trailer: X\r\n", "Host: other\r\n", "Host: bank\r\n", "X\r\n", ": x\r\n", "X y: z\r\n",
        "X(y): z\r\n", "X\xC4\x8D: z\r\n", "X: \xFF\r\n", "X: a\x01\r\n", "X: a\x7F\r\n");
    INFO(lines);
    CHECK(status_of(post_with(lines)) == 400);
}

TEST_CASE("a null byte in a head is refused", "[http][head]") {
    using namespace std::string_view_literals;
    CHECK(status_of("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"sv) == 400);
    CHECK(status_of("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"sv) == 400);
}

TEST_CASE("chunks are of HTTP/1.1 only", "[http][head]") {
    CHECK(status_of("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
}

TEST_CASE("a request names exactly one host", "[http][head]") {
    CHECK(status_of("GET / HTTP/1.1\r\n\r\n") == 400);
    CHECK(status_of("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n") == 400);
    auto const host = GENERATE(as<std::string>{}, "", "a b", "a,b", "a/b", "a@b", "a?b");
    INFO(host);
    CHECK(status_of("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n") == 400);
}

TEST_CASE("a request line is three words with one space between them", "[http][head]") {
    auto const line = GENERATE(as<std::string>{}, "", "GET", "GET /", "GET  / HTTP/1.1",
                               "GET / HTTP/1.1 ", "GET /a b HTTP/1.1", " GET / HTTP/1.1",
                               "GET\t/ HTTP/1.1", "G@T / HTTP/1.1", "GET / http/1.1",
                               "GET / HTTP/1.1x", "GET / HTTP/11", "GET / HTTP/1",
                               "AMETHODOFMORETHANTHIRTYTWOLETTERS / HTTP/1.1", "GET a HTTP/1.1",
                               "GET /%00 HTTP/1.1");
    INFO(line);
    CHECK(status_of(line + "\r\nHost: a\r\n\r\n") == 400);
}

TEST_CASE("versions other than 1.0 and 1.1 are not spoken", "[http][head]") {
    CHECK(status_of("GET / HTTP/2.0\r\nHost: a\r\n\r\n") == 505);
    CHECK(status_of("GET / HTTP/1.2\r\nHost: a\r\n\r\n") == 505);
    CHECK(status_of("GET / HTTP/0.9\r\nHost: a\r\n\r\n") == 505);
    CHECK(status_of("PRI * HTTP/2.0\r\n\r\n") == 505);
}

TEST_CASE("only 100-continue can be expected", "[http][head]") {
    CHECK(status_of(post_with("Expect: 200-ok\r\n")) == 417);
    CHECK(status_of("GET / HTTP/1.0\r\nExpect: 200-ok\r\n\r\n") == 0);
}

TEST_CASE("limits of a head have a status each", "[http][head]") {
    head_limits const limits{.target_bytes_max = 10, .fields_max = 2, .body_bytes_max = 100};
    auto const get = [](std::string const& target, std::string const& lines) {
        return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n";
    };
    CHECK(status_of(get("/234567890", ""), limits) == 0);
    CHECK(status_of(get("/2345678901", ""), limits) == 414);
    CHECK(status_of(get("/", "A: b\r\n"), limits) == 0);
    CHECK(status_of(get("/", "A: b\r\nC: d\r\n"), limits) == 431);
    CHECK(status_of(get("/", "Content-Length: 100\r\n"), limits) == 0);
    CHECK(status_of(get("/", "Content-Length: 101\r\n"), limits) == 413);
    CHECK(status_of(get("/", "Content-Length: 99999999999999999999999\r\n"), limits) == 413);
}

TEST_CASE("what is wrong is seen before a head is complete", "[http][head]") {
    CHECK(offence_in("GET / HTTP/1.1\nHost: a\n\n", 0));
    CHECK(offence_in("\x16\x03\x01", 0));
    CHECK(offence_in("GET /\rx", 0));
    CHECK_FALSE(offence_in("GET / HTTP/1.1\r", 0));
    CHECK_FALSE(offence_in("GET / HTTP/1.1\r\nX:\ty\r\n", 0));
    CHECK(offence_in("GET / HTTP/1.1\r\nX: y\n", 18));
}
