// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// `transfer FROM TO AMOUNT` and `transfers`. A transfer may be asked for over HTTP just as well
// (`POST /commands/transfer.request`): whoever runs the sagas, `serve` or such a verb, sees to it.
#pragma once

#include <recount/recount.hpp>

namespace bank {

[[nodiscard]] recount::verb transfer_verb();
[[nodiscard]] recount::verb transfers_verb();

}  // namespace bank
