// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// An application over HTTP: commands, projections, streams, events, schemas
// (docs/reference/http.md).
//
//     recount::http::api api{application};
//     recount::http::server server{{}, [&](auto const& r) { return api.answer(r); },
//                                  application.log()};
//
// Pure of sockets: a test calls `answer` with a request of its own making.
// Thread safety: `answer` from any thread. Lifetimes: refers to the application and its followers.
// Errors: `answer` throws nothing; what goes wrong is a problem (recount/http/problem.hpp).
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <recount/app/application.hpp>
#include <recount/app/followers.hpp>
#include <recount/effects/worker.hpp>
#include <recount/http/message.hpp>
#include <recount/saga/followers.hpp>

namespace recount::http {

struct api_options {
    // The header, in lower case, that a trusted proxy sets to who is asking; empty: nobody is.
    std::string actor_header{};
    // How long a reader with `$at_least` waits for the projection before it is told 425.
    std::chrono::milliseconds at_least_wait{1'000};
    // So many may wait at a time, each on a worker; one more is told 425 at once.
    std::size_t at_least_waiting_max = 4;
    // Names in lower case that a request's Host may have beside those of the machine itself
    // (localhost, 127.0.0.1, ::1); empty: any.
    std::vector<std::string> hosts{};
    std::size_t page_default = 100;
    std::size_t page_max = 1'000;
    // Those that keep this application's projections up to date: /ready tells of their failures.
    // nullptr: somebody else keeps them.
    projection_followers const* followers = nullptr;
    // Those that run its sagas, and what sends its effects: /ready tells of them, too.
    saga_followers const* sagas = nullptr;
    effect_worker const* effects = nullptr;
    // The names of all stores that are served at this address, this one's among them. With several,
    // a path is behind /stores/{store}; with one, or none named here, it need not be.
    std::vector<std::string> stores{};
    std::string title{};     // of the OpenAPI document; empty: "recount"
    std::string version{};   // of the program; empty: "0"
};

class api {
public:
    explicit api(application& app, api_options options = {});
    ~api();
    [[nodiscard]] reply answer(request const& r) const;
    // OpenAPI 3.1 of exactly what `answer` takes; deterministic.
    [[nodiscard]] std::string openapi() const;

private:
    struct implementation;
    std::unique_ptr<implementation> self_;
};

// The same document from the parts alone, without a database: `schema openapi`.
[[nodiscard]] std::string openapi(application_parts const& parts, std::string const& title,
                                  std::string const& version,
                                  std::vector<std::string> const& stores = {});

}  // namespace recount::http
