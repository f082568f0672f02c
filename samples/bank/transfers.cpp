// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "transfers.hpp"

namespace bank {

namespace {

using recount::info;
using recount::rows;

transfer_row& ended(rows<transfer_row>& r, info const& i, transfer_status how) {
    auto& row = r[i.stream_id<transfer_id>()];
    row.status = how;
    row.ended_at = i.recorded_at;
    return row;
}

}  // namespace

void transfers::on(rows<row>& r, transfer_requested const& e, info const& i) {
    auto& row = r[i.stream_id<transfer_id>()];
    row.from = e.from;
    row.to = e.to;
    row.amount = e.amount;
    row.requested_at = i.recorded_at;
}
void transfers::on(rows<row>& r, transfer_completed const&, info const& i) {
    ended(r, i, transfer_status::completed);
}
void transfers::on(rows<row>& r, transfer_refused const& e, info const& i) {
    ended(r, i, transfer_status::refused).because = e.code + ": " + e.text;
}
void transfers::on(rows<row>& r, transfer_refunded const& e, info const& i) {
    ended(r, i, transfer_status::refunded).because = e.code + ": " + e.text;
}

void transfers_under_way::on(rows<row>& r, withdrawn const& e, int weight) {
    if (e.transfer) r[*e.transfer].amount += weight * e.amount;
}
void transfers_under_way::on(rows<row>& r, deposited const& e, int weight) {
    if (e.transfer) r[*e.transfer].amount -= weight * e.amount;
}

}  // namespace bank
