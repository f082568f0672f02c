// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Sagas, the outbox and timers: their routes, and the shapes of what they answer.
#include "http/route_words.hpp"

namespace recount::http {

namespace {

using namespace route_words;

// --- sagas ---

constexpr answer sagas_answers[] = {
    {200, "the sagas and reactors of the application", "sagas"}, wrong, not_acceptable};
constexpr parameter saga_name{"name", "path", text, "the saga's name"};
constexpr parameter instances_parameters[] = {
    saga_name,
    {"status", "query", R"({"type":"string","enum":["running","parked","diverged","ended"]})",
     "parked: something went wrong, its inputs wait"},
    {"after", "query", text, "after this instance: the `next` of the page before"},
    limit};
constexpr answer instances_answers[] = {
    {200, "instances in order of their ids", "instances"}, wrong, unknown, not_acceptable, away};
constexpr parameter instance_id{"instance", "path", text, "the instance's id"};
constexpr parameter instance_parameters[] = {saga_name, instance_id};
constexpr answer instance_answers[] = {
    {200, "what it saw, and what it made of it", "instance_steps"},
    wrong,
    unknown,
    not_acceptable,
    away};
constexpr parameter saga_act_parameters[] = {
    saga_name,
    instance_id,
    {"Idempotency-Key", "header", text, "any text: the same act is done once"}};
constexpr answer saga_act_answers[] = {
    {200, "it is recorded; the saga takes it up when it runs", "saga_act_done"},
    wrong,
    unknown,
    not_acceptable,
    {409, "it is not parked, has ended, has not diverged, or moved on meanwhile", "problem"},
    not_json,
    away};

constexpr parameter of_saga{"saga", "query", text, "of this saga or reactor"};
constexpr parameter divergences_parameters[] = {of_saga};
constexpr answer divergences_answers[] = {
    {200, "instances that have diverged, with what they did and should have done", "divergences"},
    wrong,
    not_acceptable,
    away};

// --- outbox and timers ---

constexpr parameter outbox_parameters[] = {
    {"status", "query", R"({"type":"string","enum":["waiting","done","dead","withdrawn"]})",
     "done: effects that were sent; dead: given up; withdrawn: never sent"},
    {"kind", "query", R"({"type":"string","enum":["command","effect"]})", "of this kind"},
    of_saga,
    {"instance", "query", text, "of this instance"},
    {"after", "query", whole, "after this number: the `next` of the page before"},
    limit};
constexpr answer outbox_answers[] = {
    {200, "messages in order of entry", "messages"}, wrong, not_acceptable, away};
constexpr parameter message_parameters[] = {{"key", "path", uuid_text, "the message's key"}};
constexpr answer message_answers[] = {
    {200, "the message", "message"}, wrong, unknown, not_acceptable, away};
constexpr answer replay_answers[] = {
    {200, "it waits again", "message"},
    wrong,
    unknown,
    not_acceptable,
    {409, "it is not dead", "problem"},
    not_json,
    away};
constexpr parameter timers_parameters[] = {
    of_saga,
    {"due_before", "query", R"({"type":"string","format":"date-time"})", "due before this time"},
    {"after", "query", text, "the `next` of the page before"},
    limit};
constexpr answer timers_answers[] = {
    {200, "timers as they come due", "timers"}, wrong, not_acceptable, away};

// --- the table ---

constexpr route routes_here[] = {
    {"GET", "/sagas", "list_sagas", "sagas", "the sagas and reactors of the application", none,
     sagas_answers, &list_sagas},
    {"GET", "/sagas/{name}", "list_instances", "sagas", "instances of a saga",
     instances_parameters, instances_answers, &list_instances},
    {"GET", "/sagas/{name}/{instance}", "read_instance", "sagas", "one instance, step by step",
     instance_parameters, instance_answers, &read_instance},
    {"POST", "/sagas/{name}/{instance}/retry", "retry_instance", "sagas",
     "resumes an instance that is parked", saga_act_parameters, saga_act_answers,
     &retry_instance, route::expansion::none, "saga_act"},
    {"POST", "/sagas/{name}/{instance}/end", "end_instance", "sagas", "ends an instance by hand",
     saga_act_parameters, saga_act_answers, &end_instance_by_hand, route::expansion::none,
     "saga_act"},
    {"GET", "/divergences", "list_divergences", "sagas",
     "where history was corrected and nobody has declared what to do about what was done",
     divergences_parameters, divergences_answers, &list_divergences},
    {"POST", "/divergences/{name}/{instance}/acknowledge", "acknowledge_divergence", "sagas",
     "what the instance did counts as what it should have done", saga_act_parameters,
     saga_act_answers, &acknowledge_divergence, route::expansion::none, "saga_act"},
    {"GET", "/outbox", "list_outbox", "sagas", "what sagas have still to send, and have sent",
     outbox_parameters, outbox_answers, &list_outbox},
    {"GET", "/outbox/{key}", "read_message", "sagas", "one message of the outbox",
     message_parameters, message_answers, &read_message},
    {"POST", "/outbox/{key}/replay", "replay_message", "sagas",
     "lets a message that was given up wait again", message_parameters, replay_answers,
     &replay_message, route::expansion::none, "nothing"},
    {"GET", "/timers", "list_timers", "sagas", "timers of sagas, as they come due",
     timers_parameters, timers_answers, &list_timers},
};

// --- the shapes ---

constexpr named_shape shapes_here[] = {
    {"sagas", R"({"type":"object","properties":{
            "sagas":{"type":"array","items":{"type":"object","properties":{
                "saga":{"type":"string"},"version":{"type":"integer","minimum":1},
                "kind":{"type":"string","enum":["saga","reactor"]},"href":{"type":"string"}},
                "required":["saga","version","kind","href"],"additionalProperties":false}}},
        "required":["sagas"],"additionalProperties":false})"},
    {"instance", R"({"type":"object","properties":{
            "saga":{"type":"string"},"instance":{"type":"string"},
            "status":{"type":"string","enum":["running","parked","diverged","ended"]},
            "version":{"type":"integer","minimum":0},
            "updated_at":{"$ref":"#/components/schemas/moment"},
            "because":{"type":"string"}},
        "required":["saga","instance","status","version","updated_at"],
        "additionalProperties":false})"},
    {"instances", R"({"type":"object","properties":{
            "instances":{"type":"array","items":{"$ref":"#/components/schemas/instance"}},
            "next":{"type":"string","description":"the next `after`"}},
        "required":["instances"],"additionalProperties":false})"},
    {"instance_steps", R"({"type":"object","properties":{
            "saga":{"type":"string"},"instance":{"type":"string"},
            "status":{"type":"string","enum":["running","parked","diverged","ended"]},
            "because":{"type":"string"},
            "waiting":{"type":"integer","minimum":0,
                "description":"inputs that came in while it was parked"},
            "steps":{"type":"array","items":{"type":"object","properties":{
                "version":{"type":"integer","minimum":1},
                "position":{"$ref":"#/components/schemas/position"},
                "recorded_at":{"$ref":"#/components/schemas/moment"},
                "type":{"type":"string"},"text":{"type":"string"},"actor":{"type":"string"},
                "payload":{}},
                "required":["version","position","recorded_at","type","text","payload"],
                "additionalProperties":false}}},
        "required":["saga","instance","status","waiting","steps"],
        "additionalProperties":false})"},
    {"divergences", R"({"type":"object","properties":{
            "divergences":{"type":"array","items":{"type":"object","properties":{
                "saga":{"type":"string"},"instance":{"type":"string"},
                "restructure":{"$ref":"#/components/schemas/uuid"},
                "k":{"$ref":"#/components/schemas/position"},
                "recorded_at":{"$ref":"#/components/schemas/moment"},
                "outputs":{"type":"array","items":{"type":"object","properties":{
                    "trigger":{"$ref":"#/components/schemas/uuid"},
                    "n":{"type":"integer","minimum":0},"did":{},"should":{}},
                    "required":["trigger","n","did","should"],"additionalProperties":false}}},
                "required":["saga","instance","restructure","k","recorded_at","outputs"],
                "additionalProperties":false}}},
        "required":["divergences"],"additionalProperties":false})"},
    {"saga_act", R"({"type":"object","properties":{
            "because":{"type":"string","minLength":1},"by":{"type":"string"}},
        "required":["because"],"additionalProperties":false})"},
    {"saga_act_done", R"({"type":"object","properties":{
            "position":{"$ref":"#/components/schemas/position"},
            "repeated":{"type":"boolean"}},
        "required":["position","repeated"],"additionalProperties":false})"},
    {"nothing", R"({"type":"object","additionalProperties":false})"},
    {"message", R"({"type":"object","properties":{
            "number":{"type":"integer","minimum":1},
            "key":{"$ref":"#/components/schemas/uuid"},
            "kind":{"type":"string","enum":["command","effect"]},
            "status":{"type":"string","enum":["waiting","done","dead","withdrawn"]},
            "saga":{"type":"string"},"instance":{"type":"string"},"type":{"type":"string"},
            "order":{"type":"string","description":"those of one leave one after the other"},
            "due_at":{"$ref":"#/components/schemas/moment"},
            "attempts":{"type":"integer","minimum":0},
            "last_error":{"type":"string"},
            "settled_at":{"$ref":"#/components/schemas/moment"},
            "superseded_by":{"type":"string",
                "description":"the restructure that took its cause away"},
            "trigger":{"$ref":"#/components/schemas/uuid"},
            "ordinal":{"type":"integer","minimum":0},
            "caused_at":{"$ref":"#/components/schemas/position"},
            "correlation":{"$ref":"#/components/schemas/uuid"},
            "body":{"type":"object"}},
        "required":["number","key","kind","status","saga","type","due_at","attempts","trigger",
            "ordinal","caused_at","body"],"additionalProperties":false})"},
    {"messages", R"({"type":"object","properties":{
            "messages":{"type":"array","items":{"$ref":"#/components/schemas/message"}},
            "next":{"type":"integer","minimum":1,"description":"the next `after`"}},
        "required":["messages"],"additionalProperties":false})"},
    {"timer", R"({"type":"object","properties":{
            "key":{"$ref":"#/components/schemas/uuid"},
            "saga":{"type":"string"},"instance":{"type":"string"},"name":{"type":"string"},
            "due_at":{"$ref":"#/components/schemas/moment"},
            "type":{"type":"string"},"schema_version":{"type":"integer","minimum":1},
            "correlation":{"$ref":"#/components/schemas/uuid"},"payload":{}},
        "required":["key","saga","instance","name","due_at","type","schema_version","payload"],
        "additionalProperties":false})"},
    {"timers", R"({"type":"object","properties":{
            "timers":{"type":"array","items":{"$ref":"#/components/schemas/timer"}},
            "next":{"type":"string","description":"the next `after`"}},
        "required":["timers"],"additionalProperties":false})"},
};

}  // namespace

api_part sagas_part() noexcept { return {routes_here, shapes_here}; }

}  // namespace recount::http
