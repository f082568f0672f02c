// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/response_text.hpp"

#include <support/catch.hpp>

using recount::http::response;
using recount::http::detail::response_text;

TEST_CASE("an answer carries its length and the transport's headers", "[http][response]") {
    CHECK(response_text({.body = "{}"}, {.keep_alive = true}) ==
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n"
          "X-Content-Type-Options: nosniff\r\nContent-Length: 2\r\n\r\n{}");
}

TEST_CASE("the answer to HEAD has the headers of GET and no body", "[http][response]") {
    auto const get = *response_text({.body = "hello"}, {.keep_alive = true});
    auto const head = *response_text({.body = "hello"}, {.keep_alive = true, .head_only = true});
    CHECK(head + "hello" == get);
}

TEST_CASE("a handler may say how long an answer can be kept", "[http][response]") {
    auto const text = *response_text({.headers = {{"cache-control", "max-age=60"}}}, {});
    CHECK(text.find("cache-control: max-age=60\r\n") != std::string::npos);
    CHECK(text.find("no-store") == std::string::npos);
}

TEST_CASE("the end of a connection is announced", "[http][response]") {
    auto const says = [](std::string_view words, auto const& manners) {
        return response_text({}, manners)->find(words) != std::string::npos;
    };
    using recount::http::detail::response_manners;
    CHECK(says("Connection: close\r\n", response_manners{}));
    CHECK_FALSE(says("Connection", response_manners{.keep_alive = true}));
    CHECK(says("Connection: keep-alive\r\n",
               response_manners{.keep_alive = true, .minor_version = 0}));
}

TEST_CASE("204 and 304 have neither body nor length", "[http][response]") {
    auto const text = *response_text({.status = 304, .body = "x"}, {});
    CHECK(text.find("Content-Length") == std::string::npos);
    CHECK(text.find("\r\nContent-Type:") == std::string::npos);
    CHECK(text.ends_with("\r\n\r\n"));
}

TEST_CASE("an answer that would break the message is not sent", "[http][response]") {
    CHECK_FALSE(response_text({.headers = {{"X", "a\r\nY: b"}}}, {}));
    CHECK_FALSE(response_text({.headers = {{"X: y\r\nZ", "a"}}}, {}));
    CHECK_FALSE(response_text({.headers = {{"", "a"}}}, {}));
    CHECK_FALSE(response_text({.content_type = "a\nb"}, {}));
    CHECK_FALSE(response_text({.headers = {{"Content-Length", "5"}}}, {}));
    CHECK_FALSE(response_text({.headers = {{"transfer-encoding", "chunked"}}}, {}));
    CHECK_FALSE(response_text({.status = 100}, {}));
    CHECK_FALSE(response_text({.status = 999}, {}));
}
