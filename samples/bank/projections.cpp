// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "projections.hpp"

#include <algorithm>

#include <recount/describe/print.hpp>

namespace bank {

namespace {

using recount::date_of;
using recount::info;
using recount::rows;

// Of the stream, and not of the event: a deposit that was booked on the wrong account, and moved,
// still has that account in its content.
account_id account_of(info const& i) { return i.stream_id<account_id>(); }

void move(rows<balance_row>& r, money const& amount, info const& i) {
    auto& row = r[account_of(i)];
    row.balance += amount;
    ++row.movements;
    auto const day = date_of(i.effective_at);
    row.last_movement_on = std::max(row.last_movement_on.value_or(day), day);
}

statement_row& next_line(rows<statement_row>& r, money const& amount, movement_kind kind,
                         info const& i) {
    auto const* const last = r.last();
    auto const number = last == nullptr ? 1 : last->line + 1;
    auto const balance = last == nullptr ? amount : last->balance + amount;
    auto& line = r[{account_of(i), number}];
    line.on = date_of(i.effective_at);
    line.kind = kind;
    line.amount = amount;
    line.balance = balance;
    return line;
}

template <class Event>
void add_line(rows<statement_row>& r, Event const& e, money const& amount, movement_kind kind,
              info const& i) {
    auto& line = next_line(r, amount, kind, i);
    line.stated_balance = e.stated_balance;
    line.reference = e.reference;
}

// "penalty of 1993-06"
std::string named(charge_kind kind, recount::date const& month) {
    return std::string{recount::describe::to_text(kind)} + " of " +
           recount::to_string(month).substr(0, 7);
}

}  // namespace

void account_balances::on(rows<row>& r, opened const&, info const& i) { r[account_of(i)]; }
void account_balances::on(rows<row>& r, deposited const& e, info const& i) {
    move(r, e.amount, i);
}
void account_balances::on(rows<row>& r, withdrawn const& e, info const& i) {
    move(r, -e.amount, i);
}
void account_balances::on(rows<row>& r, fee_charged const& e, info const& i) {
    move(r, -e.amount, i);
}
void account_balances::on(rows<row>& r, interest_credited const& e, info const& i) {
    move(r, e.amount, i);
}
void account_balances::on(rows<row>& r, charged const& e, info const& i) { move(r, -e.amount, i); }
void account_balances::on(rows<row>& r, charge_returned const& e, info const& i) {
    move(r, e.amount, i);
}

void deposits_by_day::on(rows<row>& r, deposited const& e, info const& i, int weight) {
    auto& row = r[{date_of(i.effective_at), account_of(i)}];
    row.amount += weight * e.amount;
    row.deposits += weight;
}

void statement_lines::on(rows<row>& r, deposited const& e, info const& i) {
    add_line(r, e, e.amount, movement_kind::deposit, i);
}
void statement_lines::on(rows<row>& r, withdrawn const& e, info const& i) {
    add_line(r, e, -e.amount, movement_kind::withdrawal, i);
}
void statement_lines::on(rows<row>& r, fee_charged const& e, info const& i) {
    add_line(r, e, -e.amount, movement_kind::fee, i);
}
void statement_lines::on(rows<row>& r, interest_credited const& e, info const& i) {
    add_line(r, e, e.amount, movement_kind::interest, i);
}
void statement_lines::on(rows<row>& r, charged const& e, info const& i) {
    next_line(r, -e.amount, movement_kind::fee, i).reference = named(e.kind, e.month);
}
void statement_lines::on(rows<row>& r, charge_returned const& e, info const& i) {
    next_line(r, e.amount, movement_kind::fee, i).reference =
        named(e.kind, e.month) + ", returned";
}

}  // namespace bank
