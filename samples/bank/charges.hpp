// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The table of charges: what each month has cost an account, and what of that came back.
#pragma once

#include "account.hpp"

namespace bank {

struct charges_row {
    account_id account;
    recount::date month;
    charge_kind kind = charge_kind::fee;
    money charged;
    money returned;
};
RECOUNT_ROW(charges_row, 1,
            (recount::key<&charges_row::account, &charges_row::month, &charges_row::kind>), account,
            month, kind, charged, returned)

struct charges {
    using row = charges_row;
    using events = recount::types<charged, charge_returned>;
    static void on(recount::rows<row>& r, charged const& e, int weight);
    static void on(recount::rows<row>& r, charge_returned const& e, int weight);
};
RECOUNT_PROJECTION(charges, "charges", 1)

}  // namespace bank
