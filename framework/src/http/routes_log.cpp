// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Streams, events and what proves them: their routes, and the shapes of what they answer.
#include "http/route_words.hpp"

namespace recount::http {

namespace {

using namespace route_words;

// --- streams ---

constexpr char const* views =
    R"({"type":"string","enum":["recorded","corrected","annotated"],"default":"corrected"})";
constexpr char const* moment =
    R"({"anyOf":[{"type":"string","format":"date-time"},{"type":"string","format":"date"}]})";
constexpr parameter name_of_stream{"name", "path", text, "a stream, such as account-17"};
constexpr parameter at{"at", "query", whole,
                       "as known at this position; inside a commit, at the end of the one before"};
constexpr parameter as_of{"as_of", "query", moment,
                          "only what had happened by then; a day means to its end, in UTC"};
constexpr parameter streams_parameters[] = {
    {"category", "query", text, "of this category only"},
    {"after", "query", text, "after this name: the `next` of the page before"},
    limit};
constexpr answer streams_answers[] = {
    {200, "streams in order of their names", "streams"}, wrong, not_acceptable, away};
constexpr answer categories_answers[] = {
    {200, "the categories of streams", "categories"}, wrong, not_acceptable, away};
constexpr parameter stream_parameters[] = {
    name_of_stream,
    {"as", "query", views,
     "corrected: what the stream says now; recorded: what was appended to it; annotated: each slot "
     "with what it was and what became of it"},
    at,
    as_of,
    {"from", "query", count,
     "the first entry wanted, counted from 1 in the order of the answer: the `next` of the page "
     "before; to be sure that the stream is not corrected between two pages, with `at`"},
    {"direction", "query", R"({"type":"string","enum":["forward","backward"]})",
     "backward: from the end, or from `from`, to the beginning"},
    limit};
constexpr answer stream_answers[] = {
    {200, "events of the stream; its slots, if it is annotated", "stream_view"}, wrong, unknown,
    not_acceptable, away};
constexpr parameter state_parameters[] = {
    name_of_stream,
    {"version", "query", count, "as of this version of the stream, up to the end of its commit"},
    at,
    as_of};
constexpr answer state_answers[] = {
    {200, "the state; ETag is the version, which a restructure raises, too", "state"}, wrong,
    unknown, not_acceptable, away};

// --- events ---

constexpr char const* forms =
    R"({"type":"string","enum":["recorded","changes","append_only"],"default":"recorded"})";
constexpr parameter events_parameters[] = {
    {"as", "query", forms,
     "recorded: the log as it was recorded; changes: what a restructure ends is retracted, what it "
     "makes is asserted; append_only: for each event that a restructure touched one that says "
     "what has become of it"},
    {"from", "query", count, "the first position wanted: the `next` of the page before"},
    {"category", "query", text, "of streams of this category only"},
    {"type", "query", text, "of this type only"},
    {"stream", "query", text, "of this stream only"},
    {"at", "query", whole,
     "as known at this position; inside a commit, at the end of the one before; not for a live "
     "feed"},
    {"limit", "query", count, "about so many: a commit is not cut in two; not for a live feed"},
    {"Last-Event-ID", "header", mark,
     "a live feed goes on behind the event of this id"}};
constexpr answer events_answers[] = {
    {200, "events in order of position; changes, or events and corrections, in order of `k` and "
          "`ordinal`", "log_page"},
    {200, "events as they come in: `id` is the position, `data` the event; of the other forms `id` "
          "is `k.ordinal`, or `k` with the data {\"mark\":k}", "",
     "text/event-stream"},
    wrong,
    not_acceptable,
    away};
constexpr parameter event_parameters[] = {{"id", "path", uuid_text, "the event's id"}};
constexpr answer event_answers[] = {
    {200, "the event, the command that led to it, and its cause", "event_with_cause"},
    wrong,
    unknown,
    not_acceptable,
    away};

// --- provenance ---

constexpr parameter verify_parameters[] = {
    {"since", "query", whole,
     "what is behind this position: the `next` of the answer before; down to the end of a batch"},
    {"limit", "query", count, "about so many events, to the end of a batch; 100,000 unless said"},
    {"stream", "query", text, "this stream alone, whole"}};
constexpr answer verify_answers[] = {
    {200, "what was looked at, and what is not as it was written", "verification"},
    wrong,
    {404, "no such stream", "problem"},
    not_acceptable,
    {503, "the database does not answer, or another verification is under way; ask again",
     "problem"}};
constexpr answer heads_answers[] = {
    {200, "where the log ends now: a document to keep elsewhere", "head"}, wrong, not_acceptable,
    away};

// --- the table ---

constexpr route routes_here[] = {
    {"GET", "/categories", "list_categories", "log", "the categories of streams", none,
     categories_answers, &list_categories},
    {"GET", "/streams", "list_streams", "log", "streams in order of their names",
     streams_parameters, streams_answers, &list_streams},
    {"GET", "/streams/{name}/events", "read_stream", "log", "the events of a stream",
     stream_parameters, stream_answers, &read_stream},
    {"GET", "/streams/{name}/state", "read_state", "log", "the state of an aggregate",
     state_parameters, state_answers, &read_state},
    {"GET", "/events", "read_events", "log", "events in order of position, or as they come in",
     events_parameters, events_answers, &read_events},
    {"GET", "/events/{id}", "read_event", "log", "one event, with what led to it",
     event_parameters, event_answers, &read_event},
    {"POST", "/verify", "verify", "log", "computes hashes and links anew from what is stored",
     verify_parameters, verify_answers, &verify_log},
    {"GET", "/heads", "heads", "log", "where the log ends, with the link that covers it", none,
     heads_answers, &show_heads},
};

// --- the shapes ---

constexpr named_shape shapes_here[] = {
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
    {"log_page", R"({"anyOf":[{"$ref":"#/components/schemas/events"},
        {"$ref":"#/components/schemas/changes"},{"$ref":"#/components/schemas/corrections"}]})"},
    {"events", R"({"type":"object","properties":{
            "events":{"type":"array","items":{"$ref":"#/components/schemas/event"}},
            "next":{"type":"integer","minimum":1,"description":"the next `from`"},
            "head":{"$ref":"#/components/schemas/position"},
            "known_at":{"$ref":"#/components/schemas/known_at"}},
        "required":["events","next","head","known_at"],"additionalProperties":false})"},
    {"changes", R"({"type":"object","properties":{
            "changes":{"type":"array","items":{"$ref":"#/components/schemas/change"}},
            "next":{"type":"integer","minimum":1,"description":"the next `from`"},
            "head":{"$ref":"#/components/schemas/position"},
            "known_at":{"$ref":"#/components/schemas/known_at"}},
        "required":["changes","next","head","known_at"],"additionalProperties":false})"},
    {"change", R"({"type":"object","description":"(k, ordinal) is its name for ever","properties":{
            "k":{"$ref":"#/components/schemas/position"},
            "ordinal":{"type":"integer","minimum":0},
            "change":{"type":"string","enum":["assert","retract"]},
            "order":{"$ref":"#/components/schemas/order"},
            "event":{"$ref":"#/components/schemas/event"}},
        "required":["k","ordinal","change","order","event"],"additionalProperties":false})"},
    {"order", R"({"type":"string","pattern":"^[0-9a-f]+$",
        "description":"the events of a stream, sorted by it, are in their order"})"},
    {"corrections", R"({"type":"object","properties":{
            "events":{"type":"array","items":{"oneOf":[
                {"type":"object","properties":{
                    "k":{"$ref":"#/components/schemas/position"},
                    "ordinal":{"type":"integer","minimum":0},
                    "event":{"$ref":"#/components/schemas/event"}},
                    "required":["k","ordinal","event"],"additionalProperties":false},
                {"type":"object","properties":{
                    "k":{"$ref":"#/components/schemas/position"},
                    "ordinal":{"type":"integer","minimum":0},
                    "event_corrected":{"$ref":"#/components/schemas/event_corrected"}},
                    "required":["k","ordinal","event_corrected"],
                    "additionalProperties":false}]}},
            "next":{"type":"integer","minimum":1,"description":"the next `from`"},
            "head":{"$ref":"#/components/schemas/position"},
            "known_at":{"$ref":"#/components/schemas/known_at"}},
        "required":["events","next","head","known_at"],"additionalProperties":false})"},
    {"event_corrected", R"({"type":"object","properties":{
            "event":{"$ref":"#/components/schemas/uuid"},
            "stream":{"type":"string"},
            "what":{"type":"array","items":{"type":"string","enum":["inserted","excluded",
                "reinstated","replaced","moved"]}},
            "before":{"$ref":"#/components/schemas/event_in_order"},
            "after":{"$ref":"#/components/schemas/event_in_order"},
            "restructure":{"$ref":"#/components/schemas/uuid"},
            "title":{"type":"string"},"because":{"type":"string"},"by":{"type":"string"},
            "undoes":{"$ref":"#/components/schemas/uuid"},
            "recorded_at":{"$ref":"#/components/schemas/moment"}},
        "required":["event","stream","what","restructure","title","because","recorded_at"],
        "additionalProperties":false})"},
    {"event_in_order", R"({"type":"object","properties":{
            "order":{"$ref":"#/components/schemas/order"},
            "event":{"$ref":"#/components/schemas/event"}},
        "required":["order","event"],"additionalProperties":false})"},
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
};

}  // namespace

api_part log_part() noexcept { return {routes_here, shapes_here}; }

}  // namespace recount::http
