// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/api_routes.hpp"

#include <algorithm>

namespace recount::http {

namespace {

using parameter = route_parameter;
using answer = route_answer;

// --- schemas of parameters ---

constexpr char const* text = R"({"type":"string"})";
constexpr char const* count = R"({"type":"integer","minimum":1})";
constexpr char const* whole = R"({"type":"integer","minimum":0})";
constexpr char const* uuid_text = R"({"type":"string","format":"uuid"})";
constexpr char const* forms =
    R"({"type":"string","enum":["recorded","changes","append_only"],"default":"recorded"})";
constexpr char const* views =
    R"({"type":"string","enum":["recorded","corrected","annotated"],"default":"corrected"})";
constexpr char const* moment =
    R"({"anyOf":[{"type":"string","format":"date-time"},{"type":"string","format":"date"}]})";

constexpr parameter name_of_stream{"name", "path", text, "a stream, such as account-17"};
constexpr parameter at{"at", "query", whole,
                       "as known at this position; inside a commit, at the end of the one before"};
constexpr parameter as_of{"as_of", "query", moment,
                          "only what had happened by then; a day means to its end, in UTC"};

// --- answers that several routes have ---

constexpr answer wrong{400, "a parameter, a header or the body is wrong", "problem"};
constexpr answer unknown{404, "there is no such thing", "problem"};
constexpr answer not_acceptable{406, "none of the media types asked for", "problem"};
constexpr answer away{503, "the database does not answer; ask again", "problem"};

// --- commands ---

constexpr parameter send_parameters[] = {
    {"name", "path", text, "a command, such as account.deposit"},
    {"Idempotency-Key", "header", R"({"type":"string","minLength":1,"maxLength":255})",
     "the same key again has the first answer; a UUID with its low 16 bits zero is the id itself"},
    {"If-Match", "header", text,
     "the version that the command's stream must be at, such as \"7\" (\"0\": no stream), or *"},
    {"Correlation-Id", "header", uuid_text, "the conversation it belongs to"},
    {"Causation-Id", "header", uuid_text, "the event or command that led to it"}};
constexpr answer send_answers[] = {
    {200, "accepted; ETag is the version of its stream", "outcome"},
    wrong,
    {404, "no such command", "problem"},
    not_acceptable,
    {409, "the key is taken by another command, or the stream would not stand still", "problem"},
    {412, "the stream is not as If-Match says", "problem"},
    {413, "the body is too large", "problem"},
    {415, "the body is no JSON", "problem"},
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
    {"Last-Event-ID", "header", R"({"type":"string","pattern":"^[0-9]+(\\.[0-9]+)?$"})",
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

// --- streams ---

constexpr parameter streams_parameters[] = {
    {"category", "query", text, "of this category only"},
    {"after", "query", text, "after this name: the `next` of the page before"},
    {"limit", "query", count, "at most so many"}};
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
    {"limit", "query", count, "at most so many"}};
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
    {"Last-Event-ID", "header", R"({"type":"string","pattern":"^[0-9]+(\\.[0-9]+)?$"})",
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

// --- restructures ---

constexpr answer plan_refused{422,
                              "refused: `problems` says why, step by step; or `invariants`, what "
                              "it breaks and does not acknowledge",
                              "refused_plan"};
constexpr answer too_large{413, "the body is too large", "problem"};
constexpr answer not_json{415, "the body is no JSON", "problem"};
constexpr answer preview_answers[] = {
    {200, "what it would do; ETag is its hash", "restructure_preview"},
    wrong,
    not_acceptable,
    too_large,
    not_json,
    plan_refused,
    away};
constexpr parameter key_of_restructure{
    "Idempotency-Key", "header", R"({"type":"string","minLength":1,"maxLength":255})",
    "the same key again has the first answer; a UUID with its low 16 bits zero is the id itself"};
constexpr parameter previewed{"If-Match", "header", text,
                              "the ETag of the preview: only what was previewed"};
constexpr parameter apply_parameters[] = {
    key_of_restructure,
    previewed,
    {"Correlation-Id", "header", uuid_text, "the conversation it belongs to"},
    {"Causation-Id", "header", uuid_text, "the event or command that led to it"}};
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
    {"limit", "query", count, "at most so many"}};
constexpr answer restructures_answers[] = {
    {200, "restructures, oldest first", "restructures"}, wrong, not_acceptable, away};
constexpr parameter restructure_parameters[] = {{"id", "path", uuid_text, "the restructure's id"}};
constexpr answer restructure_answers[] = {
    {200, "the restructure, with its operations", "restructure"}, wrong, unknown, not_acceptable,
    away};
constexpr parameter undo_parameters[] = {
    {"id", "path", uuid_text, "the restructure to undo"}, key_of_restructure, previewed,
    {"Correlation-Id", "header", uuid_text, "the conversation it belongs to"},
    {"Causation-Id", "header", uuid_text, "the event or command that led to it"}};

// --- proposals ---

constexpr parameter propose_parameters[] = {key_of_restructure, previewed};
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
    {"limit", "query", count, "at most so many"}};
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
    {"Correlation-Id", "header", uuid_text, "the conversation it belongs to"}};
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

// --- sagas ---

constexpr answer sagas_answers[] = {
    {200, "the sagas and reactors of the application", "sagas"}, wrong, not_acceptable};
constexpr parameter saga_name{"name", "path", text, "the saga's name"};
constexpr parameter instances_parameters[] = {
    saga_name,
    {"status", "query", R"({"type":"string","enum":["running","parked","diverged","ended"]})",
     "parked: something went wrong, its inputs wait"},
    {"after", "query", text, "after this instance: the `next` of the page before"},
    {"limit", "query", count, "at most so many"}};
constexpr answer instances_answers[] = {
    {200, "instances in order of their ids", "instances"}, wrong, unknown, not_acceptable, away};
constexpr parameter instance_parameters[] = {saga_name,
                                             {"instance", "path", text, "the instance's id"}};
constexpr answer instance_answers[] = {
    {200, "what it saw, and what it made of it", "instance_steps"},
    wrong,
    unknown,
    not_acceptable,
    away};
constexpr parameter saga_act_parameters[] = {
    saga_name,
    {"instance", "path", text, "the instance's id"},
    {"Idempotency-Key", "header", text, "any text: the same act is done once"}};
constexpr answer saga_act_answers[] = {
    {200, "it is recorded; the saga takes it up when it runs", "saga_act_done"},
    wrong,
    unknown,
    not_acceptable,
    {409, "it is not parked, has ended, has not diverged, or moved on meanwhile", "problem"},
    not_json,
    away};

constexpr parameter divergences_parameters[] = {
    {"saga", "query", text, "of this saga or reactor"}};
constexpr answer divergences_answers[] = {
    {200, "instances that have diverged, with what they did and should have done", "divergences"},
    wrong,
    not_acceptable,
    away};

// --- outbox and timers ---

constexpr parameter of_saga{"saga", "query", text, "of this saga or reactor"};
constexpr parameter outbox_parameters[] = {
    {"status", "query", R"({"type":"string","enum":["waiting","done","dead","withdrawn"]})",
     "done: effects that were sent; dead: given up; withdrawn: never sent"},
    {"kind", "query", R"({"type":"string","enum":["command","effect"]})", "of this kind"},
    of_saga,
    {"instance", "query", text, "of this instance"},
    {"after", "query", whole, "after this number: the `next` of the page before"},
    {"limit", "query", count, "at most so many"}};
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
    {"limit", "query", count, "at most so many"}};
constexpr answer timers_answers[] = {
    {200, "timers as they come due", "timers"}, wrong, not_acceptable, away};

// --- about ---

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

constexpr std::span<parameter const> none{};

constexpr route table[] = {
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

}  // namespace

std::span<route const> routes() noexcept { return table; }

bool route::has_parameter(std::string_view name) const noexcept {
    return std::any_of(parameters.begin(), parameters.end(),
                       [&](auto const& one) { return one.in == "query" && one.name == name; });
}

}  // namespace recount::http
