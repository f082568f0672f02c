// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/http/webhook.hpp>

#include <mutex>

#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "http/webhook_parts.hpp"
#include "support/caught.hpp"
#include "support/running_server.hpp"
#include "unit/http/webhook_calls.hpp"

using namespace std::chrono_literals;
using namespace recount;
using tests::alert;
using tests::caught;
using tests::running_server;
using tests::strange_server;
using kind = effect_result::kind;

namespace {

std::string url_of(std::uint16_t port, std::string const& target = "/alerts?to=x") {
    return "http://127.0.0.1:" + std::to_string(port) + target;
}

void read_head(strange_server::socket& from) {
    std::string request;
    boost::asio::read_until(from, boost::asio::dynamic_buffer(request), "\r\n\r\n");
}
void say(strange_server::socket& to, std::string_view text) {
    boost::asio::write(to, boost::asio::buffer(text.data(), text.size()));
}

}  // namespace

TEST_CASE("a webhook posts the effect with its key, signed", "[effects][http]") {
    std::mutex mutex;
    http::request got;
    running_server server{{}, [&](http::request const& r) {
                              std::lock_guard const hold{mutex};
                              got = r;
                              return http::response{.status = 204};
                          }};
    auto const send = http::webhook({.url = url_of(server.port()),
                                     .signing_key = "secret",
                                     .headers = {{"Authorization", "Bearer t"}}});
    CHECK(send(alert()).what() == kind::sent);
    std::lock_guard const hold{mutex};
    CHECK(got.method == "POST");
    CHECK(got.target == "/alerts?to=x");
    CHECK(got.body == alert().body);
    auto const header = [&](std::string_view name) {
        auto const* const value = got.header(name);
        return value == nullptr ? std::string{"none"} : *value;
    };
    CHECK(header("content-type") == "application/json");
    CHECK(header("idempotency-key") == to_string(alert().key));
    CHECK(header("authorization") == "Bearer t");
    CHECK(header("host") == "127.0.0.1:" + std::to_string(server.port()));
    CHECK(header("recount-signature") ==
          http::webhook_signature("secret", to_string(alert().key), alert().body));
}

TEST_CASE("what a server answers says whether to try again", "[effects][http]") {
    http::response answer;
    running_server server{{}, [&](http::request const&) { return answer; }};
    auto const send = http::webhook({.url = url_of(server.port())});
    auto const of = [&](int status, std::vector<http::name_value> headers = {}) {
        answer = {.status = status, .headers = std::move(headers)};
        return send(alert());
    };
    for (int const status : {200, 201, 202, 204}) CHECK(of(status).what() == kind::sent);
    for (int const status : {408, 425, 429, 500, 502, 503, 504}) {
        INFO(status);
        auto const result = of(status);
        CHECK(result.what() == kind::again);
        CHECK_FALSE(result.after());
        CHECK(result.why().find(std::to_string(status)) != std::string::npos);
    }
    for (int const status : {301, 307, 400, 401, 403, 404, 409, 410, 422}) {
        INFO(status);
        CHECK(of(status).what() == kind::give_up);
    }
    CHECK(of(503, {{"Retry-After", "120"}}).after() == 120s);
    CHECK_FALSE(of(503, {{"Retry-After", "soon"}}).after());
}

TEST_CASE("a connection that fails in any way is tried again", "[effects][http]") {
    std::uint16_t nobody = 0;
    {
        strange_server const gone{[](auto&) {}};
        nobody = gone.port();
    }
    auto const refused = http::webhook({.url = url_of(nobody)})(alert());
    CHECK(refused.what() == kind::again);
    CHECK(refused.why().find("alerts") == std::string::npos);   // a path may be a secret

    int round = 0;
    strange_server const broken{[&](auto& socket) {
        switch (round++) {
            case 0: return;                                          // hangs up at once
            case 1: return read_head(socket);                        // … after the request
            case 2: read_head(socket); return say(socket, "HTTP/1.1 2");
            case 3: read_head(socket); return say(socket, "SSH-2.0-server\r\n\r\n");
            case 4:
                read_head(socket);
                return say(socket, "HTTP/1.1 200 OK\r\nX: " + std::string(40'000, 'x'));
            default: break;
        }
        read_head(socket);
        say(socket, "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
    }};
    auto const send = http::webhook({.url = url_of(broken.port())});
    for (int i = 0; i < 5; ++i) {
        INFO(i);
        auto const result = send(alert());
        CHECK(result.what() == kind::again);
        CHECK(result.why().size() > 15);
    }
    CHECK(send(alert()).what() == kind::sent);
}

TEST_CASE("a server that is slow or silent costs no more than the timeout", "[effects][http]") {
    // It begins a head and does not end it.
    strange_server const slow{[](auto& socket) {
        read_head(socket);
        say(socket, "HTTP/1.1 200 OK\r\nX: ");
        char byte = 0;
        socket.read_some(boost::asio::buffer(&byte, 1));   // until the client hangs up
    }};
    auto const result = http::webhook({.url = url_of(slow.port()), .timeout = 50ms})(alert());
    CHECK(result.what() == kind::again);
    CHECK(result.why().find("no answer within 50 ms") != std::string::npos);
}

TEST_CASE("the URL of a webhook is read strictly", "[effects][http]") {
    auto const plain = http::webhook_url_of("http://example.org");
    CHECK(plain.host == "example.org");
    CHECK(plain.port == "80");
    CHECK(plain.target == "/");
    CHECK(plain.authority() == "example.org");
    auto const full = http::webhook_url_of("http://[::1]:8080?a=b");
    CHECK(full.host == "::1");
    CHECK(full.port == "8080");
    CHECK(full.target == "/?a=b");
    CHECK(full.authority() == "[::1]:8080");
    for (auto const* url :
         {"", "example.org", "https://", "ftp://example.org/", "http://", "https://a:b/",
          "http:///path", "http://a b/", "http://a/\r\nX: y", "http://a/\x7f", "http://a:0/",
          "http://a:65536/", "http://a:b/", "http://a:/", "http://u:p@a/", "http://a/#f",
          "http://[::1", "http://[::1]x/", "http://[]/", "http://[gg]/", "http://ä/"}) {
        INFO(url);
        auto const e = caught([&] { static_cast<void>(http::webhook({.url = url})); });
        CHECK(e.code() == errc::invalid_argument);
    }
    auto const secure = http::webhook_url_of("https://example.org/");
    CHECK(secure.tls);
    CHECK(secure.port == "443");
    CHECK(secure.authority() == "example.org");
    CHECK(http::webhook_url_of("https://example.org:80/").authority() == "example.org:80");
    CHECK(http::webhook_url_of("http://example.org:443/").authority() == "example.org:443");
    CHECK_FALSE(plain.tls);
    auto const secret = caught(
        [] { static_cast<void>(http::webhook({.url = "https://example.org:x/secret"})); });
    CHECK(std::string{secret.what()}.find("secret") == std::string::npos);
    CHECK_THROWS_AS(http::webhook({.url = "http://a/", .headers = {{"A", "b\r\nC: d"}}}), error);
    CHECK_THROWS_AS(http::webhook({.url = "http://a/", .headers = {{"A B", "c"}}}), error);
    CHECK_THROWS_AS(http::webhook({.url = "http://a/", .timeout = 0ms}), error);
}

TEST_CASE("a signature is that of RFC 2104", "[effects][http]") {
    // The expected one is from another program (Python's hmac).
    CHECK(http::webhook_signature("Jefe", "a", "b") != http::webhook_signature("Jefe", "a", "c"));
    CHECK(http::webhook_signature("Jefe", "a", "b") != http::webhook_signature("Jefa", "a", "b"));
    CHECK(http::webhook_signature("key", "The quick brown fox", " jumps") ==
          "sha256=6a732dbe5850c15a2c46925c6bc1c2efe8032f049556989f7c4e979d5d980ae3");
}

TEST_CASE("Retry-After is seconds or a date", "[effects][http]") {
    auto const now = timestamp_from_string("1994-11-06T08:49:37Z");
    CHECK(http::retry_after_of("0", now) == 0s);
    CHECK(http::retry_after_of("17", now) == 17s);
    CHECK(http::retry_after_of("Sun, 06 Nov 1994 08:50:37 GMT", now) == 60s);
    CHECK(http::retry_after_of("Sun, 06 Nov 1994 08:00:00 GMT", now) == 0s);
    for (auto const* text : {"", "-1", "1.5", "9999999999", "tomorrow"}) {
        INFO(text);
        CHECK_FALSE(http::retry_after_of(text, now));
    }
}
