// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the bank shows: balances, statements, the deposits of a day, and a small history of its own.
#pragma once

#include <recount/recount.hpp>

namespace bank {

[[nodiscard]] recount::verb balances_verb();
[[nodiscard]] recount::verb statement_verb();
[[nodiscard]] recount::verb deposits_verb();

// The program without a verb: a small history in a store of its own, and what to try next.
int show_demo(recount::verb_call& call);

}  // namespace bank
