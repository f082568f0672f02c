// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "standing_orders.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/core.h>

#include <recount/app/input.hpp>
#include <recount/core/text.hpp>
#include <recount/describe/json.hpp>

#include "berka_file.hpp"
#include "verb_parts.hpp"

namespace bank {

namespace {

using recount::errc;
using recount::error;
using recount::rows;

enum column { order_number, account_number, bank_to, account_to, amount, k_symbol, columns };
constexpr std::array<std::string_view, columns> names{"order_id",   "account_id", "bank_to",
                                                      "account_to", "amount",     "k_symbol"};
constexpr file_format format{names};
constexpr std::size_t rows_per_batch = 512;

bool all_letters(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

// The fields that an order is agreed with never change, so telling them twice does no harm.
void standing_orders::on(rows<row>& r, standing_order_agreed const& e, int) {
    auto& row = r[e.order];
    row.account = e.account;
    row.to = e.to;
    row.amount = e.amount;
    row.first_on = e.first_on;
    row.purpose = e.purpose;
}
void standing_orders::on(rows<row>& r, standing_order_cancelled const& e, int weight) {
    r[e.order].cancelled = weight > 0;
}
void standing_orders::on(rows<row>& r, transfer_requested const& e, int weight) {
    if (e.standing_order) r[{*e.standing_order}].transfers += weight;
}

std::optional<malformed> fault_of_order_header(std::string_view line) {
    return format.fault_of_header(line);
}

std::variant<agree_standing_order, malformed> parse_order(std::string_view line) {
    auto const read = format.fields_of(line);
    if (auto const* wrong = std::get_if<malformed>(&read)) return *wrong;
    auto const& f = std::get<fields>(read);
    if (!all_digits(f[order_number])) return format.expected("a number", order_number, f);
    if (!all_digits(f[account_number])) return format.expected("a number", account_number, f);
    if (!all_letters(f[bank_to])) return format.expected("letters of a bank", bank_to, f);
    if (!all_digits(f[account_to])) return format.expected("a number", account_to, f);
    auto const minor = minor_of(f[amount]);
    if (!minor || *minor <= 0) return format.expected("an amount like 1200.50", amount, f);

    agree_standing_order wanted;
    wanted.order.value = f[order_number];
    wanted.account.value = f[account_number];
    wanted.to.value = "bank-" + std::string{f[bank_to]};
    wanted.amount = {*minor, "CZK"};
    wanted.purpose = fmt::format("to {}/{}", f[account_to], f[bank_to]);
    auto const symbol = f[k_symbol];
    if (symbol.find_first_not_of(' ') != std::string_view::npos) {
        wanted.purpose = std::string{symbol} + " " + *wanted.purpose;
    }
    return wanted;
}

// --- the import ----------------------------------------------------------------------------------

namespace {

class order_importer {
public:
    order_importer(recount::application& bank, order_import_options const& options)
        : bank_{bank}, options_{options}, batch_{bank.batch()} {}

    void add(std::int64_t line, std::string_view text) {
        ++report_.rows;
        auto parsed = parse_order(text);
        if (auto const* wrong = std::get_if<malformed>(&parsed)) {
            complain(line, wrong->sentence);
            return;
        }
        auto wanted = std::get<agree_standing_order>(std::move(parsed));
        wanted.first_on = options_.first_on;
        if (partners_.insert(wanted.to.value).second) bank_.dispatch(open{wanted.to}).value();
        waiting_.push_back({line, std::move(wanted)});
        if (waiting_.size() == rows_per_batch) flush();
    }

    void flush() {
        std::vector<recount::command_call> calls;
        calls.reserve(waiting_.size());
        for (auto const& one : waiting_) calls.push_back(bank_.call(one.wanted));
        auto const results = batch_.run(calls);
        for (std::size_t i = 0; i < results.size(); ++i) count(waiting_[i].line, results[i]);
        waiting_.clear();
    }

    [[nodiscard]] order_import_report report() const { return report_; }

private:
    struct row {
        std::int64_t line;
        agree_standing_order wanted;
    };
    recount::application& bank_;
    order_import_options const& options_;
    recount::dispatcher::batch batch_;
    std::set<std::string> partners_;
    std::vector<row> waiting_;
    order_import_report report_;

    void complain(std::int64_t line, std::string const& sentence) {
        ++report_.malformed;
        if (options_.complain) options_.complain(line, sentence);
    }

    // One that is there already, with the same content, records nothing.
    void count(std::int64_t line, recount::dispatch_result const& result) {
        if (auto const* failed = std::get_if<error>(&result)) throw error{*failed};
        auto const& outcome = std::get<recount::outcome>(result);
        if (!outcome) {
            complain(line, fmt::format("refused: {}", outcome.rejected().text));
            return;
        }
        ++(outcome.value().events.empty() ? report_.known : report_.agreed);
    }
};

}  // namespace

order_import_report import_orders(recount::application& bank, std::istream& file,
                                  order_import_options const& options) {
    std::string line;
    std::getline(file, line);
    if (auto const fault = fault_of_order_header(line)) {
        throw error{errc::invalid_argument,
                    fmt::format("{}:1: {}", options.file_name, fault->sentence)};
    }
    order_importer orders{bank, options};
    for (std::int64_t number = 2; std::getline(file, line); ++number) {
        if (options.stop_wanted && options.stop_wanted()) break;
        if (!line.empty() && line != "\r") orders.add(number, line);
    }
    orders.flush();
    return orders.report();
}

// --- verbs ---------------------------------------------------------------------------------------

namespace {

int run_import(recount::verb_call& call) {
    auto const path = call.require("FILE");
    auto file = recount::open_input(path);
    order_import_options options;
    if (auto const first = call.get("--first")) {
        options.first_on = recount::date_from_string(*first);
    }
    options.file_name = path;
    options.complain = [&](std::int64_t line, std::string const& sentence) {
        fmt::print(stderr, "{}:{}: {}\n", path, line, sentence);
    };
    options.stop_wanted = &recount::verb_call::stop_wanted;
    auto& bank = call.application();
    auto const report = import_orders(bank, file, options);
    run_sagas(bank);   // which sets the timers
    if (call.json()) {
        call.line(recount::describe::to_json(report).str());
    } else {
        call.line(fmt::format("{} standing orders: {} new, {} known before",
                              recount::grouped(report.agreed + report.known),
                              recount::grouped(report.agreed), recount::grouped(report.known)));
    }
    return unless_stopped(call, report.malformed == 0 ? recount::exit_code::ok
                                                      : recount::exit_code::failed);
}

int run_list(recount::verb_call& call) {
    show_rows<standing_orders>(call, "account");
    return recount::exit_code::ok;
}

}  // namespace

std::vector<recount::verb> standing_order_verbs() {
    using o = recount::verb_option;
    return {{"standing-orders import",
             "read a file of standing orders (Berka format); a second time adds nothing",
             {o::place("FILE", "the file, such as order.asc"),
              o::value("--first", "the day of the first transfers (the first of next month)")},
             &run_import},
            {"standing-orders list",
             "standing orders, and how many transfers came of each",
             {o::value("--account", "those of one account")},
             &run_list}};
}

}  // namespace bank
