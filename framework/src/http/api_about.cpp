// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <algorithm>

#include <fmt/format.h>

#include <recount/core/metrics.hpp>
#include <recount/core/text.hpp>
#include <recount/describe/json_schema.hpp>

#include "app/schema_list.hpp"
#include "http/api_routes.hpp"

namespace recount::http {

reply show_index(api_call const& call) {
    auto const title = json_quoted(call.options.title);
    auto const version = json_quoted(call.options.version);
    auto const base = call.base();
    if (!base.empty() && call.asked.path.empty()) {
        std::string stores;
        for (auto const& name : call.options.stores) {
            append_item(stores, fmt::format(R"({{"store":"{0}","href":"/stores/{0}"}})", name));
        }
        return json_reply(
            fmt::format(R"({{"title":{},"version":{},"stores":[{}]}})", title, version, stores));
    }
    std::string links;
    for (auto const& one : routes()) {
        if (one.method != "GET" || one.pattern == "/") continue;
        bool const templated = one.pattern.find('{') != std::string_view::npos;
        append_item(links, fmt::format(R"("{}":{{"href":"{}{}"{}}})", one.id, base, one.pattern,
                                       templated ? R"(,"templated":true)" : ""));
    }
    return json_reply(fmt::format(R"({{"title":{},"version":{},"store":"{}","links":{{{}}}}})",
                                  title, version, call.app.log().store_name(), links));
}

reply show_health(api_call const& /*call*/) { return json_reply(R"({"status":"ok"})"); }

// The database is asked, not remembered. What stands still is named.
reply show_readiness(api_call const& call) {
    std::string wrong;
    std::string list;
    auto const complain = [&](std::string_view what, std::string_view sentence) {
        append_item(wrong, fmt::format(R"({{"what":{},"sentence":{}}})", json_quoted(what),
                                       json_quoted(sentence)));
    };
    try {
        auto const head = call.app.log().head().position;
        for (auto const* p : call.app.parts().projections) {
            auto const at = call.app.row_tables().read_checkpoint(*p, table_build::live).position;
            append_item(list, fmt::format(R"({{"projection":"{}","position":{},"behind":{}}})",
                                          p->name, at, std::max<position>(head - at, 0)));
        }
    } catch (error const& failure) {
        complain("database", failure.what());
    }
    if (call.options.followers != nullptr) {
        for (auto const& failed : call.options.followers->failures()) {
            complain(failed.projection, failed.sentence);
        }
    }
    if (call.options.sagas != nullptr) {
        for (auto const& failed : call.options.sagas->failures()) {
            complain(failed.saga, failed.sentence);
        }
    }
    if (call.options.effects != nullptr) {
        if (auto const sentence = call.options.effects->failure(); !sentence.empty()) {
            complain("effects", sentence);
        }
    }
    if (wrong.empty()) {
        return json_reply(R"({"status":"ready","projections":[)" + list + "]}");
    }
    throw refusal{{.status = 503,
                   .code = "not_ready",
                   .detail = "the database does not answer, or a projection or a saga stands "
                             "still",
                   .members = {{"problems", "[" + wrong + "]"}},
                   .headers = {{"Retry-After", "5"}}}};
}

reply list_schemas(api_call const& call) {
    std::string body;
    for (auto const kind : schema_kinds) {
        std::string list;
        for (auto const& s : schemas_of(call.app.parts(), kind)) {
            append_item(list, fmt::format(R"({{"name":"{0}","version":{1},)"
                                          R"("href":"/schemas/{2}/{0}/{1}"}})",
                                          s.name, s.version, kind));
        }
        append_item(body, fmt::format(R"("{}":[{}])", kind, list));
    }
    return json_reply("{" + body + "}");
}

reply read_schema(api_call const& call) {
    auto const kind = call.places[0];
    if (std::find(std::begin(schema_kinds), std::end(schema_kinds), kind) ==
        std::end(schema_kinds)) {
        throw error{errc::not_found,
                    fmt::format("no schemas of '{}'; there are: {}", excerpt(kind),
                                fmt::join(schema_kinds, ", "))};
    }
    for (auto const& s : schemas_of(call.app.parts(), kind)) {
        if (s.name != call.places[1] || std::to_string(s.version) != call.places[2]) continue;
        return response{.content_type = "application/schema+json",
                        .body = describe::json_schema(*s.shape, schema_id(kind, s))};
    }
    throw error{errc::not_found,
                fmt::format("no schema of {} '{}' version {}; GET /schemas lists those there are",
                            kind, excerpt(call.places[1]), excerpt(call.places[2]))};
}

reply show_metrics(api_call const& call) {
    call.sagas.refresh();
    return response{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                    .body = metrics::prometheus()};
}

reply show_openapi(api_call const& call) {
    auto const& options = call.options;
    return json_reply(
        openapi(call.app.parts(), options.title, options.version, options.stores));
}

}  // namespace recount::http
