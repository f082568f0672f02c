// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "berka.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/core.h>

#include <recount/core/text.hpp>


namespace bank {

namespace {

enum column {
    trans_id,
    account_number,
    day,
    type,
    operation,
    amount,
    balance,
    k_symbol,
    partner,
    partner_account,
    columns
};
constexpr std::array<std::string_view, columns> names{
    "trans_id", "account_id", "date",     "type", "operation",
    "amount",   "balance",    "k_symbol", "bank", "account"};
constexpr file_format format{names};

std::optional<int> two_digits(std::string_view text) {
    if (!all_digits(text)) return std::nullopt;
    return (text[0] - '0') * 10 + (text[1] - '0');
}

// The file's YYMMDD: up to 69 of this century. (The data of the nineties, and files of today.)
constexpr int this_century_max = 69;

std::optional<recount::date> date_of_text(std::string_view text) {
    using namespace std::chrono;
    if (text.size() != 6) return std::nullopt;
    auto const y = two_digits(text.substr(0, 2));
    auto const m = two_digits(text.substr(2, 2));
    auto const d = two_digits(text.substr(4, 2));
    if (!y || !m || !d) return std::nullopt;
    year_month_day const found{year{(*y <= this_century_max ? 2000 : 1900) + *y},
                               month{static_cast<unsigned>(*m)},
                               std::chrono::day{static_cast<unsigned>(*d)}};
    if (!found.ok()) return std::nullopt;
    return recount::date{found};
}

movement_kind kind_of(fields const& f) {
    if (f[type] == "PRIJEM") {
        return f[operation].empty() ? movement_kind::interest : movement_kind::deposit;
    }
    bool const fee =
        f[type] == "VYDAJ" && (f[k_symbol] == "SLUZBY" || f[k_symbol] == "SANKC. UROK");
    return fee ? movement_kind::fee : movement_kind::withdrawal;
}

}  // namespace

std::optional<malformed> fault_of_berka_header(std::string_view line) {
    return format.fault_of_header(line);
}

std::variant<record_movement, malformed> parse_berka(std::string_view line) {
    constexpr char const* currency = "CZK";
    auto const read = format.fields_of(line);
    if (auto const* wrong = std::get_if<malformed>(&read)) return *wrong;
    auto const& f = std::get<fields>(read);
    if (!all_digits(f[trans_id])) return format.expected("a number", trans_id, f);
    if (!all_digits(f[account_number])) return format.expected("a number", account_number, f);
    auto const on = date_of_text(f[day]);
    if (!on) return format.expected("a date YYMMDD", day, f);
    if (f[type] != "PRIJEM" && f[type] != "VYDAJ" && f[type] != "VYBER") {
        return format.expected("PRIJEM, VYDAJ or VYBER", type, f);
    }
    auto const moved = minor_of(f[amount]);
    if (!moved || *moved < 0) return format.expected("an amount like 1200.50", amount, f);
    auto const stated = minor_of(f[balance]);
    if (!stated) return format.expected("an amount like -1200.50", balance, f);

    record_movement row;
    row.movement = f[trans_id];
    row.account.value = f[account_number];
    row.kind = kind_of(f);
    row.amount = {*moved, currency};
    row.stated_balance = money{*stated, currency};
    row.on = *on;
    return row;
}

}  // namespace bank
