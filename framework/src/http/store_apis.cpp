// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/http/store_apis.hpp>

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include <recount/core/error.hpp>
#include <recount/http/problem.hpp>

#include "http/api_call.hpp"

namespace recount::http {

store_apis::store_apis(std::vector<served_store> const& stores, api_options options) {
    if (stores.empty()) throw error{errc::invalid_argument, "no store is to be served"};
    for (auto const& one : stores) options.stores.push_back(one.app->log().store_name());
    for (auto const& one : stores) {
        auto const& name = one.app->log().store_name();
        if (std::count(options.stores.begin(), options.stores.end(), name) > 1) {
            throw error{errc::invalid_argument, fmt::format("the store '{}' is named twice", name)};
        }
        options.followers = one.followers;
        options.sagas = one.sagas;
        options.effects = one.effects;
        apis_.push_back({name, std::make_unique<api>(*one.app, options)});
    }
}

reply store_apis::answer(request const& r) const {
    auto const& first = *apis_.front().answers;
    if (apis_.size() == 1) return first.answer(r);
    if (r.path == std::vector<std::string>{"ready"}) return readiness(r);
    if (r.path == std::vector<std::string>{"metrics"}) count_others(r);
    if (r.path.size() < 2 || r.path[0] != "stores") return first.answer(r);
    for (auto const& one : apis_) {
        if (one.store == r.path[1]) return one.answers->answer(r);
    }
    return first.answer(r);   // which names those that there are
}

// The first one counts for itself when it answers.
void store_apis::count_others(request const& r) const {
    for (auto one = std::next(apis_.begin()); one != apis_.end(); ++one) {
        auto asked = r;
        asked.path = {"stores", one->store, "metrics"};
        static_cast<void>(one->answers->answer(asked));
    }
}

// Of all stores. What refuses the question itself (its method, its host) does so for each.
reply store_apis::readiness(request const& r) const {
    constexpr int ready = 200;
    constexpr int not_ready = 503;
    std::string list;
    std::vector<std::string> wrong;
    for (auto const& one : apis_) {
        auto asked = r;
        asked.path = {"stores", one.store, "ready"};
        auto made = one.answers->answer(asked);
        auto& told = std::get<response>(made);
        if (told.status != ready && told.status != not_ready) return made;
        if (told.status == not_ready) wrong.push_back(one.store);
        append_item(list, fmt::format(R"({{"store":"{}",{})", one.store,
                                      std::string_view{told.body}.substr(1)));
    }
    if (wrong.empty()) {
        return json_reply(fmt::format(R"({{"status":"ready","stores":[{}]}})", list));
    }
    return problem({.status = not_ready,
                    .code = "not_ready",
                    .detail = fmt::format("not ready: {}", fmt::join(wrong, ", ")),
                    .instance = r.target,
                    .members = {{"stores", "[" + list + "]"}},
                    .headers = {{"Retry-After", "5"}}});
}

}  // namespace recount::http
