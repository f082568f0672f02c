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
    {"stream_events", R"({"type":"object","properties":{
            "events":{"type":"array","items":{"$ref":"#/components/schemas/event"}},
            "next":{"type":"integer","minimum":1,
                "description":"the next `from`; absent at the end"},
            "as_of":{"$ref":"#/components/schemas/position"}},
        "required":["events","as_of"],"additionalProperties":false})"},
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
    {"plan", R"({"type":"object","description":"a correction, as docs/reference/restructure.md says",
        "properties":{
            "title":{"type":"string"},"because":{"type":"string"},"by":{"type":"string"},
            "evidence":{"type":"array","items":{"type":"string"}},
            "acknowledged":{"type":"array","items":{"type":"string"}},
            "ops":{"type":"array","items":{"type":"object","properties":{
                "op":{"type":"string","enum":["exclude","replace","insert","move","reinstate",
                    "undo","redate","split","merge","dedupe","revert_causation","exclude_all"]}},
                "required":["op"]}}},
        "required":["title","because","ops"],"additionalProperties":false})"},
    {"undo", R"({"type":"object","properties":{
            "because":{"type":"string","minLength":1},"by":{"type":"string"}},
        "required":["because"],"additionalProperties":false})"},
    {"refused_plan", R"({"allOf":[{"$ref":"#/components/schemas/problem"},
        {"type":"object","properties":{
            "problems":{"type":"array","items":{"type":"object","properties":{
                "code":{"type":"string"},
                "step":{"type":"integer","minimum":0,
                    "description":"of the plan; absent: the plan as a whole"},
                "detail":{"type":"string"},
                "concerning":{"type":"array","items":{"$ref":"#/components/schemas/uuid"}}},
                "required":["code","detail"],"additionalProperties":false}},
            "invariants":{"type":"array","items":{"type":"string"}}}}]})"},
    {"slot_line", R"({"type":"object","description":"an event, or a number of them left out",
        "properties":{
            "mark":{"type":"string","enum":["kept","struck","changed","moved","left","arrived",
                "inserted"]},
            "event":{"$ref":"#/components/schemas/uuid"},
            "type":{"type":"string"},
            "schema_version":{"type":"integer","minimum":1},
            "effective_at":{"$ref":"#/components/schemas/moment"},
            "payload":{},
            "elsewhere":{"type":"string","description":"the stream it goes to or comes from"},
            "omitted":{"type":"integer","minimum":1}},
        "required":["mark"],"additionalProperties":false})"},
    {"touched_stream", R"({"type":"object","properties":{
            "stream":{"type":"string"},
            "version":{"type":"integer","minimum":0},
            "before":{"type":"array","items":{"$ref":"#/components/schemas/slot_line"}},
            "after":{"type":"array","items":{"$ref":"#/components/schemas/slot_line"}},
            "state":{"type":"object","properties":{
                "before":{},"after":{},
                "differences":{"type":"array","items":{"type":"object","properties":{
                    "field":{"type":"string"},"before":{},"after":{}},
                    "required":["field","before","after"],"additionalProperties":false}},
                "problem":{"type":"string"}},
                "required":["before","after","differences"],"additionalProperties":false},
            "invariants":{"type":"array","items":{"type":"object","properties":{
                "name":{"type":"string"},
                "broken_before_at":{"$ref":"#/components/schemas/uuid"},
                "broken_after_at":{"$ref":"#/components/schemas/uuid"},
                "newly_broken":{"type":"boolean"},"acknowledged":{"type":"boolean"}},
                "required":["name","newly_broken","acknowledged"],
                "additionalProperties":false}},
            "refused_commands":{"type":"array","items":{"type":"object","properties":{
                "command":{"$ref":"#/components/schemas/uuid"},
                "name":{"type":"string"},"payload":{},
                "code":{"type":"string"},"text":{"type":"string"}},
                "required":["command","name","payload","code"],"additionalProperties":false}},
            "unknown_commands":{"type":"integer","minimum":0}},
        "required":["stream","version","before","after","invariants","refused_commands",
            "unknown_commands"],"additionalProperties":false})"},
    {"restructure_preview", R"({"type":"object","properties":{
            "hash":{"type":"string","pattern":"^[0-9a-f]{64}$"},
            "as_of":{"$ref":"#/components/schemas/position"},
            "title":{"type":"string"},"because":{"type":"string"},
            "evidence":{"type":"array","items":{"type":"string"}},
            "acknowledged":{"type":"array","items":{"type":"string"}},
            "undoes":{"$ref":"#/components/schemas/uuid"},
            "ops":{"type":"array","items":{"type":"object"}},
            "streams":{"type":"array","items":{"$ref":"#/components/schemas/touched_stream"}},
            "projections":{"type":"array","items":{"type":"object","properties":{
                "projection":{"type":"string"},"version":{"type":"integer","minimum":1},
                "behind":{"type":"integer","minimum":0,
                    "description":"if more than 0, its rows cannot be told yet"},
                "rows":{"type":"array","items":{"type":"object","properties":{
                    "before":{},"after":{}},
                    "required":["before","after"],"additionalProperties":false}},
                "problem":{"type":"string"}},
                "required":["projection","version","behind","rows"],
                "additionalProperties":false}},
            "unacknowledged":{"type":"array","items":{"type":"string"},
                "description":"invariants that the plan has to acknowledge"},
            "anchored_there":{"type":"array","items":{"$ref":"#/components/schemas/uuid"}}},
        "required":["hash","as_of","title","because","evidence","acknowledged","ops","streams",
            "projections","unacknowledged","anchored_there"],"additionalProperties":false})"},
    {"restructured", R"({"type":"object","properties":{
            "restructure":{"$ref":"#/components/schemas/uuid"},
            "title":{"type":"string"},
            "position":{"$ref":"#/components/schemas/position"},
            "token":{"type":"string","description":"for $at_least"},
            "streams":{"type":"array","items":{"type":"string"}},
            "inserted":{"type":"array","items":{"$ref":"#/components/schemas/uuid"}},
            "repeated":{"type":"boolean","description":"known before: the first answer"}},
        "required":["restructure","title","position","token","streams","inserted","repeated"],
        "additionalProperties":false})"},
    {"restructure", R"({"type":"object","properties":{
            "restructure":{"$ref":"#/components/schemas/uuid"},
            "title":{"type":"string"},"because":{"type":"string"},
            "position":{"$ref":"#/components/schemas/position"},
            "recorded_at":{"$ref":"#/components/schemas/moment"},
            "actor":{"type":"string"},
            "streams":{"type":"array","items":{"type":"string"}},
            "operations":{"type":"integer","minimum":0},
            "undoes":{"$ref":"#/components/schemas/uuid"},
            "undone_by":{"$ref":"#/components/schemas/uuid"},
            "evidence":{"type":"array","items":{"type":"string"}},
            "preview":{"type":"string"},
            "acknowledged":{"type":"array","items":{"type":"string"}},
            "ops":{"type":"array","items":{"type":"object"}}},
        "required":["restructure","title","because","position","recorded_at","streams",
            "operations"],"additionalProperties":false})"},
    {"restructures", R"({"type":"object","properties":{
            "restructures":{"type":"array","items":{"$ref":"#/components/schemas/restructure"}},
            "next":{"type":"integer","minimum":1,"description":"the next `after`"}},
        "required":["restructures"],"additionalProperties":false})"},
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
