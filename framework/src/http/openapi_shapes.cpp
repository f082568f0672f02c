// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/openapi_shapes.hpp"

namespace recount::http {

namespace {

constexpr named_shape all[] = {
    {"any", R"({"type":"object"})"},
    {"problem", R"({"type":"object","description":"RFC 9457; what went wrong",
        "properties":{
            "type":{"type":"string"},"title":{"type":"string"},
            "status":{"type":"integer"},"code":{"type":"string"},
            "detail":{"type":"string"},"instance":{"type":"string"}},
        "required":["type","title","status"]})"},
    {"position", R"({"type":"integer","minimum":0,"description":"in the log"})"},
    {"version", R"({"type":"integer","minimum":1,"description":"in a stream"})"},
    {"uuid", R"({"type":"string","format":"uuid"})"},
    {"moment", R"({"type":"string","format":"date-time"})"},
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
    {"event", R"({"type":"object","properties":{
            "position":{"$ref":"#/components/schemas/position"},
            "stream":{"type":"string"},
            "version":{"$ref":"#/components/schemas/version"},
            "id":{"$ref":"#/components/schemas/uuid"},
            "type":{"type":"string"},
            "schema_version":{"type":"integer","minimum":1},
            "recorded_at":{"$ref":"#/components/schemas/moment"},
            "effective_at":{"$ref":"#/components/schemas/moment"},
            "commit_last":{"$ref":"#/components/schemas/position"},
            "meta":{"type":"object"},
            "payload":{"description":"as /schemas/events/{type}/{schema_version} says"},
            "hash":{"type":"string","pattern":"^[0-9a-f]{64}$"}},
        "required":["position","stream","version","id","type","schema_version","recorded_at",
            "effective_at","commit_last","meta","payload","hash"]})"},
    {"event_with_cause", R"({"allOf":[{"$ref":"#/components/schemas/event"},
        {"type":"object","properties":{
            "command":{"type":"object","properties":{"name":{"type":"string"},
                "version":{"type":"integer"},"payload":{}},
                "required":["name","version","payload"]},
            "cause":{"$ref":"#/components/schemas/event"}}}]})"},
    {"events", R"({"type":"object","properties":{
            "events":{"type":"array","items":{"$ref":"#/components/schemas/event"}},
            "next":{"type":"integer","minimum":1,"description":"the next `from`"},
            "head":{"$ref":"#/components/schemas/position"}},
        "required":["events","next","head"],"additionalProperties":false})"},
    {"stream_view", R"({"oneOf":[{"$ref":"#/components/schemas/stream_events"},
        {"$ref":"#/components/schemas/stream_slots"}]})"},
    {"stream_events", R"({"type":"object","properties":{
            "events":{"type":"array","items":{"$ref":"#/components/schemas/event"}},
            "next":{"type":"integer","minimum":1,
                "description":"the next `from`; absent at the end"},
            "known_at":{"$ref":"#/components/schemas/known_at"}},
        "required":["events","known_at"],"additionalProperties":false})"},
    {"stream_slots", R"({"type":"object","properties":{
            "slots":{"type":"array","items":{"$ref":"#/components/schemas/slot"}},
            "next":{"type":"integer","minimum":1,
                "description":"the next `from`; absent at the end"},
            "known_at":{"$ref":"#/components/schemas/known_at"}},
        "required":["slots","known_at"],"additionalProperties":false})"},
    {"known_at", R"({"type":"integer","minimum":0,
        "description":"the position that was used: what the answer knows of"})"},
    {"slot", R"({"type":"object","description":"an event that is or was in the stream, by place",
        "properties":{
            "id":{"$ref":"#/components/schemas/uuid"},
            "stream":{"type":"string"},
            "position":{"$ref":"#/components/schemas/position"},
            "status":{"type":"array","items":{"type":"string","enum":["excluded","left","inserted",
                "arrived","moved","changed"]}},
            "present":{"type":"boolean"},
            "place":{"type":"string"},
            "left_to":{"type":"string","description":"the stream that it went to first"},
            "original":{"$ref":"#/components/schemas/slot_content"},
            "content":{"$ref":"#/components/schemas/slot_content"},
            "origin":{"type":"object","properties":{
                "position":{"$ref":"#/components/schemas/position"},
                "recorded_at":{"$ref":"#/components/schemas/moment"},
                "version":{"$ref":"#/components/schemas/version"},
                "stream":{"type":"string"},
                "commit_last":{"$ref":"#/components/schemas/position"},
                "meta":{"type":"object"},
                "hash":{"type":"string","pattern":"^[0-9a-f]{64}$"}},
                "required":["position","recorded_at","version","stream","meta","hash"],
                "additionalProperties":false},
            "restructures":{"type":"array","items":{"type":"object","properties":{
                "id":{"$ref":"#/components/schemas/uuid"},
                "position":{"$ref":"#/components/schemas/position"},
                "n":{"type":"integer","minimum":0},
                "registers":{"type":"array","items":{"type":"string",
                    "enum":["presence","content","place"]}}},
                "required":["id","position","n","registers"],"additionalProperties":false}}},
        "required":["id","stream","position","status","present","place","original","content",
            "restructures"],"additionalProperties":false})"},
    {"slot_content", R"({"type":"object","properties":{
            "type":{"type":"string"},
            "schema_version":{"type":"integer","minimum":1},
            "payload":{},
            "effective_at":{"$ref":"#/components/schemas/moment"}},
        "required":["type","schema_version","payload","effective_at"],
        "additionalProperties":false})"},
    {"verification", R"({"type":"object","properties":{
            "since":{"$ref":"#/components/schemas/position"},
            "through":{"$ref":"#/components/schemas/position"},
            "events":{"type":"integer","minimum":0},
            "streams":{"type":"integer","minimum":0,"description":"that begin there"},
            "batches":{"type":"integer","minimum":0},
            "differences_count":{"type":"integer","minimum":0},
            "differences":{"type":"array","maxItems":100,"items":{"type":"object","properties":{
                "position":{"type":"integer"},
                "stream":{"type":"string"},
                "what":{"type":"string"},
                "expected":{"type":"string"},
                "found":{"type":"string"}},
                "required":["position","what","expected","found"],
                "additionalProperties":false}},
            "next":{"type":"integer","minimum":1,
                "description":"the next `since`; absent at the end of the log"}},
        "required":["since","through","events","streams","batches","differences_count",
            "differences"],"additionalProperties":false})"},
    {"head", R"({"type":"object","properties":{
            "format":{"type":"string","const":"recount/head/1"},
            "store_id":{"$ref":"#/components/schemas/uuid"},
            "store":{"type":"string"},
            "position":{"$ref":"#/components/schemas/position"},
            "link":{"type":"string","pattern":"^[0-9a-f]{64}$"},
            "hash":{"type":"string","pattern":"^[0-9a-f]{64}$"},
            "recorded_at":{"$ref":"#/components/schemas/moment"},
            "exported_at":{"$ref":"#/components/schemas/moment"}},
        "required":["format","store_id","store","position","link","hash","recorded_at",
            "exported_at"],"additionalProperties":false})"},
    {"categories", R"({"type":"object","properties":{
            "categories":{"type":"array","items":{"type":"object","properties":{
                "category":{"type":"string"},"streams":{"type":"integer"},
                "more":{"const":true}},
                "required":["category","streams"],"additionalProperties":false}}},
        "required":["categories"],"additionalProperties":false})"},
    {"streams", R"({"type":"object","properties":{
            "streams":{"type":"array","items":{"type":"object","properties":{
                "stream":{"type":"string"},
                "version":{"$ref":"#/components/schemas/version"},
                "created_position":{"$ref":"#/components/schemas/position"}},
                "required":["stream","version","created_position"],
                "additionalProperties":false}},
            "next":{"type":"string","description":"the next `after`; absent at the end"}},
        "required":["streams"],"additionalProperties":false})"},
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
    {"schemas", R"({"type":"object","properties":{
            "events":{"$ref":"#/components/schemas/schema_list"},
            "commands":{"$ref":"#/components/schemas/schema_list"},
            "rows":{"$ref":"#/components/schemas/schema_list"}},
        "required":["events","commands","rows"],"additionalProperties":false})"},
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

std::span<named_shape const> shapes() noexcept { return all; }

}  // namespace recount::http
