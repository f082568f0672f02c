// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the API keeps away from the application, and what it tells of failures.
#include <recount/core/logging.hpp>

#include "site.hpp"

using namespace recount::tests;
namespace http = recount::http;

namespace {

answered asked_for(site const& s, std::string const& host) {
    auto r = site::request("GET", "health");
    r.headers.emplace_back("host", host);
    return s.ask(r);
}

}  // namespace

TEST_CASE("a request for another host is 421 where hosts are named", "[http][api]") {
    site const s{{.hosts = {"bank.example"}}};
    CHECK(asked_for(s, "127.0.0.1:8080").status == 200);
    CHECK(asked_for(s, "bank.example").status == 200);
    auto const no = asked_for(s, "evil.example:8080");
    CHECK(no.status == 421);
    CHECK(no.code() == "unknown_host");
    site const open;
    CHECK(asked_for(open, "evil.example").status == 200);
}

TEST_CASE("a body that is compressed or not UTF-8 is 415", "[http][api]") {
    site const s;
    auto const status = [&](std::vector<http::name_value> headers) {
        return s.send("account.open", R"({"account":"a"})", std::move(headers)).status;
    };
    CHECK(status({{"content-type", "application/json; charset=utf-16"}}) == 415);
    CHECK(status({{"content-encoding", "gzip"}}) == 415);
    CHECK(s.head() == 0);
    CHECK(status({{"content-type", "application/json; charset=\"UTF-8\""}}) == 200);
    CHECK(status({{"content-encoding", "identity"}}) == 200);
}

TEST_CASE("a token beyond the log is 425 at once", "[http][api]") {
    // It would wait for longer than the test may take.
    site const s{{.at_least_wait = std::chrono::hours{1}}};
    s.open("a");
    auto const no = s.get("projections/balances?$at_least=999999999");
    CHECK(no.status == 425);
    CHECK(no.header("Retry-After") == "1");
}

TEST_CASE("no more readers wait than may", "[http][api]") {
    site const s{{.at_least_wait = std::chrono::hours{1}, .at_least_waiting_max = 0}};
    s.open("a");  // nobody brings the rows up to date
    CHECK(s.get("projections/balances?$at_least=1").status == 425);
}

TEST_CASE("an empty Last-Event-ID is none", "[http][api]") {
    site const s;
    s.open("a");
    auto r = site::request("GET", "events?from=1");
    r.headers = {{"accept", "text/event-stream"}, {"last-event-id", ""}};
    auto const found = s.ask(r);
    REQUIRE(found.live);
    CHECK(found.live->after == 0);
}

TEST_CASE("a failure that a client is not told of is in the program's log", "[http][api]") {
    site const s;
    s.open("a");
    std::vector<std::string> told;
    recount::logging::set_sink(
        [&](recount::logging::line const& l) {
            told.push_back(std::string{l.event} + ": " + std::string{l.text});
        },
        recount::logging::level::error);
    s.log->before_read_stream = [] {
        throw recount::error{recount::errc::database_failed, "a statement failed",
                             {"42703", "read_stream", "column \"mov\" does not exist"}};
    };
    auto const failed = s.get("streams/account-a/events?from=1");
    s.log->before_read_stream = [] {
        throw recount::error{recount::errc::database_failed, "a statement failed",
                             {"53100", "read_stream", "could not extend file"}, true};
    };
    auto const full = s.get("streams/account-a/events?from=1");
    s.log->before_read_stream = [] {
        throw recount::error{recount::errc::database_unreachable, "told of by the connection"};
    };
    auto const away = s.get("streams/account-a/events?from=1");
    s.log->before_read_stream = [] { throw std::runtime_error{"a bug"}; };
    auto const bug = s.get("streams/account-a/events?from=1");
    recount::logging::set_sink({});
    CHECK(failed.status == 500);
    CHECK_THAT(failed.body, !Catch::Matchers::ContainsSubstring("mov"));
    CHECK(full.status == 503);
    CHECK_THAT(full.body, !Catch::Matchers::ContainsSubstring("extend"));
    CHECK(away.status == 503);
    CHECK(bug.status == 500);
    REQUIRE(told.size() == 3);
    CHECK(told[0] == "http.handler_failed: column \"mov\" does not exist");
    CHECK(told[1] == "http.handler_failed: could not extend file");
    CHECK(told[2] == "http.handler_failed: a bug");
}
