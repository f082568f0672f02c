// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Standing orders: their table, and `standing-orders import FILE` of such a file as the Berka data
// has (order.asc). Accounts at other banks are not ours: what goes to the bank YZ goes to our
// account bank-YZ, from which it is settled with that bank. The import opens it.
#pragma once

#include <istream>
#include <string_view>
#include <variant>

#include <recount/recount.hpp>

#include "berka.hpp"
#include "standing_order.hpp"

namespace bank {

// --- standing_orders: a row an order ---

struct standing_order_row {
    standing_order_id order;
    account_id account;
    account_id to;
    money amount;
    recount::date first_on{};
    std::optional<std::string> purpose{};
    std::int64_t transfers = 0;                     // that it has asked for
    bool cancelled = false;
};
RECOUNT_ROW(standing_order_row, 1, recount::key<&standing_order_row::order>, order, account, to,
            amount, first_on, purpose, transfers, cancelled)

struct standing_orders {
    using row = standing_order_row;
    using events =
        recount::types<standing_order_agreed, standing_order_cancelled, transfer_requested>;
    static void on(recount::rows<row>& r, standing_order_agreed const& e, int weight);
    static void on(recount::rows<row>& r, standing_order_cancelled const& e, int weight);
    static void on(recount::rows<row>& r, transfer_requested const& e, int weight);
};
RECOUNT_PROJECTION(standing_orders, "standing_orders", 1)

// --- order.asc ---

[[nodiscard]] std::optional<malformed> fault_of_order_header(std::string_view line);
[[nodiscard]] std::variant<agree_standing_order, malformed> parse_order(std::string_view line);

struct order_import_report {
    std::int64_t rows = 0;
    std::int64_t agreed = 0;                        // new in this run
    std::int64_t known = 0;
    std::int64_t malformed = 0;                     // or refused; each was reported
};
RECOUNT_DESCRIBE(order_import_report, rows, agreed, known, malformed)

struct order_import_options {
    std::optional<recount::date> first_on{};        // else the first of next month
    std::string file_name = "file";                 // in messages
    std::function<void(std::int64_t line, std::string const& sentence)> complain{};
    std::function<bool()> stop_wanted{};
};
// Each order once, however often it is run. Throws errc::invalid_argument for another header.
[[nodiscard]] order_import_report import_orders(recount::application& bank, std::istream& file,
                                                order_import_options const& options);

[[nodiscard]] std::vector<recount::verb> standing_order_verbs();

}  // namespace bank
