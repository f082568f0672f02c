// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/http/api.hpp>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <set>

#include <fmt/format.h>

#include <recount/core/text.hpp>

#include "http/api_routes.hpp"
#include "http/failure_log.hpp"
#include "http/hosts.hpp"
#include "http/media.hpp"
#include "http/told_readers.hpp"

namespace recount::http {

namespace {

bool fit_text(std::string const& text) {
    return is_utf8(text) && text.find('\0') == std::string::npos;
}

// What is not text could be neither a name nor a value, and PostgreSQL would not take it.
void check_text(request const& r) {
    for (auto const& segment : r.path) {
        if (!fit_text(segment)) throw bad_request("the path is not UTF-8 text");
    }
    for (auto const& [name, value] : r.query) {
        if (!fit_text(name) || !fit_text(value)) {
            throw bad_request(fmt::format("the parameter '{}' is not UTF-8 text", excerpt(name)));
        }
    }
}

// Empty for a pattern that does not match; its {…} otherwise.
std::optional<std::vector<std::string_view>> places_of(std::string_view pattern,
                                                       std::span<std::string const> path) {
    std::vector<std::string_view> places;
    std::size_t at = 0;
    for (pattern.remove_prefix(1); !pattern.empty(); ++at) {
        auto const end = std::min(pattern.find('/'), pattern.size());
        auto const wanted = pattern.substr(0, end);
        pattern.remove_prefix(std::min(end + 1, pattern.size()));
        if (at == path.size()) return std::nullopt;
        if (wanted.front() == '{') {
            if (path[at].empty()) return std::nullopt;
            places.emplace_back(path[at]);
        } else if (wanted != path[at]) {
            return std::nullopt;
        }
    }
    if (at != path.size()) return std::nullopt;
    return places;
}

struct found_route {
    route const* of;
    std::vector<std::string_view> places;
};

found_route find_route(std::string_view method, std::span<std::string const> path) {
    if (method == "HEAD") method = "GET";
    std::string allowed;
    for (auto const& one : routes()) {
        auto places = places_of(one.pattern, path);
        if (!places) continue;
        if (one.method == method) return {&one, std::move(*places)};
        allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", one.method);
        if (one.method == "GET") allowed += ", HEAD";
    }
    if (allowed.empty()) {
        throw refusal{{.status = 404,
                       .code = "not_found",
                       .detail = "there is no such path; GET / lists those that there are"}};
    }
    throw refusal{{.status = 405,
                   .code = "method_not_allowed",
                   .detail = fmt::format("this path takes {}", allowed),
                   .headers = {{"Allow", allowed}}}};
}

void check_parameters(route const& to, request const& r) {
    std::set<std::string_view> seen;
    for (auto const& [name, value] : r.query) {
        if (!seen.insert(name).second) {
            throw bad_request(fmt::format("the parameter '{}' is given twice", excerpt(name)));
        }
        // Other words are columns there; the query itself knows which there are.
        bool const column = to.each == route::expansion::projections && !name.starts_with('$');
        if (column || to.has_parameter(name)) continue;
        std::string known;
        for (auto const& one : to.parameters) {
            if (one.in == "query") known += fmt::format(", {}", one.name);
        }
        throw bad_request(fmt::format("no parameter '{}' here; {}", excerpt(name),
                                      known.empty() ? std::string{"there is none"}
                                                    : "there are: " + known.substr(2)));
    }
}

bool is_of_all_stores(std::span<std::string const> path) {
    return path.empty() || path[0] == "health" || path[0] == "metrics" || path[0] == "schemas" ||
           path[0] == "openapi.json";
}

}  // namespace

struct api::implementation {
    application& app;
    api_options options;
    mutable std::atomic<std::size_t> waiting{0};   // readers with $at_least
    mutable told_readers readers{};
    mutable saga_counter sagas{app};

    void check_host(request const& r) const {
        if (options.hosts.empty()) return;
        auto const* const host = r.header("host");
        if (host == nullptr || host_is_known(*host, options.hosts)) return;
        throw refusal{{.status = 421,
                       .code = "unknown_host",
                       .detail = fmt::format("this server is not '{}'; serve --host names others "
                                             "that it is",
                                             excerpt(*host))}};
    }

    // The store that is served may be named in front of every path. If there are several it must
    // be, but for what is the same for all.
    [[nodiscard]] std::span<std::string const> path_of(request const& r) const {
        std::span<std::string const> const path{r.path};
        auto const& served = app.log().store_name();
        bool const named = path.size() >= 2 && path[0] == "stores";
        if (named && path[1] == served) return path.subspan(2);
        bool const several = options.stores.size() > 1;
        if (!named && (!several || is_of_all_stores(path))) return path;
        auto const there = several ? fmt::format("are: {}", fmt::join(options.stores, ", "))
                                   : "is: " + served;
        throw refusal{{.status = 404,
                       .code = "not_found",
                       .detail = named ? fmt::format("no store '{}' is served here; there {}",
                                                     excerpt(path[1]), there)
                                       : fmt::format("several stores are served here: put "
                                                     "/stores/{{store}} before the path; there {}",
                                                     there)}};
    }

    [[nodiscard]] reply run(request const& r) const {
        check_text(r);
        check_host(r);
        auto const [to, places] = find_route(r.method, path_of(r));
        accepted_media const wanted{r};
        if (!wanted.any_of(*to)) {
            throw refusal{{.status = 406,
                           .code = "not_acceptable",
                           .detail = "this path answers with application/json, in version 1 of "
                                     "application/vnd.recount.v1+json"}};
        }
        check_parameters(*to, r);
        auto made = to->run({app, options, r, waiting, readers, sagas, places});
        if (auto* const done = std::get_if<response>(&made)) {
            if (done->content_type == "application/json") done->content_type = wanted.json();
        }
        return made;
    }
};

namespace {

response problem_of(request const& r, problem_details what) {
    what.instance = r.target;
    return problem(what);
}

}  // namespace

api::api(application& app, api_options options)
    : self_{new implementation{app, std::move(options)}} {
    if (self_->options.title.empty()) self_->options.title = "recount";
    if (self_->options.version.empty()) self_->options.version = "0";
}
api::~api() = default;

reply api::answer(request const& r) const {
    try {
        return self_->run(r);
    } catch (refusal const& no) {
        return problem_of(r, no.what);
    } catch (error const& failure) {
        auto what = details_of(failure);
        // A database that is away is told of where the connection failed; one that is there and
        // fails (a full disk: 503) is not.
        bool const ours = what.status == 500 || failure.code() == errc::database_failed;
        if (ours) tell_failure(r, failure);
        return problem_of(r, std::move(what));
    } catch (std::exception const& bug) {
        // Of ours or of the application's: nothing of it is shown to a client.
        tell_failure(r, bug.what());
        return problem_of(r, {.status = 500, .code = "internal"});
    }
}

std::string api::openapi() const {
    auto const& options = self_->options;
    return http::openapi(self_->app.parts(), options.title, options.version, options.stores);
}

}  // namespace recount::http
