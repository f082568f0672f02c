// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Several stores of one application at one address, each behind /stores/{store}.
//
//     recount::http::store_apis apis{{{&main, &main_followers}, {&trading, &trading_followers}},
//                                    {.title = "bank"}};
//     recount::http::server server{{}, [&](auto const& r) { return apis.answer(r); },
//                                  {&main.log(), &trading.log()}};
//
// Without a store in front there are: / (the stores), /health, /ready (all stores), /metrics,
// /schemas and /openapi.json. With one store alone it answers as an `api` does.
// Thread safety: `answer` from any thread. Lifetimes: refers to applications and followers.
// Errors: the constructor throws errc::invalid_argument for no store, or the same one twice;
// `answer` throws nothing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <recount/http/api.hpp>

namespace recount::http {

struct served_store {
    application* app = nullptr;
    projection_followers const* followers = nullptr;
    saga_followers const* sagas = nullptr;
    effect_worker const* effects = nullptr;
};

class store_apis {
public:
    // `options` are those of each; what follows its log, and stores, are filled in.
    explicit store_apis(std::vector<served_store> const& stores, api_options options = {});
    [[nodiscard]] reply answer(request const& r) const;

private:
    struct named_api {
        std::string store;
        std::unique_ptr<api> answers;
    };
    std::vector<named_api> apis_;

    void count_others(request const& r) const;
    [[nodiscard]] reply readiness(request const& r) const;
};

}  // namespace recount::http
