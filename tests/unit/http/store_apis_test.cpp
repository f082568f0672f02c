// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Several stores at one address. Over sockets and on PostgreSQL: tests/http/test_stores.py.
#include <recount/http/store_apis.hpp>

#include "support/caught.hpp"
#include "unit/http/site.hpp"

using namespace recount;
using recount::tests::caught;
using recount::tests::sample_parts;
using recount::tests::site;
using nlohmann::json;

namespace {

struct store {
    std::shared_ptr<memory::log> log;
    std::shared_ptr<memory_row_store> rows = std::make_shared<memory_row_store>();
    application app;

    explicit store(std::string name)
        : log{std::make_shared<memory::log>(std::move(name))},
          app{sample_parts(), log, rows, {.program = "sample 1.0"}} {}
};

json answer_of(http::store_apis const& apis, std::string_view target, int status = 200) {
    auto const made = apis.answer(site::request("GET", target));
    auto const& plain = std::get<http::response>(made);
    INFO(target << ": " << plain.body);
    CHECK(plain.status == status);
    return json::parse(plain.body);
}

}  // namespace

TEST_CASE("each store answers behind its name", "[http][stores]") {
    store first{"main"};
    store second{"trading"};
    http::store_apis const apis{{{&first.app}, {&second.app}}, {.title = "sample"}};
    auto open = site::request("POST", "stores/trading/commands/account.open");
    open.headers = {{"content-type", "application/json"}};
    open.body = R"({"account":"a"})";
    CHECK(std::get<http::response>(apis.answer(open)).status == 200);
    CHECK(second.log->head().position == 1);
    CHECK(first.log->head().position == 0);
    CHECK(answer_of(apis, "stores/trading/events")["head"] == 1);
    CHECK(answer_of(apis, "stores/main/events")["head"] == 0);
    CHECK(answer_of(apis, "stores/trading")["store"] == "trading");

    auto follow = site::request("GET", "stores/trading/events");
    follow.headers = {{"accept", "text/event-stream"}};
    CHECK(std::get<http::live_events>(apis.answer(follow)).feed == second.log.get());
}

TEST_CASE("with several stores a path names one", "[http][stores]") {
    store first{"main"};
    store second{"trading"};
    http::store_apis const apis{{{&first.app}, {&second.app}}, {.title = "sample"}};
    for (auto const* path : {"events", "commands", "projections/balances", "stores", "stores/other"}) {
        auto const no = answer_of(apis, path, 404);
        CHECK(no["detail"].get<std::string>().find("are: main, trading") != std::string::npos);
    }
    CHECK(answer_of(apis, "health")["status"] == "ok");
    CHECK(answer_of(apis, "")["stores"][1]["href"] == "/stores/trading");
    CHECK(answer_of(apis, "ready")["stores"][1]["store"] == "trading");
    CHECK(answer_of(apis, "openapi.json")["servers"] ==
          json::parse(R"([{"url":"/stores/main"},{"url":"/stores/trading"}])"));
    CHECK_FALSE(answer_of(apis, "schemas")["events"].empty());
}

TEST_CASE("one store alone needs no name", "[http][stores]") {
    store only{"trading"};
    http::store_apis const apis{{{&only.app}}, {.title = "sample"}};
    CHECK(answer_of(apis, "events")["head"] == 0);
    CHECK(answer_of(apis, "stores/trading/events")["head"] == 0);
    CHECK(answer_of(apis, "")["store"] == "trading");
    CHECK(answer_of(apis, "openapi.json")["servers"] == json::parse(R"([{"url":"/"}])"));
    static_cast<void>(answer_of(apis, "stores/main/events", 404));
}

TEST_CASE("what hosts are known holds for all stores", "[http][stores]") {
    store first{"main"};
    store second{"trading"};
    http::store_apis const apis{{{&first.app}, {&second.app}}, {.hosts = {"bank.example"}}};
    for (auto const* path : {"ready", "", "health", "stores/trading/events"}) {
        auto asked = site::request("GET", path);
        asked.headers = {{"host", "evil.example"}};
        CHECK(std::get<http::response>(apis.answer(asked)).status == 421);
        asked.headers = {{"host", "bank.example"}};
        CHECK(std::get<http::response>(apis.answer(asked)).status == 200);
    }
}

TEST_CASE("no store, or one twice, is refused", "[http][stores]") {
    store one{"main"};
    CHECK(caught([] { http::store_apis{{}}; }).code() == errc::invalid_argument);
    CHECK(caught([&] { http::store_apis{{{&one.app}, {&one.app}}}; }).code() ==
          errc::invalid_argument);
}
