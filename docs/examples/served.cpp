// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The bank of bank.hpp over HTTP: what docs/guides/http.md shows.
//[main
#include <recount/http/serve.hpp>

#include "bank.hpp"

using examples::bank::account, examples::bank::account_balances;

int main(int argc, char** argv) {
    return recount::app{"ledger"}
        .add<account, account_balances>()
        .verbs(recount::http::verbs())
        .run(argc, argv);
}
//]
