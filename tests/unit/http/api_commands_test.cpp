// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "site.hpp"

using namespace recount::tests;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using recount::position;

namespace {

constexpr char const* command_id = "0198c0de-0000-7000-8000-0000000c0000";

std::vector<std::string> keys_of(json const& object) {
    std::vector<std::string> keys;
    for (auto const& [key, value] : object.items()) keys.push_back(key);
    return keys;
}

}  // namespace

TEST_CASE("an accepted command answers with its outcome", "[http][api]") {
    site const s;
    auto const opened = s.send("account.open", R"({"account":"a"})");
    CHECK(opened.status == 200);
    CHECK(opened.content_type == "application/json");
    CHECK(opened.header("ETag") == "\"1\"");
    CHECK(keys_of(opened.json) == std::vector<std::string>{"accepted", "events", "position",
                                                           "repeated", "stream", "token",
                                                           "version"});
    CHECK(opened.json["accepted"] == true);
    CHECK(opened.json["stream"] == "account-a");
    CHECK(opened.json["position"] == 1);
    CHECK(opened.json["token"] == "1");
    CHECK(opened.json["repeated"] == false);
    CHECK(opened.json["events"].size() == 1);
    auto const nothing = s.send("account.open", R"({ "account" : "a" })");
    CHECK(nothing.status == 200);
    CHECK(nothing.json["events"].empty());
    CHECK(nothing.header("ETag") == "\"1\"");
    CHECK(s.deposit("a", 5).json["version"] == 2);
    CHECK(s.head() == 2);
}

TEST_CASE("a rejection is 422 with the domain's own code", "[http][api]") {
    site const s;
    auto const no = s.deposit("a", 5);
    CHECK(no.status == 422);
    CHECK(no.content_type == "application/problem+json");
    CHECK(no.code() == "not_open");
    CHECK(no.detail() == "the account is not open");
    CHECK(no.json["accepted"] == false);
    CHECK(no.json["instance"] == "/commands/account.deposit");
    auto const silent = s.send("account.withdraw_all", R"({"account":"a"})");
    CHECK(silent.status == 422);
    CHECK(silent.code() == "empty");
    CHECK_FALSE(silent.json.contains("detail"));
    CHECK(s.head() == 0);
}

TEST_CASE("the domain's arithmetic that overflows is a rejection too", "[http][api]") {
    site const s;
    s.open("a");
    auto const most = R"({"account":"a","amount":{"minor":9223372036854775807,"currency":"EUR"}})";
    CHECK(s.send("account.deposit", most).status == 200);
    auto const no = s.send("account.deposit", most);
    CHECK(no.status == 422);
    CHECK(no.code() == "out_of_range");
    CHECK(s.head() == 2);
}

TEST_CASE("a body that does not fit the command stores nothing", "[http][api]") {
    site const s;
    s.open("a");
    for (auto const& [body, where] : std::vector<std::pair<std::string, std::string>>{
             {"", "$"},
             {"{", "$"},
             {"[]", "$: expected an object"},
             {"null", "$"},
             {R"({"account":"a"})", "$.amount: missing"},
             {R"({"account":"a","amount":{"minor":"5","currency":"EUR"}})", "$.amount.minor"},
             {R"({"account":"a","amount":{"minor":5,"currency":"eur"}})", "$.amount.currency"},
             {R"({"account":"a","amount":{"minor":5,"currency":"EUR"},"x":1})", "$.x: unknown"},
             {R"({"account":"a","account":"b","amount":{"minor":5,"currency":"EUR"}})", "$"},
             {R"({"account":"a","amount":{"minor":1e3,"currency":"EUR"}})", "$.amount.minor"},
             {R"({"account":"\u0000","amount":{"minor":5,"currency":"EUR"}})", "$.account"},
             {"{\"account\":\"\xff\"}", "$"},
             {std::string(10'000, '['), "$"},
             {R"({"account":")" + std::string(10'000, '{'), "$"}}) {
        INFO(body.substr(0, 100));
        auto const no = s.send("account.deposit", body);
        CHECK(no.status == 400);
        CHECK(no.code() == "invalid_json");
        CHECK_THAT(no.detail(), StartsWith(where));
        CHECK(no.detail().size() < 400);
    }
    auto const nameless = s.send("account.deposit", site::amount("", 5));
    CHECK(nameless.status == 400);  // a stream needs an id
    CHECK(nameless.code() == "invalid_argument");
    CHECK(s.deposit(std::string(5'000'000, 'x'), 1).status == 413);
    CHECK(s.head() == 1);
}

TEST_CASE("an unknown command is 404 with the names that there are", "[http][api]") {
    site const s;
    auto const no = s.send("account.rob", "{}");
    CHECK(no.status == 404);
    CHECK(no.code() == "not_found");
    CHECK_THAT(no.detail(), ContainsSubstring("account.deposit"));
}

TEST_CASE("a body of another media type is 415", "[http][api]") {
    site const s;
    auto const status = [&](std::string type) {
        return s.send("account.open", R"({"account":"a"})", {{"content-type", std::move(type)}})
            .status;
    };
    CHECK(status("text/plain") == 415);
    CHECK(status("application/x-www-form-urlencoded") == 415);
    CHECK(status("application/vnd.recount.v2+json") == 415);
    CHECK(status("application/jsonx") == 415);
    CHECK(status("") == 415);
    auto unsaid = s.request("POST", "commands/account.open");
    unsaid.body = R"({"account":"a"})";
    auto const no = s.ask(unsaid);
    CHECK(no.status == 415);
    CHECK_THAT(no.detail(), ContainsSubstring("found none"));
    auto const packed = s.send("account.open", R"({"account":"a"})",
                               {{"content-type", "application/json"},
                                {"content-encoding", "gzip"}});
    CHECK(packed.status == 415);
    CHECK_THAT(packed.detail(), ContainsSubstring("Content-Encoding: expected none, found 'gzip'"));
    CHECK(s.head() == 0);
    CHECK(status("application/json") == 200);
    CHECK(status("Application/JSON ; charset=utf-8") == 200);
    CHECK(status("application/vnd.recount.v1+json") == 200);
}

TEST_CASE("the same key again has the first answer", "[http][api]") {
    site const s;
    s.open("a");
    auto const first = s.deposit("a", 5, {{"idempotency-key", "my key"}});
    REQUIRE(first.status == 200);
    s.deposit("a", 7);
    auto again = s.deposit("a", 5, {{"idempotency-key", "my key"}});
    CHECK(again.status == 200);
    CHECK(again.json["repeated"] == true);
    again.json["repeated"] = false;
    CHECK(again.json == first.json);
    CHECK(again.header("ETag") == first.header("ETag"));
    CHECK(s.head() == 3);

    auto const other = s.deposit("a", 6, {{"idempotency-key", "my key"}});
    CHECK(other.status == 409);
    CHECK(other.code() == "command_id_taken");
    CHECK(other.body.find("account-a") == std::string::npos);  // nothing is told of the first
    CHECK(s.head() == 3);
}

TEST_CASE("a command id is a key that is used as it is", "[http][api]") {
    site const s;
    auto const done = s.send("account.open", R"({"account":"a"})",
                             {{"idempotency-key", "0198C0DE-0000-7000-8000-0000000C0000"}});
    CHECK(done.json["events"] == json::array({command_id}));
    auto const again = s.send("account.open", R"({"account":"a"})",
                              {{"idempotency-key", command_id}});
    CHECK(again.json["repeated"] == true);
    // With other low bits it is a key like any other.
    auto const key = s.send("account.open", R"({"account":"b"})",
                            {{"idempotency-key", "0198c0de-0000-7000-8000-0000000c0001"}});
    CHECK(key.status == 200);
    CHECK(key.json["events"][0].get<std::string>().substr(0, 8) != "0198c0de");
}

TEST_CASE("a key that is none is refused", "[http][api]") {
    site const s;
    for (auto const& key : std::vector<std::string>{"", std::string(256, 'k'), "tab\there",
                                                    "caf\xc3\xa9", "\xff"}) {
        auto const no = s.send("account.open", R"({"account":"a"})", {{"idempotency-key", key}});
        CHECK(no.status == 400);
        CHECK_THAT(no.detail(), StartsWith("Idempotency-Key"));
    }
    CHECK(s.send("account.open", R"({"account":"a"})",
                 {{"idempotency-key", "a"}, {"idempotency-key", "b"}})
              .status == 400);
    CHECK(s.head() == 0);
    CHECK(s.send("account.open", R"({"account":"a"})",
                 {{"idempotency-key", std::string(255, 'k')}})
              .status == 200);
}

TEST_CASE("If-Match names the version that the stream must have", "[http][api]") {
    site const s;
    s.open("a");
    s.deposit("a", 1);
    auto const with = [&](std::string value, std::string const& account = "a") {
        return s.deposit(account, 1, {{"if-match", std::move(value)}});
    };
    auto const no = with("\"1\"");
    CHECK(no.status == 412);
    CHECK(no.code() == "conflict");
    CHECK(no.json["status"] == 412);
    CHECK(no.json["version"] == 2);
    CHECK(no.json["expected"] == "version 1");
    CHECK(with("\"3\"").status == 412);
    CHECK(s.head() == 2);
    CHECK(with("\"2\"").status == 200);
    CHECK(with("W/\"3\"").status == 200);
    CHECK(with("4").status == 200);
    CHECK(with("*").header("ETag") == "\"6\"");
    CHECK(s.head() == 6);
    for (auto const* wrong : {"", "x", "\"\"", "\"6", "6\"", "-1", "+6", "W/6", "\"6\", \"7\"",
                              "1.5", "99999999999999999999"}) {
        INFO(wrong);
        CHECK(with(wrong).status == 400);
    }
    auto const none = with("*", "b");
    CHECK(none.status == 412);
    CHECK(none.json["expected"] == "an existing stream");
    CHECK(s.send("account.open", R"({"account":"b"})", {{"if-match", "\"0\""}}).status == 200);
    CHECK(s.head() == 7);
}

TEST_CASE("a repetition with its If-Match still has the first answer", "[http][api]") {
    site const s;
    s.open("a");
    auto const send = [&] {
        return s.deposit("a", 5, {{"idempotency-key", "k"}, {"if-match", "\"1\""}});
    };
    CHECK(send().status == 200);
    auto const again = send();
    CHECK(again.status == 200);
    CHECK(again.json["repeated"] == true);
}

TEST_CASE("a conflict that does not end is 409 without If-Match", "[http][api]") {
    site s;
    s.open("a");
    auto const others = [&] {
        recount::commit c;
        c.events.push_back({recount::stream_name{"account-a"}, "account.deposited", 1,
                            recount::json_text::trusted(site::amount("a", 1)), {}});
        s.log->inner.append(c);
    };
    s.log->before_append = others;
    auto const no = s.deposit("a", 5);
    CHECK(no.status == 409);
    CHECK(no.code() == "conflict");
    s.log->before_append = {};
}

TEST_CASE("a database that is away is 503 with Retry-After", "[http][api]") {
    site s;
    s.open("a");
    for (auto const code : {recount::errc::database_unreachable, recount::errc::timed_out,
                            recount::errc::in_doubt}) {
        s.log->before_append = [code] { throw recount::error{code, "away"}; };
        auto const no = s.deposit("a", 5);
        CHECK(no.status == 503);
        CHECK(no.header("Retry-After") == "1");
        CHECK(no.code() == std::string{to_string(code)});
    }
    // What nobody thought of tells nothing.
    s.log->before_append = [] { throw std::runtime_error{"swordfish"}; };
    auto const bug = s.deposit("a", 5);
    CHECK(bug.status == 500);
    CHECK(bug.body.find("swordfish") == std::string::npos);
    s.log->before_append = {};
    CHECK(s.deposit("a", 5).status == 200);
}

TEST_CASE("who asks and why is kept with the events", "[http][api]") {
    site const s{{.actor_header = "x-user"}};
    auto const correlation = "0198c0de-1111-7000-8000-0000000c0000";
    auto const opened = s.send("account.open", R"({"account":"a"})",
                               {{"x-user", "Zo\xc3\xab"},
                                {"correlation-id", correlation},
                                {"causation-id", command_id}});
    REQUIRE(opened.status == 200);
    auto const meta = s.get("streams/account-a/events").json["events"][0]["meta"];
    CHECK(meta["actor"] == "Zo\xc3\xab");
    CHECK(meta["correlation"] == correlation);
    CHECK(meta["causation"] == command_id);
    CHECK(meta["app"] == "sample 1.0");

    CHECK(s.deposit("a", 1, {{"correlation-id", "x"}}).status == 400);
    CHECK(s.deposit("a", 1, {{"causation-id", "x"}}).status == 400);
    CHECK(s.deposit("a", 1, {{"x-user", ""}}).status == 400);
    CHECK(s.deposit("a", 1, {{"x-user", "\xff"}}).status == 400);
    CHECK(s.deposit("a", 1, {{"x-user", "a"}, {"x-user", "b"}}).status == 400);
    CHECK(s.head() == 1);
    // A key belongs to whoever used it first.
    CHECK(s.deposit("a", 1, {{"x-user", "ann"}, {"idempotency-key", "k"}}).status == 200);
    CHECK(s.deposit("a", 1, {{"x-user", "bob"}, {"idempotency-key", "k"}}).json["repeated"] ==
          false);
    CHECK(s.deposit("a", 1, {{"x-user", "ann"}, {"idempotency-key", "k"}}).json["repeated"] ==
          true);
    auto const id = std::vector<recount::http::name_value>{{"idempotency-key", command_id}};
    CHECK(s.deposit("a", 1, id).status == 200);
    auto of_another = id;
    of_another.emplace_back("x-user", "eve");
    CHECK(s.deposit("a", 1, of_another).status == 409);
}

TEST_CASE("without a header that is trusted nobody is named", "[http][api]") {
    site const s;
    s.send("account.open", R"({"account":"a"})", {{"x-user", "eve"}, {"actor", "eve"}});
    CHECK_FALSE(s.get("streams/account-a/events").json["events"][0]["meta"].contains("actor"));
}

TEST_CASE("the commands are listed", "[http][api]") {
    site const s;
    auto const found = s.get("commands").json["commands"];
    REQUIRE(found.size() == 4);
    CHECK(found[1] == json::parse(R"({"command":"account.deposit","aggregate":"account",
        "fields":["account","amount"],"href":"/commands/account.deposit",
        "schema":"/schemas/commands/account.deposit/1"})"));
}
