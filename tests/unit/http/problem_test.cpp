// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/http/problem.hpp>

#include <nlohmann/json.hpp>

#include "support/catch.hpp"

using nlohmann::json;
using recount::errc;
using recount::error;
using namespace recount::http;

TEST_CASE("a problem is RFC 9457's JSON", "[http][problem]") {
    auto const made = problem({.status = 404,
                               .code = "not_found",
                               .detail = "no stream 'a\"b'",
                               .instance = "/streams/a\"b",
                               .members = {{"position", "7"}, {"list", R"(["x"])"}},
                               .headers = {{"Retry-After", "3"}}});
    CHECK(made.status == 404);
    CHECK(made.content_type == "application/problem+json");
    CHECK(made.headers == std::vector<name_value>{{"Retry-After", "3"}});
    CHECK(made.body == R"({"type":"about:blank","title":"Not Found","status":404,)"
                       R"("code":"not_found","detail":"no stream 'a\"b'",)"
                       R"("instance":"/streams/a\"b","position":7,"list":["x"]})");
    CHECK(problem({.status = 500}).body ==
          R"({"type":"about:blank","title":"Internal Server Error","status":500})");
}

TEST_CASE("what a client sent never makes a problem unwritable", "[http][problem]") {
    auto const made = problem({.status = 400, .code = "x", .detail = "found '\xff\x01\xc0'"});
    CHECK(json::parse(made.body)["status"] == 400);
}

TEST_CASE("every failure has its status", "[http][problem]") {
    std::vector<std::pair<errc, int>> const expected{
        {errc::invalid_argument, 400},     {errc::invalid_json, 400},
        {errc::limit_exceeded, 413},       {errc::out_of_range, 422},
        {errc::conflict, 409},             {errc::command_id_taken, 409},
        {errc::not_found, 404},            {errc::unknown_type, 500},
        {errc::refused, 422},              {errc::fenced, 503},
        {errc::corrupted, 500},            {errc::database_unreachable, 503},
        {errc::database_failed, 500},      {errc::timed_out, 503},
        {errc::in_doubt, 503},             {errc::stopped, 503}};
    for (auto const& [code, status] : expected) {
        INFO(to_string(code));
        auto const made = problem(error{code, "a sentence"});
        auto const body = json::parse(made.body);
        CHECK(made.status == status);
        CHECK(body["status"] == status);
        CHECK(body["code"] == std::string{to_string(code)});
        CHECK(body["detail"] == "a sentence");
        CHECK((made.headers == std::vector<name_value>{{"Retry-After", "1"}}) == (status == 503));
        CHECK(reason_of(status) != "Unknown");
    }
}

TEST_CASE("what the server said stays with the server", "[http][problem]") {
    error const failure{errc::database_failed, "query append failed",
                        {"XX000", "append", "password is swordfish"}};
    CHECK(problem(failure).body.find("swordfish") == std::string::npos);
}

TEST_CASE("a conflict says what was expected and what was found", "[http][problem]") {
    auto const body =
        json::parse(problem(error{recount::conflict_details{"account-a", "version 7", 9}}).body);
    CHECK(body["stream"] == "account-a");
    CHECK(body["expected"] == "version 7");
    CHECK(body["version"] == 9);
}

TEST_CASE("headers and parameters are found by name, the first of them", "[http][message]") {
    request const r{"GET", "/", {}, {{"a", "1"}, {"a", "2"}, {"b", ""}}, {{"host", "x"}}, {}};
    REQUIRE(r.parameter("a") != nullptr);
    CHECK(*r.parameter("a") == "1");
    CHECK(r.parameter("b")->empty());
    CHECK(r.parameter("c") == nullptr);
    CHECK(*r.header("host") == "x");
    CHECK(r.header("Host") == nullptr);
}
