// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The shop of the tests of repairs as a program: sagas with commands, timers and effects that leave
// by a webhook, for what is tested from outside.
#include <cstdlib>

#include <recount/http/serve.hpp>
#include <recount/http/webhook.hpp>

#include "support/shop_domain.hpp"

int main(int argc, char** argv) {
    recount::app program{"shop"};
    program.add<shop::basket, shop::account, shop::billing, shop::stamping, shop::mailing>();
    program.verbs(recount::http::verbs());
    if (auto const* const url = std::getenv("SHOP_WEBHOOK_URL")) {
        auto const* const ca = std::getenv("SHOP_WEBHOOK_CA");
        recount::http::webhook_options options;
        options.url = url;
        options.ca_file = ca == nullptr ? "" : ca;
        auto const send = recount::http::webhook(options);
        for (auto const* type : {"shop.receipt", "shop.apology", "shop.poster"}) {
            program.effect(type, send);
        }
    }
    return program.run(argc, argv);
}
