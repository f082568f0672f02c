// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// POST /verify and GET /heads. A request is answered while it waits, so a verification goes a
// bounded way and says where to go on; the whole log of a large store is for the command line.
#include <algorithm>
#include <mutex>

#include <fmt/core.h>

#include <recount/provenance/verify.hpp>

#include "app/provenance_json.hpp"
#include "http/api_routes.hpp"

namespace recount::http {

namespace {

constexpr std::int64_t verify_events_default = 100'000;
constexpr std::int64_t verify_events_max = 1'000'000;

// It keeps a processor busy: one at a time in a process.
std::unique_lock<std::mutex> verification_turn() {
    static std::mutex one;
    std::unique_lock turn{one, std::try_to_lock};
    if (turn) return turn;
    throw refusal{{.status = 503,
                   .code = "busy",
                   .detail = "another verification is under way",
                   .headers = {{"Retry-After", "1"}}}};
}

}  // namespace

reply verify_log(api_call const& call) {
    auto const stream = call.parameter("stream");
    auto const since = call.number("since", 0);
    auto const limit = call.number("limit", 1);
    if (stream && (since || limit)) {
        throw bad_request("stream: one stream is verified whole, without since and limit");
    }
    auto const turn = verification_turn();
    auto const log = call.app.log().stored();
    provenance::verify_report report;
    if (stream) {
        report = provenance::verify_stream(*log, *stream);
    } else {
        provenance::verify_options options;
        options.since = since.value_or(0);
        options.limit = std::min(limit.value_or(verify_events_default), verify_events_max);
        report = provenance::verify(*log, options);
    }
    std::string list;
    for (auto const& one : report.differences) append_item(list, to_json(one));
    auto body = fmt::format(R"({{"since":{},"through":{},"events":{},"streams":{},"batches":{},)"
                            R"("differences_count":{},"differences":[{}])",
                            report.since, report.through, report.events, report.streams,
                            report.batches, report.differences_count, list);
    if (report.more) body += fmt::format(R"(,"next":{})", report.through);
    return json_reply(body + "}");
}

reply show_heads(api_call const& call) {
    auto const log = call.app.log().stored();
    return json_reply(provenance::to_json(provenance::read_head(*log)));
}

}  // namespace recount::http
