// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "connection_string.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>

#include <fmt/format.h>
#include <libpq-fe.h>

namespace recount::postgres::detail {
namespace {

using settings = std::map<std::string, std::string, std::less<>>;

settings parsed(std::string const& url) {
    char* reason = nullptr;
    std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> const options{
        PQconninfoParse(url.c_str(), &reason), &PQconninfoFree};
    if (options == nullptr) {
        // libpq quotes the URL, password and all, in its reason: it must not reach a log.
        PQfreemem(reason);
        throw error{errc::invalid_argument,
                    "the database URL is neither a postgresql:// URI nor a list of key=value"};
    }
    settings found;
    for (auto const* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr) found.emplace(option->keyword, option->val);
    }
    return found;
}

std::string joined(settings const& all) {
    std::string text;
    for (auto const& [keyword, value] : all) {
        if (!text.empty()) text += ' ';
        text += keyword;
        text += "='";
        for (char const c : value) {
            if (c == '\'' || c == '\\') text += '\\';
            text += c;
        }
        text += '\'';
    }
    return text;
}

// What the caller's URL or environment says of the server's settings.
std::string own_options(settings const& given) {
    if (auto const own = given.find("options"); own != given.end()) return own->second;
    // libpq reads it only if `options` is not given.
    char const* const environment = std::getenv("PGOPTIONS");
    return environment == nullptr ? std::string{} : environment;
}

// The last -c wins. So: our timeouts and no compilation of statements, what the caller's URL says
// about them, and then the text forms that decoding relies on, which nobody may change.
std::string server_options(settings const& given, session_options const& options) {
    std::string text = fmt::format(
        "-c statement_timeout={} -c lock_timeout={} -c idle_in_transaction_session_timeout={}"
        " -c jit=off",  // what is estimated dear is a few rows of a large log
        options.statement_timeout.count(), options.lock_timeout.count(),
        options.idle_in_transaction_timeout.count());
    if (auto const own = own_options(given); !own.empty()) text += ' ' + own;
    text +=
        " -c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=iso_8601 -c bytea_output=hex"
        " -c extra_float_digits=1 -c standard_conforming_strings=on"
        " -c default_transaction_isolation=read\\ committed"
        " -c client_min_messages=error";  // notices have no reader: do not send them
    return text;
}

}  // namespace

bool sets_statement_timeout(session_options const& options) {
    return own_options(parsed(options.url)).find("statement_timeout") != std::string::npos;
}

std::string connection_string(session_options const& options) {
    auto all = parsed(options.url);
    all["options"] = server_options(all, options);
    all["client_encoding"] = "UTF8";
    all.emplace("fallback_application_name", options.application_name);
    all.emplace("connect_timeout", "5");
    // A peer that vanished is noticed in about half a minute instead of two hours.
    all.emplace("keepalives", "1");
    all.emplace("keepalives_idle", "10");
    all.emplace("keepalives_interval", "5");
    all.emplace("keepalives_count", "4");
    all.emplace("tcp_user_timeout", "30000");
    return joined(all);
}

std::chrono::milliseconds answer_time(session_options const& options,
                                      std::chrono::milliseconds statement_timeout) {
    if (options.answer_grace.count() <= 0 || statement_timeout.count() <= 0) return {};
    return statement_timeout + options.answer_grace;
}

std::chrono::milliseconds first_answer_time(session_options const& options) {
    if (options.answer_grace.count() <= 0) return {};
    return std::max(options.statement_timeout, std::chrono::milliseconds{0}) + options.answer_grace;
}

}  // namespace recount::postgres::detail
