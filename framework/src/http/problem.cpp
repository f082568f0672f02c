// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/http/problem.hpp>

#include <fmt/core.h>

namespace recount::http {

namespace {

void member(std::string& to, std::string_view name, std::string_view value) {
    to += ',';
    describe::append_quoted(to, name);
    to += ':';
    describe::append_quoted(to, value);
}

int status_of(errc code) noexcept {
    switch (code) {
        case errc::invalid_argument:
        case errc::invalid_json: return 400;
        case errc::not_found: return 404;
        case errc::conflict:
        case errc::command_id_taken: return 409;
        case errc::limit_exceeded: return 413;
        case errc::refused:
        case errc::out_of_range: return 422;
        case errc::database_unreachable:
        case errc::timed_out:
        case errc::in_doubt:
        case errc::fenced:
        case errc::stopped: return 503;
        case errc::unknown_type:
        case errc::corrupted:
        case errc::database_failed: return 500;
    }
    return 500;
}

std::string json_quoted(std::string_view text) {
    std::string made;
    describe::append_quoted(made, text);
    return made;
}

}  // namespace

response problem(problem_details const& what) {
    response made{what.status, "application/problem+json", what.headers, {}};
    made.body = R"({"type":"about:blank")";
    member(made.body, "title", reason_of(what.status));
    made.body += fmt::format(R"(,"status":{})", what.status);
    if (!what.code.empty()) member(made.body, "code", what.code);
    if (!what.detail.empty()) member(made.body, "detail", what.detail);
    if (!what.instance.empty()) member(made.body, "instance", what.instance);
    for (auto const& [name, json] : what.members) {
        made.body += ',';
        describe::append_quoted(made.body, name);
        made.body += ':' + json;
    }
    made.body += '}';
    return made;
}

problem_details details_of(error const& failure) {
    problem_details what{.status = status_of(failure.code()),
                         .code = std::string{to_string(failure.code())},
                         .detail = failure.what()};
    if (failure.code() == errc::database_failed && failure.retryable()) what.status = 503;
    if (what.status == 503) what.headers.emplace_back("Retry-After", "1");
    if (auto const& found = failure.conflict()) {
        what.members = {{"stream", json_quoted(found->stream)},
                        {"expected", json_quoted(found->expected)},
                        {"version", std::to_string(found->actual_version)}};
    }
    return what;
}

response problem(error const& failure) { return problem(details_of(failure)); }

std::string_view reason_of(int status) noexcept {
    switch (status) {
        case 200: return "OK";
        case 400: return "Bad Request";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 421: return "Misdirected Request";
        case 422: return "Unprocessable Content";
        case 425: return "Too Early";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 503: return "Service Unavailable";
        case 505: return "HTTP Version Not Supported";
        default: return "Unknown";
    }
}

}  // namespace recount::http
