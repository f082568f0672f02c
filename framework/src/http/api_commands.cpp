// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <fmt/format.h>

#include <recount/core/text.hpp>

#include "http/api_routes.hpp"

namespace recount::http {

reply list_commands(api_call const& call) {
    std::string list;
    for (auto const* a : call.app.parts().aggregates) {
        for (auto const& c : a->commands) {
            std::string fields;
            for (auto const& f : c.shape().fields) append_item(fields, json_quoted(f.name));
            append_item(list, fmt::format(R"({{"command":"{0}","aggregate":"{1}","fields":[{2}],)"
                                          R"("href":"{4}/commands/{0}",)"
                                          R"("schema":"/schemas/commands/{0}/{3}"}})",
                                          c.command.name, a->category, fields,
                                          c.command.version, call.base()));
        }
    }
    return json_reply(R"({"commands":[)" + list + "]}");
}

namespace {

void take_key(api_call const& call, command_options& to) {
    if (auto key = call.idempotency_key()) to.identify_by(*std::move(key));
}

struct precondition {
    bool given = false;
    bool exists = false;                 // If-Match: *
    std::optional<version> expected{};
};

// `"7"`, W/"7" or 7; versions of a stream are compared as numbers, so weak and strong are one.
precondition precondition_of(api_call const& call) {
    auto const header = call.header("if-match");
    if (!header) return {};
    if (*header == "*") return {true, true, {}};
    auto text = *header;
    if (text.starts_with("W/")) text.remove_prefix(2);
    bool const quotes = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    if (quotes) text = text.substr(1, text.size() - 2);
    if (text.starts_with('+') || (!quotes && text.size() != header->size())) {
        throw bad_request(fmt::format("If-Match: expected a version such as \"7\", or *, found "
                                      "'{}'",
                                      excerpt(*header)));
    }
    return {true, false, whole_number("If-Match", text, 0)};
}

refusal not_as_expected(problem_details what) {
    what.status = 412;
    return {std::move(what)};
}

// A stream that is there never goes away, so looking first is as good as judging at the append.
void require_stream(api_call const& call, command_call const& command) {
    auto const stream = stream_name::of(command.aggregate->category,
                                        command.command->target(command.object));
    if (!call.app.log().read_stream(stream, {.limit = 1}).events.empty()) return;
    throw not_as_expected(details_of(
        error{conflict_details{stream.str(), expectation::stream_exists().text(), 0}}));
}

// Many clients may want the same stream at once, and each dispatch gives up after a few attempts.
outcome dispatch_contended(application& app, command_call const& command) {
    constexpr int dispatches_max = 8;
    for (int dispatched = 1;; ++dispatched) {
        try {
            return app.dispatch(command);
        } catch (error const& failure) {
            bool const again = failure.code() == errc::conflict && !command.options.expected;
            if (!again || dispatched == dispatches_max) throw;
        }
    }
}

outcome dispatch(api_call const& call, command_call const& command, precondition const& wanted) {
    if (wanted.exists) require_stream(call, command);
    try {
        return dispatch_contended(call.app, command);
    } catch (error const& failure) {
        auto what = details_of(failure);
        if (failure.code() == errc::conflict && wanted.given) {
            throw not_as_expected(std::move(what));
        }
        // The body was read; JSON that is wrong now stands in the log, and is nobody's request.
        if (failure.code() == errc::invalid_json) what.status = 500;
        throw refusal{std::move(what)};
    }
}

}  // namespace

reply send_command(api_call const& call) {
    auto const& descriptor = call.app.command(call.places.front());
    call.require_json_body();
    command_options options;
    take_key(call, options);
    options.actor = call.actor();
    auto const wanted = precondition_of(call);
    options.expected = wanted.expected;
    options.correlation = call.uuid_header("correlation-id");
    options.causation = call.uuid_header("causation-id");
    auto const object = descriptor.create();
    describe::read_json(call.asked.body, descriptor.shape(), object.get());
    auto const done = dispatch(
        call, call.app.call(descriptor.command.name, object.get(), std::move(options)), wanted);
    if (!done) {
        auto const& no = done.rejected();
        throw refusal{{.status = 422,
                       .code = no.code,
                       .detail = no.text,
                       .members = {{"accepted", "false"}}}};
    }
    return json_reply(to_json(done.value()), {{"ETag", etag_of(done.value().version)}});
}

}  // namespace recount::http
