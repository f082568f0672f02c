// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Corrections of history, proposals and seals: their routes, and the shapes of what they
// take and answer.
#include "http/route_words.hpp"

namespace recount::http {

namespace {

using namespace route_words;

// --- restructures ---

constexpr answer plan_refused{422,
                              "refused: `problems` says why, step by step; or `invariants`, what "
                              "it breaks and does not acknowledge",
                              "refused_plan"};
;
constexpr answer preview_answers[] = {
    {200, "what it would do; ETag is its hash", "restructure_preview"},
    wrong,
    not_acceptable,
    too_large,
    not_json,
    plan_refused,
    away};
constexpr parameter previewed{"If-Match", "header", text,
                              "the ETag of the preview: only what was previewed"};
constexpr parameter apply_parameters[] = {command_key, previewed, correlation, causation};
constexpr answer apply_answers[] = {
    {200, "history is corrected", "restructured"},
    wrong,
    {404, "undo: there is no such restructure", "problem"},
    not_acceptable,
    {409, "the key is taken, or the streams would not stand still", "problem"},
    {412, "it is not what was previewed any more", "problem"},
    too_large,
    not_json,
    plan_refused,
    away};
constexpr parameter restructures_parameters[] = {
    {"after", "query", whole, "after this position: the `next` of the page before"},
    limit};
constexpr answer restructures_answers[] = {
    {200, "restructures, oldest first", "restructures"}, wrong, not_acceptable, away};
constexpr parameter restructure_parameters[] = {{"id", "path", uuid_text, "the restructure's id"}};
constexpr answer restructure_answers[] = {
    {200, "the restructure, with its operations", "restructure"}, wrong, unknown, not_acceptable,
    away};
constexpr parameter undo_parameters[] = {
    {"id", "path", uuid_text, "the restructure to undo"}, command_key, previewed, correlation,
    causation};

// --- proposals ---

constexpr parameter propose_parameters[] = {command_key, previewed};
constexpr answer propose_answers[] = {
    {200, "it is kept for somebody else to approve; nothing is corrected", "proposal"},
    wrong,
    not_acceptable,
    {409, "the key is taken by another proposal", "problem"},
    {412, "it is not what was previewed any more", "problem"},
    too_large,
    not_json,
    plan_refused,
    away};
constexpr parameter proposals_parameters[] = {
    {"state", "query", R"({"type":"string","enum":["open","all"],"default":"all"})",
     "open: only those that nobody has decided"},
    {"after", "query", uuid_text, "after the proposal of this id: the `next` of the page before"},
    limit};
constexpr answer proposals_answers[] = {
    {200, "proposals by id: oldest first, but for those made under a key", "proposals"},
    wrong,
    not_acceptable,
    away};
constexpr parameter proposal_parameters[] = {{"id", "path", uuid_text, "the proposal's id"}};
constexpr answer proposal_answers[] = {
    {200, "the proposal, with its plan", "proposal"}, wrong, unknown, not_acceptable, away};
constexpr answer decided{409,
                         "`already_decided`: it was rejected, or approved, before; `outdated`: "
                         "what it corrects is another by now, propose it anew",
                         "problem"};
constexpr parameter approve_parameters[] = {
    {"id", "path", uuid_text, "the proposal's id"},
    correlation};
constexpr answer approve_answers[] = {
    {200, "history is corrected; to approve again has the first answer", "restructured"},
    wrong,
    unknown,
    not_acceptable,
    decided,
    too_large,
    not_json,
    {422, "`own_proposal`: who proposed it cannot approve it; or the plan is refused by now",
     "refused_plan"},
    away};
constexpr answer reject_answers[] = {
    {200, "the proposal; to reject again has no effect", "proposal"}, wrong, unknown,
    not_acceptable, decided, too_large, not_json, away};

// --- seals ---

constexpr answer seals_answers[] = {
    {200, "what was closed and opened, oldest first", "seals"}, wrong, not_acceptable, away};
constexpr answer seal_answers[] = {
    {200, "the seal", "seal"}, wrong, not_acceptable, too_large, not_json, away};

// --- the table ---

constexpr route routes_here[] = {
    {"POST", "/restructures/preview", "preview_restructure", "restructures",
     "what a correction of history would do; writes nothing", none, preview_answers,
     &preview_restructure, route::expansion::none, "plan"},
    {"POST", "/restructures", "apply_restructure", "restructures", "corrects history by a plan",
     apply_parameters, apply_answers, &apply_restructure, route::expansion::none, "plan"},
    {"GET", "/restructures", "list_restructures", "restructures",
     "the corrections of history, oldest first", restructures_parameters, restructures_answers,
     &list_restructures},
    {"GET", "/restructures/{id}", "read_restructure", "restructures", "one correction of history",
     restructure_parameters, restructure_answers, &read_restructure},
    {"POST", "/restructures/{id}/undo", "undo_restructure", "restructures",
     "gives back what a correction changed", undo_parameters, apply_answers, &undo_restructure,
     route::expansion::none, "undo"},
    {"POST", "/proposals", "propose", "restructures",
     "previews a plan, and keeps it for somebody else to approve", propose_parameters,
     propose_answers, &make_proposal, route::expansion::none, "plan"},
    {"GET", "/proposals", "list_proposals", "restructures", "the corrections that were proposed",
     proposals_parameters, proposals_answers, &list_proposals},
    {"GET", "/proposals/{id}", "read_proposal", "restructures", "one proposal",
     proposal_parameters, proposal_answers, &read_proposal},
    {"POST", "/proposals/{id}/approve", "approve", "restructures",
     "corrects history by what was proposed, as it was previewed", approve_parameters,
     approve_answers, &approve_proposal, route::expansion::none, "approval"},
    {"POST", "/proposals/{id}/reject", "reject", "restructures",
     "decides that a proposal is not applied", proposal_parameters, reject_answers,
     &reject_proposal, route::expansion::none, "rejection_of_a_proposal"},
    {"GET", "/seals", "list_seals", "seals", "the periods that were closed and opened", none,
     seals_answers, &list_seals},
    {"POST", "/seals", "seal", "seals", "closes a period, or opens it again", none, seal_answers,
     &make_seal, route::expansion::none, "new_seal"},
};

// --- the shapes ---

constexpr named_shape shapes_here[] = {
    {"plan", R"({"type":"object",
        "description":"a correction, as docs/reference/restructure.md says",
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
            "because":{"type":"string","minLength":1},"by":{"type":"string"},
            "acknowledged":{"type":"array","items":{"type":"string"}}},
        "required":["because"],"additionalProperties":false})"},
    {"rejection_of_a_proposal", R"({"type":"object","properties":{
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
            "sagas":{"type":"array","items":{"type":"object","properties":{
                "saga":{"type":"string"},"instance":{"type":"string"},
                "outputs":{"type":"array","items":{"type":"object","properties":{
                    "resolution":{"type":"string","enum":["withdrawn","compensated","dispatched",
                        "reissued","amended","diverged"]},
                    "did":{},"should":{}},
                    "required":["resolution","did","should"],"additionalProperties":false}},
                "sends":{"type":"array","items":{"type":"string"}},
                "problem":{"type":"string"}},
                "required":["saga","instance","outputs","sends"],"additionalProperties":false}},
            "unacknowledged":{"type":"array","items":{"type":"string"},
                "description":"invariants that the plan has to acknowledge"},
            "anchored_there":{"type":"array","items":{"$ref":"#/components/schemas/uuid"}}},
        "required":["hash","as_of","title","because","evidence","acknowledged","ops","streams",
            "projections","sagas","unacknowledged","anchored_there"],
        "additionalProperties":false})"},
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
    {"proposal", R"({"type":"object","properties":{
            "proposal":{"$ref":"#/components/schemas/uuid"},
            "title":{"type":"string"},"because":{"type":"string"},
            "state":{"type":"string","enum":["open","approved","rejected"]},
            "preview":{"type":"string","pattern":"^[0-9a-f]{64}$"},
            "position":{"$ref":"#/components/schemas/position"},
            "proposed_by":{"type":"string"},
            "proposed_at":{"$ref":"#/components/schemas/moment"},
            "decided_by":{"type":"string"},
            "decided_at":{"$ref":"#/components/schemas/moment"},
            "restructure":{"$ref":"#/components/schemas/uuid"},
            "own":{"const":true,"description":"approved by who proposed it"},
            "reason":{"type":"string","description":"why it was rejected"},
            "plan":{"$ref":"#/components/schemas/plan"}},
        "required":["proposal","title","because","state","preview","position","proposed_by",
            "proposed_at"],"additionalProperties":false})"},
    {"proposals", R"({"type":"object","properties":{
            "proposals":{"type":"array","items":{"$ref":"#/components/schemas/proposal"}},
            "next":{"$ref":"#/components/schemas/uuid"}},
        "required":["proposals"],"additionalProperties":false})"},
    {"approval", R"({"type":"object","properties":{
            "by":{"type":"string"},
            "own":{"type":"boolean","description":"who proposed it approves it; recorded"}},
        "additionalProperties":false})"},
    {"new_seal", R"({"type":"object","description":"category and until, or open; or through",
        "properties":{
            "category":{"type":"string"},
            "until":{"type":"string","description":"a day, to its end, or a moment"},
            "open":{"type":"boolean","description":"all of the category is open again"},
            "through":{"type":"integer","minimum":0,"description":"0: no position is closed"},
            "because":{"type":"string","minLength":1},"by":{"type":"string"}},
        "required":["because"],"additionalProperties":false})"},
    {"seal", R"({"type":"object","properties":{
            "category":{"type":"string"},
            "until":{"$ref":"#/components/schemas/moment"},
            "through":{"$ref":"#/components/schemas/position"},
            "by":{"type":"string"},"because":{"type":"string"},
            "sealed_at":{"$ref":"#/components/schemas/moment"},
            "head":{"$ref":"#/components/schemas/position"}},
        "required":["by","because","sealed_at","head"],"additionalProperties":false})"},
    {"seals", R"({"type":"object","properties":{
            "seals":{"type":"array","items":{"$ref":"#/components/schemas/seal"}}},
        "required":["seals"],"additionalProperties":false})"},
};

}  // namespace

api_part restructures_part() noexcept { return {routes_here, shapes_here}; }

}  // namespace recount::http
