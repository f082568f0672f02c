// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The verbs that serve an application over HTTP: `serve`, `schema openapi`, `health`.
//
//     int main(int argc, char** argv) {
//         return recount::app{"bank"}
//             .add<account, account_balances>()
//             .verbs(recount::http::verbs())
//             .run(argc, argv);
//     }
//
// A program that does not name them links no Beast (docs/adr/). `serve` listens on loopback unless
// told otherwise, runs one follower a projection, and ends in good order on SIGTERM and SIGINT.
// Thread safety: call it once, before `run`. Errors: those of a verb are its exit code
// (docs/reference/cli.md).
#pragma once

#include <vector>

#include <recount/app/verb.hpp>
#include <recount/http/api.hpp>
#include <recount/http/server.hpp>

namespace recount::http {

[[nodiscard]] std::vector<verb> verbs();

}  // namespace recount::http
