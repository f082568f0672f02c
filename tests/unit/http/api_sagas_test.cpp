// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <atomic>

#include <recount/saga/followers.hpp>
#include <recount/saga/operations.hpp>
#include <recount/testing/sandbox.hpp>

#include "site.hpp"
#include "support/postgres.hpp"
#include "support/transfer_domain.hpp"

namespace breaking {

// A reactor that cannot go on until it is mended.
inline std::atomic<bool> broken = true;

struct greetings {
    using events = recount::types<transfers::opened>;
    using commands = recount::types<>;
    static recount::reaction<commands> react(transfers::opened const&) {
        if (broken) throw std::runtime_error{"no words"};
        return {};
    }
};
RECOUNT_REACTOR(greetings, "greetings", 1)

}  // namespace breaking

namespace {

namespace http = recount::http;
using namespace transfers;
using recount::tests::site;
using json = nlohmann::json;

// Two transfers: one that went well, one that is parked.
struct bank {
    recount::testing::sandbox box =
        recount::testing::in_memory<account, order, transfer, notices>("bank");
    http::api api{box.application(), {}};

    bank() {
        trouble::none();
        box.dispatch(open{{"a"}, eur(1000)}).value();
        box.dispatch(open{{"b"}, eur(0)}).value();
        box.dispatch(request{{"good"}, {"a"}, {"b"}, eur(10)}).value();
        trouble::react_throws_for = "bad";
        box.dispatch(request{{"bad"}, {"a"}, {"b"}, eur(20)}).value();
        box.run_sagas();
        trouble::none();
    }

    struct answered {
        int status = 0;
        std::string body{};
        nlohmann::json json{};
    };
    [[nodiscard]] answered ask(http::request const& r) const {
        auto const made = std::get<http::response>(api.answer(r));
        return {made.status, made.body, json::parse(made.body)};
    }
    [[nodiscard]] answered get(std::string_view target) const {
        return ask(site::request("GET", target));
    }
    [[nodiscard]] answered post(std::string_view target, std::string body,
                                std::string const& key = {}) const {
        auto r = site::request("POST", target);
        r.headers.emplace_back("content-type", "application/json");
        if (!key.empty()) r.headers.emplace_back("idempotency-key", key);
        r.body = std::move(body);
        return ask(r);
    }
};

}  // namespace

TEST_CASE("sagas and their instances are listed over HTTP", "[http][api][saga]") {
    bank const here;
    CHECK(here.get("sagas").body ==
          R"({"sagas":[{"saga":"transfer","version":1,"kind":"saga","href":"/sagas/transfer"},)"
          R"({"saga":"notices","version":1,"kind":"reactor","href":"/sagas/notices"}]})");
    auto const all = here.get("sagas/transfer").json["instances"];
    REQUIRE(all.size() == 2);
    CHECK(all[0]["instance"] == "bad");
    CHECK(all[0]["status"] == "parked");
    CHECK(all[0]["because"] == "a bug");
    CHECK(all[1]["status"] == "ended");
    CHECK(here.get("sagas/transfer?status=parked").json["instances"].size() == 1);
    auto const first = here.get("sagas/transfer?limit=1").json;
    CHECK(first["next"] == "bad");
    auto const rest = here.get("sagas/transfer?limit=1&after=bad").json;
    CHECK(rest["instances"][0]["instance"] == "good");
    CHECK_FALSE(rest.contains("next"));
    CHECK(here.get("sagas/transfer?status=lost").status == 400);
    CHECK(here.get("sagas/nothing").status == 404);
}

TEST_CASE("an instance is shown step by step over HTTP", "[http][api][saga]") {
    bank const here;
    auto const good = here.get("sagas/transfer/good").json;
    CHECK(good["status"] == "ended");
    CHECK(good["waiting"] == 0);
    REQUIRE(good["steps"].size() == 3);
    CHECK(good["steps"][0]["type"] == "$saga.reacted");
    CHECK(good["steps"][0]["payload"]["input"]["type"] == "transfer.requested");
    auto const bad = here.get("sagas/transfer/bad").json;
    CHECK(bad["status"] == "parked");
    CHECK(bad["because"] == "a bug");
    CHECK(bad["waiting"] == 1);
    CHECK(here.get("sagas/transfer/none").status == 404);
}

TEST_CASE("an instance is resumed and ended over HTTP, with a reason", "[http][api][saga]") {
    bank here;
    CHECK(here.post("sagas/transfer/bad/retry", "{}").status == 400);
    CHECK(here.post("sagas/transfer/good/retry", R"({"because":"x"})").status == 409);
    CHECK(here.post("sagas/transfer/none/end", R"({"because":"x"})").status == 404);
    auto const done = here.post("sagas/transfer/bad/retry",
                                R"({"because":"mended","by":"ada"})", "once");
    CHECK(done.status == 200);
    CHECK(done.json["repeated"] == false);
    auto const again = here.post("sagas/transfer/bad/retry",
                                 R"({"because":"mended","by":"ada"})", "once");
    CHECK(again.json["position"] == done.json["position"]);
    CHECK(again.json["repeated"] == true);
    here.box.run_sagas();
    auto const bad = here.get("sagas/transfer/bad").json;
    CHECK(bad["status"] == "ended");
    CHECK(bad["steps"][2]["actor"] == "ada");
    CHECK(bad["steps"][2]["text"] == "resumed: mended");
    auto const late = here.post("sagas/transfer/bad/end", R"({"because":"x"})");
    CHECK(late.status == 409);
    CHECK(late.json["code"] == "has_ended");
}

TEST_CASE("a saga that stands still makes the program not ready, and says why",
          "[http][api][saga]") {
    auto box = recount::testing::in_memory<account, order, breaking::greetings>("bank");
    breaking::broken = true;
    recount::saga_followers sagas{box.application()};
    http::api const api{box.application(), {.sagas = &sagas}};
    auto const ready = [&] {
        return std::get<http::response>(api.answer(site::request("GET", "ready")));
    };
    CHECK(ready().status == 200);
    box.dispatch(open{{"a"}, eur(1)}).value();
    REQUIRE(recount::tests::eventually([&] { return ready().status == 503; }));
    auto const problem = json::parse(ready().body);
    CHECK(problem["code"] == "not_ready");
    REQUIRE(problem["problems"].size() == 1);
    CHECK(problem["problems"][0]["what"] == "greetings");
    CHECK_THAT(problem["problems"][0]["sentence"].get<std::string>(),
               Catch::Matchers::ContainsSubstring("reactor greetings, event"));
    CHECK_THAT(problem["problems"][0]["sentence"].get<std::string>(),
               Catch::Matchers::ContainsSubstring("no words"));
    breaking::broken = false;
    REQUIRE(recount::tests::eventually([&] { return ready().status == 200; }));
    sagas.stop();
}

TEST_CASE("schemas of timers and effects are given out", "[http][api][saga]") {
    bank const here;
    auto const all = here.get("schemas").json;
    CHECK(all["timers"][0]["name"] == "transfer.timed_out");
    CHECK(all["effects"].size() == 1);
    CHECK(here.get("schemas/timers/transfer.timed_out/1").status == 200);
}
