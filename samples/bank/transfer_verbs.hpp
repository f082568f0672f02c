// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// `transfer FROM TO AMOUNT` and `transfers`. A transfer may be asked for over HTTP just as well
// (`POST /commands/transfer.request`): whoever runs the sagas, `serve` or such a verb, sees to it.
#pragma once

#include <recount/recount.hpp>

#include "transfer.hpp"

namespace bank {

// "12.50 EUR", or "12.50" of a currency that is known otherwise. Throws errc::invalid_argument.
[[nodiscard]] money amount_from_text(std::string_view text,
                                     recount::currency_code otherwise = {});

[[nodiscard]] recount::verb transfer_verb();
[[nodiscard]] recount::verb transfers_verb();

}  // namespace bank
