// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// How much of the log a reader of rows wants to see in them.
//
//     bank.row<account_balances>(a1, recount::at_least{done.position});
//
// Thread safety: a value.
#pragma once

#include <recount/log/event.hpp>

namespace recount {

struct at_least {
    recount::position position = 0;   // of an outcome, or of a restructure
};

}  // namespace recount
