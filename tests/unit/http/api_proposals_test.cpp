// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Proposals and sealed periods over HTTP.
#include <set>

#include <recount/correction/proposals.hpp>

#include "site.hpp"

using namespace recount::tests;

namespace {

// An account with two deposits of 100.
struct proposing_site : site {
    std::string twice;

    explicit proposing_site(recount::http::api_options options = {}) : site{std::move(options)} {
        open("a");
        deposit("a", 100);
        twice = deposit("a", 100).json["events"][0];
    }
    answered post(std::string const& path, json const& body,
                  std::vector<recount::http::name_value> headers = {}) const {
        auto r = request("POST", path);
        r.headers = std::move(headers);
        r.headers.emplace_back("content-type", "application/json");
        r.body = body.dump();
        return ask(r);
    }
    [[nodiscard]] json plan() const {
        return {{"title", "twice"},
                {"because", "it ran twice"},
                {"by", "ada"},
                {"ops", {{{"op", "exclude"}, {"event", twice}}}}};
    }
    [[nodiscard]] json redate(std::string const& when) const {
        return {{"title", "sooner"},
                {"because", "its slip says so"},
                {"by", "ada"},
                {"ops", {{{"op", "redate"}, {"event", twice}, {"effective_at", when}}}}};
    }
    std::string proposed(json const& what) const {
        auto const made = post("proposals", what);
        REQUIRE(made.status == 200);
        return made.json["proposal"];
    }
    [[nodiscard]] int balance() const {
        return get("streams/account-a/state").json["state"]["balance"]["minor"];
    }
};

json by(std::string const& who) { return {{"by", who}}; }

}  // namespace

TEST_CASE("a proposal is made, read, and approved by another", "[http][api]") {
    proposing_site const s;
    auto const hash = s.post("restructures/preview", s.plan()).header("ETag");
    auto const made = s.post("proposals", s.plan(), {{"if-match", hash}});
    CHECK(made.status == 200);
    CHECK(made.json["state"] == "open");
    CHECK('"' + made.json["preview"].get<std::string>() + '"' == hash);
    CHECK(made.json["plan"]["ops"] == s.plan()["ops"]);
    std::string const id = made.json["proposal"];
    CHECK(s.get("proposals/" + id).json == made.json);
    CHECK(s.balance() == 200);

    auto const done = s.post("proposals/" + id + "/approve", by("ben"));
    REQUIRE(done.status == 200);
    CHECK(done.json["repeated"] == false);
    CHECK(s.balance() == 100);
    auto const now = s.get("proposals/" + id).json;
    CHECK(now["state"] == "approved");
    CHECK(now["decided_by"] == "ben");
    CHECK(now["restructure"] == done.json["restructure"]);
    auto const again = s.post("proposals/" + id + "/approve", by("eva"));
    CHECK(again.json["repeated"] == true);
    CHECK(again.json["position"] == done.json["position"]);
    auto const no = s.post("proposals/" + id + "/reject", {{"by", "eva"}, {"because", "no"}});
    CHECK(no.status == 409);
    CHECK(no.code() == "already_decided");
}

TEST_CASE("who proposed it approves it only by saying so", "[http][api]") {
    proposing_site const s;
    auto const id = s.proposed(s.plan());
    auto const no = s.post("proposals/" + id + "/approve", by("ada"));
    CHECK(no.status == 422);
    CHECK(no.code() == "own_proposal");
    CHECK(s.post("proposals/" + id + "/approve", {{"by", "ada"}, {"own", true}}).status == 200);
    CHECK(s.get("proposals/" + id).json["own"] == true);
}

TEST_CASE("who proposes and who approves is what the header says, where there is one",
          "[http][api]") {
    recount::http::api_options options;
    options.actor_header = "x-actor";
    proposing_site const s{options};
    CHECK(s.post("proposals", s.plan()).status == 400);   // `by` is anybody's word
    auto const made = s.post("proposals", s.plan(), {{"x-actor", "eva"}});
    CHECK(made.json["proposed_by"] == "eva");
    auto const approve = "proposals/" + made.json["proposal"].get<std::string>() + "/approve";
    CHECK(s.post(approve, by("ben")).status == 400);
    CHECK(s.post(approve, by("ben"), {{"x-actor", "eva"}}).code() == "own_proposal");
    CHECK(s.post(approve, json::object(), {{"x-actor", "ben"}}).status == 200);
}

TEST_CASE("a proposal that holds no more is 409, and a preview that does not 412",
          "[http][api]") {
    proposing_site const s;
    auto const wanted = s.redate("2026-01-01T00:00:00Z");
    auto const hash = s.post("restructures/preview", wanted).header("ETag");
    auto const id = s.proposed(wanted);
    REQUIRE(s.post("restructures", s.redate("2026-01-02T00:00:00Z")).status == 200);
    auto const no = s.post("proposals/" + id + "/approve", by("ben"));
    CHECK(no.status == 409);
    CHECK(no.code() == "outdated");
    CHECK(no.detail().find("propose it anew") != std::string::npos);
    CHECK(s.post("proposals", wanted, {{"if-match", hash}}).status == 412);
    auto const said = s.post("proposals/" + id + "/reject", {{"by", "ben"}, {"because", "old"}});
    CHECK(said.status == 200);
    CHECK(said.json["state"] == "rejected");
    CHECK(said.json["reason"] == "old");
    CHECK(s.post("proposals/" + id + "/approve", by("eva")).code() == "already_decided");
}

TEST_CASE("what can be no proposal", "[http][api]") {
    proposing_site const s;
    auto plan = s.plan();
    plan.erase("by");
    CHECK(s.post("proposals", plan).status == 400);
    plan = s.plan();
    plan["ops"][0]["event"] = to_string(recount::new_command_id());
    auto const no = s.post("proposals", plan);
    CHECK(no.status == 422);
    CHECK(no.code() == "plan_refused");
    CHECK(no.json["problems"][0]["code"] == "unknown_target");
    auto const none = "proposals/" + to_string(recount::new_command_id());
    CHECK(s.get(none).status == 404);
    CHECK(s.post(none + "/approve", by("ben")).status == 404);
    CHECK(s.post(none + "/reject", {{"by", "ben"}, {"because", "no"}}).status == 404);
    CHECK(s.get("proposals/7").status == 400);
    auto const id = s.proposed(s.plan());
    CHECK(s.post("proposals/" + id + "/approve", json::object()).status == 400);
    CHECK(s.post("proposals/" + id + "/approve", {{"by", "ben"}, {"more", 1}}).status == 400);
    CHECK(s.post("proposals/" + id + "/reject", by("ben")).status == 400);
    CHECK(s.ask(site::request("POST", "proposals/" + id + "/approve")).status == 415);
    CHECK(s.get("proposals?state=decided").status == 400);
    CHECK(s.get("proposals?after=7").status == 400);
}

TEST_CASE("the same key proposes once, and proposals are listed in pages", "[http][api]") {
    proposing_site const s;
    std::vector<recount::http::name_value> const key{{"idempotency-key", "proposal 7"}};
    auto const first = s.post("proposals", s.plan(), key);
    CHECK(s.post("proposals", s.plan(), key).json == first.json);
    CHECK(s.post("proposals", s.redate("2026-01-01T00:00:00Z"), key).status == 409);
    std::set<std::string> made{first.json["proposal"]};
    for (int i = 0; i < 3; ++i) made.insert(s.proposed(s.plan()));
    std::set<std::string> found;
    for (std::string after;;) {
        auto const page = s.get("proposals?limit=1" + after).json;
        REQUIRE(page["proposals"].size() == 1);
        CHECK_FALSE(page["proposals"][0].contains("plan"));
        found.insert(page["proposals"][0]["proposal"]);
        if (!page.contains("next")) break;
        after = "&after=" + page["next"].get<std::string>();
    }
    CHECK(found == made);
    auto const one = "proposals/" + *made.begin() + "/approve";
    REQUIRE(s.post(one, by("ben")).status == 200);
    CHECK(s.get("proposals?state=open").json["proposals"].size() == 3);
    CHECK(s.get("proposals?state=all").json["proposals"].size() == 4);
}

TEST_CASE("a period is sealed over HTTP, and refuses events and corrections", "[http][api]") {
    proposing_site const s;
    CHECK(s.get("seals").body == R"({"seals":[]})");
    json const seal{{"category", "account"},
                    {"until", "2999-12-31"},
                    {"because", "audited"},
                    {"by", "ada"}};
    auto const made = s.post("seals", seal);
    REQUIRE(made.status == 200);
    CHECK(made.json["until"] == "2999-12-31T23:59:59.999999Z");
    CHECK(s.get("seals").json["seals"][0] == made.json);

    auto const late = s.deposit("a", 5);
    CHECK(late.status == 422);
    CHECK(late.code() == "refused");
    CHECK(late.detail().starts_with("unable to append to account-a: it happened at "));
    for (auto const* path : {"restructures/preview", "restructures", "proposals"}) {
        auto const no = s.post(path, s.plan());
        CHECK(no.status == 422);
        CHECK(no.code() == "plan_refused");
        CHECK(no.json["problems"][0]["code"] == "sealed_period");
    }
    auto forced = s.plan();
    forced["acknowledged"] = {"sealed:account"};
    auto const done = s.post("restructures", forced);
    REQUIRE(done.status == 200);
    auto const shown =
        s.get("restructures/" + done.json["restructure"].get<std::string>()).json;
    CHECK(shown["acknowledged"] == json{"sealed:account"});
    CHECK(s.balance() == 100);

    auto const opened = s.post("seals", {{"category", "account"},
                                         {"open", true},
                                         {"because", "a slip turned up"},
                                         {"by", "ada"}});
    CHECK(opened.status == 200);
    CHECK_FALSE(opened.json.contains("until"));
    CHECK(s.deposit("a", 5).status == 200);
    CHECK(s.get("seals").json["seals"].size() == 2);
}

TEST_CASE("positions are sealed over HTTP", "[http][api]") {
    proposing_site const s;
    auto const seal = [&](int through) {
        return s.post("seals", {{"through", through}, {"because", "audited"}, {"by", "ada"}});
    };
    auto const made = seal(3);
    CHECK(made.json["through"] == 3);
    CHECK(made.json["head"] == 3);
    CHECK_FALSE(made.json.contains("category"));
    CHECK(s.post("restructures", s.plan()).json["problems"][0]["code"] == "sealed_period");
    CHECK(s.deposit("a", 5).status == 200);   // comes after it anyway
    CHECK(seal(99).status == 400);
    CHECK(seal(0).status == 200);
    CHECK(s.post("restructures", s.plan()).status == 200);
}

TEST_CASE("what is no seal is 400", "[http][api]") {
    proposing_site const s;
    auto const refused = [&](json body) {
        body["because"] = "audited";
        body["by"] = "ada";
        CAPTURE(body.dump());
        CHECK(s.post("seals", body).status == 400);
    };
    refused(json::object());
    refused({{"category", "account"}});
    refused({{"category", "account"}, {"open", false}});
    refused({{"category", "account"}, {"until", "2025-12-31"}, {"open", true}});
    refused({{"category", "account"}, {"until", "yesterday"}});
    refused({{"category", "account"}, {"until", nullptr}});
    refused({{"category", ""}, {"open", true}});
    refused({{"category", "$saga.x"}, {"open", true}});
    refused({{"category", "account"}, {"through", 1}});
    refused({{"open", true}});
    refused({{"until", "2025-12-31"}});
    refused({{"through", -1}});
    json const unsigned_one{{"through", 1}, {"because", "audited"}};
    CHECK(s.post("seals", unsigned_one).status == 400);
    CHECK(s.post("seals", {{"through", 1}, {"by", "ada"}}).status == 400);
    CHECK(s.ask(site::request("POST", "seals")).status == 415);
    CHECK(s.get("seals").json["seals"].empty());
}
