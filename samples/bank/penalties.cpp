// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "penalties.hpp"

#include <algorithm>
#include <map>
#include <numeric>

namespace bank {

namespace {

constexpr std::int64_t percent_a_year = 20;
constexpr std::int64_t days_a_year = 365;

// Days in order of the calendar, each in the order of the statement.
std::vector<std::size_t> by_day(lines_view account) {
    std::vector<std::size_t> order(account.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return account[a].on < account[b].on;
    });
    return order;
}

}  // namespace

std::vector<money> lowest_balances(lines_view account, recount::date first, recount::date last) {
    std::vector<money> lowest;
    auto const order = by_day(account);
    auto next = order.begin();
    money balance;
    for (; next != order.end() && account[*next].on < first; ++next) {
        balance += account[*next].amount;
    }
    for (auto day = first; day <= last; day += std::chrono::days{1}) {
        auto& low = lowest.emplace_back(balance);
        for (; next != order.end() && account[*next].on == day; ++next) {
            balance += account[*next].amount;
            if (balance.minor < low.minor) low = balance;
        }
    }
    return lowest;
}

money penalty_of(money const& lowest_balance) {
    if (lowest_balance.minor >= 0) return {0, lowest_balance.currency};
    constexpr std::int64_t parts = 100 * days_a_year;
    auto const owed = -lowest_balance * percent_a_year;
    return {(owed.minor + parts / 2) / parts, owed.currency};
}

namespace {

struct span_of_days {
    recount::date first;
    recount::date last;
};

span_of_days days_of(penalty_options const& options) {
    using namespace std::chrono;
    recount::date const last{options.year / December / 31};
    return {recount::date{options.year / January / 1}, std::min(last, options.last)};
}

account_penalty penalty_of_account(account_id const& account, std::vector<money> const& lowest) {
    account_penalty found{.account = account};
    for (auto const& balance : lowest) {
        if (balance.minor >= 0) continue;
        ++found.days;
        if (balance.minor < found.lowest.minor) found.lowest = balance;
        found.amount += penalty_of(balance);
    }
    return found;
}

class penalty_sum {
public:
    explicit penalty_sum(penalty_options const& options) {
        report_.year = static_cast<int>(options.year);
    }
    void add(account_id const& account, std::vector<money> const& lowest) {
        ++report_.accounts;
        auto const found = penalty_of_account(account, lowest);
        if (found.days == 0) return;
        report_.days += found.days;
        amounts_[std::string{found.amount.currency.text()}] += found.amount;
        report_.rows.push_back(found);
    }
    void known_at(recount::position k) { report_.at = static_cast<std::int64_t>(k); }

    [[nodiscard]] penalty_report report() && {
        for (auto const& [currency, amount] : amounts_) report_.amounts.push_back(amount);
        return std::move(report_);
    }

private:
    penalty_report report_;
    std::map<std::string, money> amounts_;
};

// One position for all accounts, though others write meanwhile.
recount::position cut_of(recount::log& log, std::optional<recount::position> wanted) {
    auto const head = log.head().position;
    return std::min(wanted.value_or(head), head);
}

}  // namespace

penalty_report penalties_of(recount::log& log, penalty_options const& options,
                            std::optional<recount::position> known_at) {
    auto const days = days_of(options);
    auto const k = cut_of(log, known_at);
    penalty_sum sum{options};
    sum.known_at(k);
    std::int64_t done = 0;
    for (auto const& account : accounts_of(log)) {
        if (options.stop_wanted && options.stop_wanted()) break;
        auto const book = read_book(log, account, {.known_at = k});
        if (book.version > 0) sum.add(account, lowest_balances(book.lines, days.first, days.last));
        if (options.progress) options.progress(++done);
    }
    return std::move(sum).report();
}

// --- the difference ------------------------------------------------------------------------------

namespace {

// What a book has of one day, in its order.
std::vector<std::size_t> lines_on(account_book const& book, recount::date const& day) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < book.lines.size(); ++i) {
        if (book.lines[i].on == day) found.push_back(i);
    }
    return found;
}

std::vector<moved_movement> movements_of(account_book const& before, account_book const& after,
                                         recount::date const& day) {
    std::vector<moved_movement> list;
    std::map<recount::uuid, std::size_t> place;   // in the list
    for (auto const i : lines_on(after, day)) {
        auto const& line = after.lines[i];
        place.emplace(after.events[i], list.size());
        list.push_back({line.reference, line.amount, {}, {}, line.line, line.balance});
    }
    for (auto const i : lines_on(before, day)) {
        auto const& line = before.lines[i];
        auto const [at, gone] = place.try_emplace(before.events[i], list.size());
        if (gone) list.push_back({line.reference, line.amount, {}, {}, {}, {}});
        list[at->second].line_before = line.line;
        list[at->second].balance_before = line.balance;
    }
    return list;
}

void compare(account_book const& before, account_book const& after,
             std::vector<money> const& lowest_before, std::vector<money> const& lowest_after,
             recount::date day, std::vector<penalty_change>& changes) {
    for (std::size_t i = 0; i < lowest_after.size(); ++i, day += std::chrono::days{1}) {
        auto const then = penalty_of(lowest_before[i]);
        auto const now = penalty_of(lowest_after[i]);
        if (then == now) continue;
        changes.push_back({after.account, day, lowest_before[i], lowest_after[i], then, now,
                           movements_of(before, after, day)});
    }
}

}  // namespace

penalty_difference penalties_since(recount::log& log, penalty_options const& options,
                                   recount::position before,
                                   std::optional<recount::position> after) {
    auto const days = days_of(options);
    auto const k_before = cut_of(log, before);
    auto const k_after = cut_of(log, after);
    penalty_sum sum_before{options};
    penalty_sum sum_after{options};
    sum_before.known_at(k_before);
    sum_after.known_at(k_after);
    penalty_difference difference;
    std::int64_t done = 0;
    for (auto const& account : accounts_of(log)) {
        if (options.stop_wanted && options.stop_wanted()) break;
        auto const then = read_book(log, account, {.known_at = k_before});
        auto const now = read_book(log, account, {.known_at = k_after});
        auto const lowest_then = lowest_balances(then.lines, days.first, days.last);
        auto const lowest_now = lowest_balances(now.lines, days.first, days.last);
        if (then.version > 0) sum_before.add(account, lowest_then);
        if (now.version > 0) sum_after.add(account, lowest_now);
        compare(then, now, lowest_then, lowest_now, days.first, difference.changes);
        if (options.progress) options.progress(++done);
    }
    difference.before = std::move(sum_before).report();
    difference.after = std::move(sum_after).report();
    return difference;
}

}  // namespace bank
