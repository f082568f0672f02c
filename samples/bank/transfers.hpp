// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The tables of transfers: what became of each, and the money that is under way.
//
// Balances and the money under way together are always the same sum, whatever is being transferred,
// at every position of the log: what leaves an account for a transfer is under way from that very
// event, and no more from the event with which it arrives, or comes back.
#pragma once

#include "transfer.hpp"

namespace bank {

// --- transfers: a row a transfer ---

struct transfer_row {
    transfer_id transfer;
    account_id from;
    account_id to;
    money amount;
    transfer_status status = transfer_status::requested;
    recount::timestamp requested_at{};
    std::optional<recount::timestamp> ended_at{};
    std::optional<std::string> because{};           // of one that was refused or refunded
};
RECOUNT_ROW(transfer_row, 1, recount::key<&transfer_row::transfer>, transfer, from, to, amount,
            status, requested_at, ended_at, because)

struct transfers {
    using row = transfer_row;
    using events = recount::types<transfer_requested, transfer_completed, transfer_refused,
                                  transfer_refunded>;
    static void on(recount::rows<row>& r, transfer_requested const& e, recount::info const& i);
    static void on(recount::rows<row>& r, transfer_completed const& e, recount::info const& i);
    static void on(recount::rows<row>& r, transfer_refused const& e, recount::info const& i);
    static void on(recount::rows<row>& r, transfer_refunded const& e, recount::info const& i);
};
RECOUNT_PROJECTION(transfers, "transfers", 1)

// --- transfers_under_way: a row a transfer that has ever left an account ---

struct under_way_row {
    transfer_id transfer;
    money amount;                                   // zero as soon as it has arrived or come back
};
RECOUNT_ROW(under_way_row, 1, recount::key<&under_way_row::transfer>, transfer, amount)

// Told by the accounts alone, so that it can be held against what the transfers say.
struct transfers_under_way {
    using row = under_way_row;
    using events = recount::types<withdrawn, deposited>;
    static void on(recount::rows<row>& r, withdrawn const& e, int weight);
    static void on(recount::rows<row>& r, deposited const& e, int weight);
};
RECOUNT_PROJECTION(transfers_under_way, "transfers_under_way", 1)

}  // namespace bank
