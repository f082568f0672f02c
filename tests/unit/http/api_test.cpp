// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "site.hpp"

using namespace recount::tests;
using Catch::Matchers::ContainsSubstring;
using recount::errc;
using recount::error;

TEST_CASE("a path that there is not is 404, a method that it does not take 405", "[http][api]") {
    site const s;
    for (auto const* path : {"nothing", "commands/a/b", "health/", "ready/x", "openapi",
                             "schemas/events", "stores", "projections/lines/nothing"}) {
        INFO(path);
        auto const no = s.get(path);
        CHECK(no.status == 404);
        CHECK(no.code() == "not_found");
        CHECK(no.content_type == "application/problem+json");
        CHECK(no.json["instance"] == "/" + std::string{path});
    }
    auto const allowed = [&](std::string method, std::string_view path) {
        auto const no = s.ask(site::request(std::move(method), path));
        CHECK(no.status == 405);
        return no.header("Allow");
    };
    CHECK(allowed("GET", "commands/account.open") == "POST");
    CHECK(allowed("DELETE", "commands/account.open") == "POST");
    CHECK(allowed("POST", "commands") == "GET, HEAD");
    CHECK(allowed("PUT", "") == "GET, HEAD");
    CHECK(allowed("get", "health") == "GET, HEAD");
    CHECK(s.ask(site::request("HEAD", "health")).status == 200);
}

TEST_CASE("a parameter that means nothing is refused, not ignored", "[http][api]") {
    site const s;
    auto const no = s.get("streams?categroy=account");
    CHECK(no.status == 400);
    CHECK(no.detail() == "no parameter 'categroy' here; there are: category, after, limit");
    CHECK(s.get("health?x=1").detail() == "no parameter 'x' here; there is none");
    auto posted = site::request("POST", "commands/account.open?dry_run=1");
    posted.body = R"({"account":"a"})";
    CHECK(s.ask(posted).status == 400);
    CHECK(s.head() == 0);
}

TEST_CASE("the whole log has forms, and a stream has views", "[http][api]") {
    site const s;
    s.open("a");
    for (std::string const form : {"recorded", "changes", "append_only"}) {
        CHECK(s.get("events?as=" + form).status == 200);
    }
    for (std::string const view : {"corrected", "annotated"}) {
        auto const no = s.get("events?as=" + view);
        CHECK(no.status == 400);
        CHECK(no.code() == "not_supported");
        CHECK(no.detail().find("/streams/{name}/events") != std::string::npos);
    }
    CHECK(s.get("events?as=x").detail() ==
          "as: expected recorded, changes or append_only, found 'x'");
    CHECK(s.get("events?as_of=2026-01-01").status == 400);
}

TEST_CASE("bytes that are no text are refused wherever they stand", "[http][api]") {
    site const s;
    auto r = site::request("GET", "streams");
    r.query = {{"after", "\xff"}};
    CHECK(s.ask(r).status == 400);
    r.query = {{"after", std::string{"a\0b", 3}}};
    CHECK(s.ask(r).status == 400);
    r.query = {{"\xff", ""}};
    CHECK(s.ask(r).status == 400);
    r = site::request("GET", "streams");
    r.path = {"streams", "account-\xff", "events"};
    CHECK(s.ask(r).status == 400);
}

TEST_CASE("the store may be named in front of the path", "[http][api]") {
    site const s;
    s.open("a");
    CHECK(s.get("stores/main/streams/account-a/state").status == 200);
    CHECK(s.get("stores/main").json["store"] == "main");
    auto posted = site::request("POST", "stores/main/commands/account.open");
    posted.body = R"({"account":"b"})";
    posted.headers.emplace_back("content-type", "application/json");
    CHECK(s.ask(posted).status == 200);
    auto const no = s.get("stores/other/health");
    CHECK(no.status == 404);
    CHECK_THAT(no.detail(), ContainsSubstring("there is: main"));
}

TEST_CASE("versions go by media type", "[http][api]") {
    site const s;
    auto const with = [&](std::string accept) {
        return s.get("commands", {{"accept", std::move(accept)}});
    };
    for (auto const* good : {"*/*", "application/json", "application/*", "text/html, */*;q=0.8",
                             "Application/JSON;q=0.5", "", " ,"}) {
        INFO(good);
        CHECK(with(good).status == 200);
        CHECK(with(good).content_type == "application/json");
    }
    CHECK(with("application/vnd.recount.v1+json").content_type ==
          "application/vnd.recount.v1+json");
    CHECK(with("application/vnd.recount.v1+json, */*;q=0.1").content_type == "application/json");
    CHECK(with("application/vnd.recount.v2+json, application/json").status == 200);
    for (auto const* bad : {"application/vnd.recount.v2+json", "text/html", "text/*",
                            "application/json;q=0", "application/vnd.recount.v1"}) {
        INFO(bad);
        CHECK(with(bad).status == 406);
        CHECK(with(bad).content_type == "application/problem+json");
    }
    CHECK(s.get("schemas/rows/lines/1", {{"accept", "application/schema+json"}}).status == 200);
    CHECK(s.get("commands", {{"accept", "text/html"}, {"accept", "*/*"}}).status == 200);
}

TEST_CASE("what the process counts is there for Prometheus", "[http][api]") {
    site const s;
    s.open("a");
    auto const found = s.get("metrics");
    CHECK(found.status == 200);
    CHECK_THAT(found.content_type, Catch::Matchers::StartsWith("text/plain; version=0.0.4"));
    CHECK_THAT(found.body, ContainsSubstring("# TYPE recount_commits_total counter"));
}

TEST_CASE("the index leads to everything", "[http][api]") {
    site const s{{.title = "sample", .version = "1.0"}};
    auto const index = s.get("").json;
    CHECK(index["title"] == "sample");
    CHECK(index["version"] == "1.0");
    CHECK(index["store"] == "main");
    for (auto const& [name, link] : index["links"].items()) {
        auto const href = link["href"].get<std::string>();
        INFO(name << " " << href);
        if (!link.contains("templated")) CHECK(s.get(href.substr(1)).status == 200);
    }
    auto const commands = s.get("commands").json;
    for (auto const& command : commands["commands"]) {
        CHECK(s.get(command["schema"].get<std::string>().substr(1)).status == 200);
    }
}

TEST_CASE("schemas are listed and given out by name and version", "[http][api]") {
    site const s;
    auto const all = s.get("schemas").json;
    CHECK(all["events"].size() == 4);
    CHECK(all["commands"].size() == 4);
    CHECK(all["rows"].size() == 3);
    for (auto const& [kind, list] : all.items()) {
        for (auto const& entry : list) {
            auto const found = s.get(entry["href"].get<std::string>().substr(1));
            CHECK(found.status == 200);
            CHECK(found.content_type == "application/schema+json");
            CHECK(found.json["$id"] == "urn:recount:" + kind + ":" +
                                           entry["name"].get<std::string>() + ":1");
        }
    }
    auto const one = s.get("schemas/events/account.deposited/1").json;
    CHECK(one["properties"].size() == 2);
    for (auto const* none : {"schemas/events/account.deposited/2", "schemas/events/account.x/1",
                             "schemas/states/account/1", "schemas/events/account.deposited/01"}) {
        CHECK(s.get(none).status == 404);
    }
}

TEST_CASE("health is up, ready is whether it can serve", "[http][api]") {
    site s;
    CHECK(s.get("health").body == R"({"status":"ok"})");
    s.open("a");
    auto const ready = s.get("ready");
    CHECK(ready.status == 200);
    CHECK(ready.json["projections"][0]["behind"] == 1);
}

namespace {

// A projection that cannot take a deposit of 13, beside one that can.
struct fussy {
    using row = sample::total_row;
    using events = recount::types<sample::deposited>;
    static void on(recount::rows<row>& r, sample::deposited const& e, int weight) {
        if (e.amount.minor == 13) throw error{errc::out_of_range, "an unlucky amount"};
        r[e.amount.minor].deposits += weight;
    }
};
RECOUNT_PROJECTION(fussy, "fussy", 1)

}  // namespace

TEST_CASE("a projection that stands still is told of, and stops no other", "[http][api]") {
    recount::application_parts parts;
    parts.add<sample::account>();
    parts.add<fussy>();
    parts.add<sample::lines>();
    recount::application app{parts, std::make_shared<recount::memory::log>(),
                             std::make_shared<recount::memory_row_store>()};
    recount::projection_followers followers{app};
    recount::http::api const api{app, {.followers = &followers}};
    auto const ask = [&](std::string_view target) {
        return std::get<recount::http::response>(api.answer(site::request("GET", target)));
    };
    app.dispatch(sample::open_account{{"a"}}).value();
    auto const good = app.dispatch(sample::deposit{{"a"}, sample::eur(12)}).value().position;
    auto const& p = recount::projection_of<fussy>();
    auto const& lines = recount::projection_of<sample::lines>();
    constexpr std::chrono::seconds long_enough{60};
    REQUIRE(followers.wait_until(p, good, long_enough));
    REQUIRE(followers.wait_until(lines, good, long_enough));
    CHECK(ask("ready").status == 200);

    auto const bad = app.dispatch(sample::deposit{{"a"}, sample::eur(13)}).value().position;
    REQUIRE(followers.wait_until(lines, bad, long_enough));
    auto const deadline = std::chrono::steady_clock::now() + long_enough;
    while (followers.failures().empty()) REQUIRE(std::chrono::steady_clock::now() < deadline);
    auto const no = ask("ready");
    CHECK(no.status == 503);
    auto const body = json::parse(no.body);
    CHECK(body["code"] == "not_ready");
    REQUIRE(body["problems"].size() == 1);
    CHECK(body["problems"][0]["what"] == "fussy");
    CHECK_THAT(body["problems"][0]["sentence"].get<std::string>(),
               ContainsSubstring("an unlucky amount"));
    CHECK(ask("health").status == 200);
    auto const later = app.dispatch(sample::deposit{{"a"}, sample::eur(14)}).value().position;
    CHECK(followers.wait_until(lines, later, long_enough));
    CHECK_FALSE(followers.wait_until(p, later, std::chrono::milliseconds{1}));
    followers.stop();
    followers.stop();
    CHECK_FALSE(followers.wait_until(p, later, long_enough));  // nobody will
}
