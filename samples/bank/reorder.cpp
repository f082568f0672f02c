// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "reorder.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include <fmt/core.h>

#include <recount/correction/checked.hpp>

namespace bank {

namespace {

using recount::errc;

constexpr std::size_t moves_per_restructure_max = 1'000;  // a row of the log holds about 4,000
constexpr std::size_t lines_named_max = 50;               // of a day, as evidence
constexpr int conflicts_max = 5;                          // others may correct the same account

recount::stream_name stream_of(account_id const& account) {
    return recount::stream_name::of(recount::aggregate_of<bank::account>().category, account.value);
}

template <class Event>
bool read_as(recount::recorded_event const& e, int sign, movement_kind kind,
             std::vector<statement_row>& lines) {
    if (e.type != recount::event_name_of<Event>().name) return false;
    auto event = recount::describe::from_json<Event>(e.payload);
    auto& line = lines.emplace_back();
    line.kind = kind;
    line.amount = event.amount * sign;
    line.stated_balance = event.stated_balance;
    line.reference = std::move(event.reference);
    return true;
}

// Adds a line for a movement; false for any other event.
bool add_line(recount::recorded_event const& e, std::vector<statement_row>& lines) {
    return read_as<deposited>(e, 1, movement_kind::deposit, lines) ||
           read_as<withdrawn>(e, -1, movement_kind::withdrawal, lines) ||
           read_as<fee_charged>(e, -1, movement_kind::fee, lines) ||
           read_as<interest_credited>(e, 1, movement_kind::interest, lines);
}

std::vector<std::size_t> as_it_is(account_book const& book) {
    std::vector<std::size_t> order(book.lines.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    return order;
}

}  // namespace

namespace {

account_book book_of(recount::history::stream_view const& view, account_id const& account) {
    account_book book;
    book.account = account;
    book.version = view.version;
    money balance;
    for (auto const& e : view.events) {
        if (!add_line(e, book.lines)) continue;
        auto& line = book.lines.back();
        line.account = account;
        line.line = static_cast<std::int64_t>(book.lines.size());
        line.on = recount::date_of(e.effective());
        balance += line.amount;
        line.balance = balance;
        book.events.push_back(e.id);
    }
    return book;
}

}  // namespace

account_book read_book(recount::log& from, account_id const& account,
                       recount::history::read_cut const& cut) {
    return book_of(recount::history::read_corrected(from, stream_of(account), cut), account);
}

std::vector<statement_row> lines_of(recount::history::stream_view const& view) {
    if (view.events.empty()) return {};
    recount::stream_name const stream{view.events.front().stream};
    return book_of(view, {std::string{stream.id()}}).lines;
}

// --- the plan ------------------------------------------------------------------------------------

namespace {

using lines_to_move = std::span<line_move const>;

// "1993-01-29: movement 5 (line 7) states 900.00 CZK, then movement 4 (line 6) states …"
std::string proof_of_day(account_book const& book, std::vector<std::size_t> const& order,
                         recount::date const& day) {
    std::string text;
    std::size_t named = 0;
    for (auto const i : order) {
        auto const& line = book.lines[i];
        if (line.on != day) continue;
        if (++named > lines_named_max) continue;
        text += text.empty() ? "" : ", then ";
        text += line.reference ? fmt::format("movement {} (line {})", *line.reference, line.line)
                               : fmt::format("line {}", line.line);
        if (line.stated_balance) text += " states " + to_string(*line.stated_balance);
    }
    if (named > lines_named_max) text += fmt::format(" … and {} more", named - lines_named_max);
    return fmt::format("{}: {}", recount::to_string(day), text);
}

recount::restructure plan_of(account_book const& book, std::vector<std::size_t> const& order,
                             lines_to_move moves) {
    recount::restructure plan{
        fmt::format("account {}: rows of a day put in the order that their "
                    "stated balances prove",
                    book.account.value)};
    plan.because(
        "the file has rows of one day in the wrong order: the balance that it states after a row "
        "does not follow from the one stated before. In the order below it does, within the "
        "bank's rounding of 0.10");
    std::map<recount::date, std::string> proofs;
    for (auto const& m : moves) {
        using anchor = recount::history::planned_anchor;
        auto const& beside = book.events[m.beside];
        plan.move(book.events[m.line], m.after ? anchor::after(beside) : anchor::before(beside));
        auto const day = book.lines[m.line].on;
        auto const [proof, fresh] = proofs.try_emplace(day);
        if (fresh) proof->second = proof_of_day(book, order, day);
    }
    for (auto const& [day, proof] : proofs) plan.evidence(proof);
    return plan;
}

}  // namespace

planned_order plan_order(account_book const& book) {
    auto const proven = proven_order(book.lines);
    planned_order planned;
    auto& change = planned.change;
    change.account = book.account;
    change.left = static_cast<std::int64_t>(proven.left.size());
    change.breaks_before = breaks_in(book.lines, as_it_is(book));
    change.breaks_after = breaks_in(book.lines, proven.order);
    if (change.breaks_after >= change.breaks_before) {
        change.breaks_after = change.breaks_before;
        return planned;
    }
    change.rows = static_cast<std::int64_t>(out_of_place(proven.order));
    auto const moves = fewest_moves(proven.order);
    change.moves = static_cast<std::int64_t>(moves.size());
    planned.plan =
        plan_of(book, proven.order,
                lines_to_move{moves}.first(std::min(moves.size(), moves_per_restructure_max)));
    return planned;
}

// --- one account after the other -----------------------------------------------------------------

namespace {

class order_keeper {
public:
    order_keeper(recount::application& bank, order_options const& options)
        : bank_{bank}, options_{options} {
        report_.dry_run = options.dry_run;
    }

    void account(account_id const& one) {
        auto const change = options_.dry_run ? imagined(one) : corrected(one);
        report_.breaks_before += change.breaks_before;
        report_.breaks_after += change.breaks_after;
        report_.left += change.left;
        if (change.moves == 0) return;
        if (change.refused) {
            ++report_.refused;
        } else {
            ++report_.accounts;
            report_.rows += change.rows;
            report_.moves += change.moves;
        }
        report_.changes.push_back(change);
    }

    [[nodiscard]] order_report report() && { return std::move(report_); }

private:
    recount::application& bank_;
    order_options const& options_;
    order_report report_;

    [[nodiscard]] planned_order planned_for(account_book const& book) const {
        auto planned = plan_order(book);
        if (!planned.plan) return planned;
        for (auto const& name : options_.acknowledged) planned.plan->acknowledge(name);
        return planned;
    }

    // What would be refused is found here, too.
    [[nodiscard]] account_change imagined(account_id const& one) const {
        auto planned = planned_for(read_book(bank_.log(), one));
        if (!planned.plan) return planned.change;
        try {
            recount::check_plan(bank_, *planned.plan);
        } catch (recount::error const& failed) {
            if (failed.code() != errc::refused) throw;
            planned.change.refused = failed.what();
            planned.change.breaks_after = planned.change.breaks_before;
        }
        return planned.change;
    }

    // What was written stays in `restructures`, also where the rest was refused.
    account_change corrected(account_id const& one) {
        auto book = read_book(bank_.log(), one);
        auto planned = planned_for(book);
        auto change = planned.change;
        int conflicts = 0;
        while (planned.plan) {
            try {
                change.restructures.push_back(append(book, *planned.plan));
            } catch (recount::error const& failed) {
                if (failed.code() != errc::conflict && failed.code() != errc::refused) throw;
                // If somebody else corrects the account meanwhile, it is planned anew.
                if (failed.code() == errc::refused || ++conflicts == conflicts_max) {
                    change.refused = failed.what();
                    break;
                }
            }
            book = read_book(bank_.log(), one);
            planned = planned_for(book);
            if (change.restructures.empty()) change = planned.change;
        }
        change.breaks_after = breaks_in(book.lines, as_it_is(book));
        return change;
    }

    // Movements that came since change nothing in what is moved; another's correction might.
    recount::uuid append(account_book const& book, recount::restructure const& plan) {
        auto const stream = stream_of(book.account).str();
        auto const as_it_was = [&](recount::history::judged_plan const& judged) {
            auto const rows = judged.seen.rows.find(stream);
            if (rows == judged.seen.rows.end()) return;
            for (auto const& row : rows->second) {
                if (row.version <= book.version || !recount::history::is_restructure(row)) continue;
                throw recount::error{errc::conflict,
                                     fmt::format("account {} was corrected by somebody else "
                                                 "meanwhile",
                                                 book.account.value)};
            }
        };
        recount::restructure_options options;
        options.key = fmt::format("reconcile/{}/{}", book.account.value, book.version);
        return recount::apply_checked(bank_, plan, as_it_was, options).id;
    }
};

}  // namespace

std::vector<account_id> accounts_of(recount::log& log) {
    constexpr std::size_t page = 1'000;
    auto const category = recount::aggregate_of<account>().category;
    std::vector<account_id> all;
    for (std::string last;;) {
        auto const found = log.list_streams(category, last, page);
        for (auto const& one : found) {
            all.push_back({std::string{recount::stream_name{one.name}.id()}});
        }
        if (found.size() < page) return all;
        last = found.back().name;
    }
}

order_report put_in_order(recount::application& bank, order_options const& options) {
    order_keeper keeper{bank, options};
    std::int64_t done = 0;
    for (auto const& account : accounts_of(bank.log())) {
        if (options.stop_wanted && options.stop_wanted()) break;
        keeper.account(account);
        if (options.progress) options.progress(++done);
    }
    return std::move(keeper).report();
}

}  // namespace bank
