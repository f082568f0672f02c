// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the program says of itself: its routes, and the shapes of what they answer.
#include "http/route_words.hpp"

namespace recount::http {

namespace {

using namespace route_words;

constexpr answer index_answers[] = {
    {200, "where to go from here", "index"}, wrong, not_acceptable};
constexpr answer health_answers[] = {{200, "the program is up", "health"}, wrong, not_acceptable};
constexpr answer ready_answers[] = {
    {200, "the database answers, and no projection or saga stands still", "readiness"},
    wrong,
    not_acceptable,
    {503, "what is wrong", "problem"}};
constexpr answer metrics_answers[] = {
    {200, "what the process has counted, for Prometheus", "", "text/plain"}, wrong, not_acceptable};
constexpr answer schemas_answers[] = {
    {200, "the schemas that there are", "schemas"}, wrong, not_acceptable};
constexpr parameter schema_parameters[] = {
    {"kind", "path", R"({"type":"string","enum":["events","commands","rows","timers","effects"]})",
     "what it is a schema of"},
    {"name", "path", text, "of the event, the command or the projection"},
    {"version", "path", count, "its version"}};
constexpr answer schema_answers[] = {
    {200, "a JSON Schema, draft 2020-12", "any", "application/schema+json"},
    wrong,
    unknown,
    not_acceptable};
constexpr answer openapi_answers[] = {{200, "this document", "any"}, wrong, not_acceptable};

// --- the table ---

constexpr route routes_here[] = {
    {"GET", "/schemas", "list_schemas", "about", "the schemas that there are", none,
     schemas_answers, &list_schemas},
    {"GET", "/schemas/{kind}/{name}/{version}", "read_schema", "about",
     "the JSON Schema of an event, a command or a row", schema_parameters, schema_answers,
     &read_schema},
    {"GET", "/openapi.json", "openapi", "about", "this document", none, openapi_answers,
     &show_openapi},
    {"GET", "/health", "health", "about", "is the program up?", none, health_answers, &show_health},
    {"GET", "/ready", "ready", "about", "can it serve?", none, ready_answers, &show_readiness},
    {"GET", "/metrics", "metrics", "about", "what the process has counted", none, metrics_answers,
     &show_metrics},
    {"GET", "/", "index", "about", "where to go from here", none, index_answers, &show_index},
};

// --- the shapes ---

constexpr named_shape shapes_here[] = {
    {"schemas", R"({"type":"object","properties":{
            "events":{"$ref":"#/components/schemas/schema_list"},
            "commands":{"$ref":"#/components/schemas/schema_list"},
            "rows":{"$ref":"#/components/schemas/schema_list"},
            "timers":{"$ref":"#/components/schemas/schema_list"},
            "effects":{"$ref":"#/components/schemas/schema_list"}},
        "required":["events","commands","rows","timers","effects"],
        "additionalProperties":false})"},
    {"schema_list", R"({"type":"array","items":{"type":"object","properties":{
            "name":{"type":"string"},"version":{"type":"integer"},"href":{"type":"string"}},
        "required":["name","version","href"],"additionalProperties":false}})"},
    {"health", R"({"type":"object","properties":{"status":{"type":"string","const":"ok"}},
        "required":["status"],"additionalProperties":false})"},
    {"readiness", R"({"type":"object","properties":{
            "status":{"type":"string","const":"ready"},
            "projections":{"type":"array","items":{"type":"object","properties":{
                "projection":{"type":"string"},
                "position":{"$ref":"#/components/schemas/position"},
                "behind":{"type":"integer","minimum":0}},
                "required":["projection","position","behind"],
                "additionalProperties":false}}},
        "required":["status","projections"],"additionalProperties":false})"},
    {"index", R"({"type":"object","properties":{
            "title":{"type":"string"},"version":{"type":"string"},"store":{"type":"string"},
            "links":{"type":"object","additionalProperties":{"type":"object","properties":{
                "href":{"type":"string"},"templated":{"type":"boolean"}},
                "required":["href"],"additionalProperties":false}}},
        "required":["title","version","store","links"],"additionalProperties":false})"},
};

}  // namespace

api_part about_part() noexcept { return {routes_here, shapes_here}; }

}  // namespace recount::http
