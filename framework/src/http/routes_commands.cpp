// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Commands and projections: their routes, and the shapes of what they answer.
#include "http/route_words.hpp"

namespace recount::http {

namespace {

using namespace route_words;

// --- commands ---

constexpr parameter send_parameters[] = {
    {"name", "path", text, "a command, such as account.deposit"},
    command_key,
    {"If-Match", "header", text,
     "the version that the command's stream must be at, such as \"7\" (\"0\": no stream), or *"},
    correlation,
    causation};
constexpr answer send_answers[] = {
    {200, "accepted; ETag is the version of its stream", "outcome"},
    wrong,
    {404, "no such command", "problem"},
    not_acceptable,
    {409, "the key is taken by another command, or the stream would not stand still", "problem"},
    {412, "the stream is not as If-Match says", "problem"},
    too_large,
    not_json,
    {422, "rejected: `code` is the domain's own", "problem"},
    away};
constexpr answer commands_answers[] = {
    {200, "the commands", "commands"}, wrong, not_acceptable};

// --- projections ---

constexpr parameter query_parameters[] = {
    {"name", "path", text, "a projection, such as account_balances"},
    {"$after", "query", text, "the `next` of the page before"},
    {"$limit", "query", count, "at most so many rows"},
    {"$order", "query", R"({"type":"string","enum":["asc","desc"]})", "by key"},
    {"$fields", "query", text, "only these fields, with commas between"},
    {"$at_least", "query", whole,
     "the token of an outcome: waits until the rows show it, for a second or so"}};
constexpr answer query_answers[] = {
    {200, "rows in order of their key", "page"},
    wrong,
    {404, "no such projection", "problem"},
    not_acceptable,
    {425, "the rows do not show $at_least yet; ask again", "problem"},
    away};
constexpr parameter row_changes_parameters[] = {
    {"name", "path", text, "a projection whose changes are kept"},
    {"from", "query", count,
     "the first position wanted: the `next` of the page before; at first, one more than the "
     "`position` of the rows that were read"},
    {"limit", "query", count, "about so many: those of one k come together; not for a live feed"},
    {"Last-Event-ID", "header", mark,
     "a live feed goes on behind the change of this id"}};
constexpr answer row_changes_answers[] = {
    {200, "rows that were put or removed, in order of `k` and `ordinal`", "row_changes"},
    {200, "changes as they happen: `id` is `k.ordinal`, or `k` with the data {\"mark\":k}", "",
     "text/event-stream"},
    wrong,
    {404, "no such projection", "problem"},
    not_acceptable,
    {409, "its changes are not kept", "problem"},
    {410, "they are not kept any more: read the rows anew, and go on behind their position",
     "problem"},
    away};
constexpr answer projections_answers[] = {
    {200, "where each projection stands", "projections"}, wrong, not_acceptable, away};

// --- the table ---

constexpr route routes_here[] = {
    {"GET", "/commands", "list_commands", "commands", "the commands this application takes", none,
     commands_answers, &list_commands},
    {"POST", "/commands/{name}", "send", "commands", "sends a command", send_parameters,
     send_answers, &send_command, route::expansion::commands},
    {"GET", "/projections", "list_projections", "projections", "where each projection stands", none,
     projections_answers, &list_projections},
    {"GET", "/projections/{name}", "query", "projections", "rows of a projection",
     query_parameters, query_answers, &query_projection, route::expansion::projections},
    {"GET", "/projections/{name}/changes", "row_changes", "projections",
     "what became of the rows of a projection", row_changes_parameters, row_changes_answers,
     &read_row_changes},
};

// --- the shapes ---

constexpr named_shape shapes_here[] = {
    {"outcome", R"({"type":"object","properties":{
            "accepted":{"type":"boolean","const":true},
            "stream":{"type":"string"},
            "version":{"type":"integer","minimum":0,"description":"of the stream, after it"},
            "position":{"$ref":"#/components/schemas/position"},
            "token":{"type":"string","description":"for $at_least"},
            "repeated":{"type":"boolean","description":"known before: the first answer"},
            "events":{"type":"array","items":{"$ref":"#/components/schemas/uuid"}}},
        "required":["accepted","stream","version","position","token","repeated","events"],
        "additionalProperties":false})"},
    {"commands", R"({"type":"object","properties":{
            "commands":{"type":"array","items":{"type":"object","properties":{
                "command":{"type":"string"},"aggregate":{"type":"string"},
                "fields":{"type":"array","items":{"type":"string"}},
                "href":{"type":"string"},"schema":{"type":"string"}},
                "required":["command","aggregate","fields","href","schema"],
                "additionalProperties":false}}},
        "required":["commands"],"additionalProperties":false})"},
    {"projections", R"({"type":"object","properties":{
            "projections":{"type":"array","items":{"type":"object","properties":{
                "projection":{"type":"string"},"version":{"type":"integer","minimum":1},
                "kind":{"type":"string","enum":["invertible","keyed"]},
                "position":{"$ref":"#/components/schemas/position"},
                "behind":{"type":"integer","minimum":0}},
                "required":["projection","version","kind","position","behind"],
                "additionalProperties":false}},
            "head":{"$ref":"#/components/schemas/position"}},
        "required":["projections","head"],"additionalProperties":false})"},
    {"row_changes", R"({"type":"object","properties":{
            "changes":{"type":"array","items":{"$ref":"#/components/schemas/row_change"}},
            "next":{"type":"integer","minimum":1,"description":"the next `from`"},
            "position":{"$ref":"#/components/schemas/position"}},
        "required":["changes","next","position"],"additionalProperties":false})"},
    {"row_change", R"({"type":"object","description":"(k, ordinal) is its name for ever",
        "properties":{
            "k":{"$ref":"#/components/schemas/position"},
            "ordinal":{"type":"integer","minimum":0},
            "change":{"type":"string","enum":["put","remove"]},
            "row":{"type":"object","description":"put: the row as it was then"},
            "key":{"type":"object","description":"remove: the fields of its key"}},
        "required":["k","ordinal","change"],"additionalProperties":false})"},
};

}  // namespace

api_part commands_part() noexcept { return {routes_here, shapes_here}; }

}  // namespace recount::http
