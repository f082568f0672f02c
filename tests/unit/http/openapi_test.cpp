// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <set>

#include "site.hpp"

using namespace recount::tests;

namespace {

json sample_document() {
    return json::parse(recount::http::openapi(sample_parts(), "sample", "1.0"));
}

void each_reference(json const& in, std::function<void(std::string const&)> const& visit) {
    if (in.is_object()) {
        for (auto const& [key, value] : in.items()) {
            if (key == "$ref") {
                visit(value.get<std::string>());
            } else {
                each_reference(value, visit);
            }
        }
    }
    if (in.is_array()) {
        for (auto const& value : in) each_reference(value, visit);
    }
}

// Whether a schema of the document takes a value, as far as the answers of the API need it.
bool fits(json const& document, json const& schema, json const& value) {
    if (schema.contains("$ref")) {
        auto const pointer = schema["$ref"].get<std::string>().substr(1);
        return fits(document, document.at(json::json_pointer{pointer}), value);
    }
    if (schema.contains("allOf")) {
        return std::all_of(schema["allOf"].begin(), schema["allOf"].end(),
                           [&](auto const& one) { return fits(document, one, value); });
    }
    if (schema.contains("anyOf")) {
        return std::any_of(schema["anyOf"].begin(), schema["anyOf"].end(),
                           [&](auto const& one) { return fits(document, one, value); });
    }
    if (schema.contains("const") && value != schema["const"]) return false;
    auto const type = schema.value("type", "any");
    if (type == "string" && !value.is_string()) return false;
    if (type == "integer" && !value.is_number_integer()) return false;
    if (type == "boolean" && !value.is_boolean()) return false;
    if (type == "array") {
        return value.is_array() && std::all_of(value.begin(), value.end(), [&](auto const& one) {
            return fits(document, schema.value("items", json::object()), one);
        });
    }
    if (type != "object") return true;
    if (!value.is_object()) return false;
    auto const required = schema.value("required", json::array());
    for (auto const& name : required) {
        if (!value.contains(name)) return false;
    }
    auto const properties = schema.value("properties", json::object());
    auto const others = schema.value("additionalProperties", json(true));
    for (auto const& [name, inside] : value.items()) {
        if (properties.contains(name)) {
            if (!fits(document, properties[name], inside)) return false;
        } else if (others == false || (others.is_object() && !fits(document, others, inside))) {
            return false;
        }
    }
    return true;
}

}  // namespace

TEST_CASE("the document has a path for each command and projection", "[http][openapi]") {
    auto const document = sample_document();
    CHECK(document["openapi"] == "3.1.0");
    CHECK(document["info"]["title"] == "sample");
    CHECK(document["info"]["version"] == "1.0");
    CHECK(document["paths"].size() == 38 + 4 + 3);
    auto const& deposit = document["paths"]["/commands/account.deposit"]["post"];
    CHECK(deposit["requestBody"]["content"]["application/json"]["schema"]["$ref"] ==
          "#/components/schemas/commands.account.deposit");
    for (auto const* status : {"200", "400", "404", "409", "412", "415", "422", "503"}) {
        CHECK(deposit["responses"].contains(status));
    }
    CHECK(deposit["responses"]["200"]["headers"].contains("ETag"));
    CHECK(deposit["responses"]["503"]["headers"].contains("Retry-After"));
    std::set<std::string> parameters;
    for (auto const& p : document["paths"]["/projections/lines"]["get"]["parameters"]) {
        parameters.insert(p["name"].get<std::string>());
    }
    CHECK(parameters == std::set<std::string>{"$after", "$at_least", "$fields", "$limit", "$order",
                                              "account", "line", "kind", "amount_minor",
                                              "amount_currency", "running_minor",
                                              "running_currency"});
}

TEST_CASE("the document is the same every time, and without a database", "[http][openapi]") {
    site const s{{.title = "sample", .version = "1.0"}};
    auto const text = recount::http::openapi(sample_parts(), "sample", "1.0");
    CHECK(s.api.openapi() == text);
    CHECK(s.get("openapi.json").body == text);
    auto const empty = json::parse(recount::http::openapi({}, "empty", "1"));
    CHECK(empty["paths"].size() == 38);
}

TEST_CASE("every reference has its component, every component a reference", "[http][openapi]") {
    auto const document = sample_document();
    std::set<std::string> wanted;
    each_reference(document, [&](std::string const& to) {
        constexpr std::string_view prefix = "#/components/schemas/";
        REQUIRE(to.substr(0, prefix.size()) == prefix);
        wanted.insert(to.substr(prefix.size()));
    });
    std::set<std::string> there;
    for (auto const& [name, schema] : document["components"]["schemas"].items()) {
        there.insert(name);
        CHECK_FALSE(schema.contains("$defs"));
        CHECK_FALSE(schema.contains("$id"));
    }
    CHECK(wanted == there);
}

TEST_CASE("operations have ids of their own", "[http][openapi]") {
    auto const document = sample_document();
    std::set<std::string> ids;
    std::size_t operations = 0;
    for (auto const& [path, methods] : document["paths"].items()) {
        for (auto const& [method, operation] : methods.items()) {
            ++operations;
            ids.insert(operation["operationId"].get<std::string>());
            // A place in the path is a parameter, and none is there without its place.
            std::size_t places = 0;
            for (auto const& p : operation.value("parameters", json::array())) {
                if (p["in"] != "path") continue;
                ++places;
                CHECK(path.find("{" + p["name"].get<std::string>() + "}") != std::string::npos);
            }
            CHECK(static_cast<std::size_t>(std::count(path.begin(), path.end(), '{')) == places);
        }
    }
    CHECK(ids.size() == operations);
}

TEST_CASE("answers are as the document says", "[http][openapi]") {
    site s;
    auto const document = sample_document();
    auto const opened = s.send("account.open", R"({"account":"a"})");
    s.deposit("a", 5);
    s.send("account.withdraw_all", R"({"account":"a"})");
    s.app.catch_up();
    auto const check = [&](std::string const& operation, std::string const& method,
                           answered const& found) {
        INFO(operation << " " << found.status << " " << found.body);
        auto const& answers = document["paths"][operation][method]["responses"];
        auto const status = std::to_string(found.status);
        REQUIRE(answers.contains(status));
        auto const& content = answers[status]["content"];
        REQUIRE(content.contains(found.content_type));
        CHECK(fits(document, content[found.content_type]["schema"], found.json));
    };
    check("/commands/account.open", "post", opened);
    check("/commands/account.open", "post", s.send("account.open", "{}"));
    check("/commands/account.withdraw_all", "post",
          s.send("account.withdraw_all", R"({"account":"a"})"));
    auto const id = opened.json["events"][0].get<std::string>();
    std::vector<std::pair<std::string, std::string>> const reads{
        {"/", ""},
        {"/commands", "commands"},
        {"/projections", "projections"},
        {"/projections/lines", "projections/lines"},
        {"/projections/lines", "projections/lines?$limit=1&$fields=line"},
        {"/projections/lines", "projections/lines?$limit=x"},
        {"/projections/balances", "projections/balances"},
        {"/categories", "categories"},
        {"/streams", "streams?limit=1"},
        {"/streams/{name}/events", "streams/account-a/events?limit=1"},
        {"/streams/{name}/events", "streams/account-b/events"},
        {"/streams/{name}/state", "streams/account-a/state"},
        {"/events", "events"},
        {"/events/{id}", "events/" + id},
        {"/schemas", "schemas"},
        {"/schemas/{kind}/{name}/{version}", "schemas/rows/lines/1"},
        {"/openapi.json", "openapi.json"},
        {"/health", "health"},
        {"/ready", "ready"}};
    for (auto const& [operation, target] : reads) check(operation, "get", s.get(target));
    // The check itself tells right from wrong.
    auto const& outcome = document["components"]["schemas"]["outcome"];
    auto wrong = opened.json;
    wrong["surplus"] = 1;
    CHECK_FALSE(fits(document, outcome, wrong));
    wrong = opened.json;
    wrong["events"] = json::array({7});
    CHECK_FALSE(fits(document, outcome, wrong));
}
