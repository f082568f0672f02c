// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "restructure/commit_rows.hpp"

#include <charconv>
#include <map>

#include <fmt/core.h>

#include <recount/restructure/read.hpp>

namespace recount::history {

// --- marks and filters ---------------------------------------------------------------------------

namespace {

// Without sign and leading zeros.
template <class Integer> std::optional<Integer> whole_number(std::string_view text) {
    Integer value{};
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    bool const plain = !text.empty() && text.front() != '-' && (text.front() != '0' || text == "0");
    if (!plain || failure != std::errc{} || end != text.data() + text.size()) return {};
    return value;
}

template <class List, class Value> bool holds(List const& list, Value const& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

std::string change_mark::text() const {
    return ordinal ? fmt::format("{}.{}", k, *ordinal) : fmt::format("{}", k);
}

std::optional<change_mark> change_mark::from_text(std::string_view text) {
    auto const dot = text.find('.');
    auto const k = whole_number<position>(text.substr(0, dot));
    if (!k) return {};
    if (dot == std::string_view::npos) return change_mark{*k};
    auto const ordinal = whole_number<std::uint32_t>(text.substr(dot + 1));
    if (!ordinal) return {};
    return change_mark{*k, *ordinal};
}

bool passes(feed_filter const& filter, std::string_view stream, std::string_view type) {
    if (!filter.types.empty() && !holds(filter.types, type)) return false;
    if (filter.stream && filter.stream->str() != stream) return false;
    auto const category = stream.substr(0, stream.find('-'));
    if (!filter.categories.empty()) return holds(filter.categories, category);
    return filter.stream || !category.starts_with('$');
}

// --- the rows ------------------------------------------------------------------------------------

namespace detail {

commit_rows::commit_rows(log& from, change_options options)
    : log_{from}, options_{std::move(options)}, read_{options_.filter},
      folds_{from, limits::refold_rows_kept} {
    // What a restructure writes may be of any type.
    if (!read_.types.empty()) read_.types.emplace_back(restructured_type);
}

void commit_rows::begin() {
    auto const& mark = options_.after;
    if (mark.k > 0) {
        auto const head = log_.head().position;
        if (mark.k > head) {
            throw error{errc::invalid_argument,
                        fmt::format("the log is at position {}: there is nothing to go on from at "
                                    "{}",
                                    head, mark.text())};
        }
        through_ = round_down(log_, mark.ordinal ? mark.k - 1 : mark.k);
    }
    read_through_ = through_;
    if (options_.until) until_ = round_down(log_, *options_.until);
    begun_ = true;
}

void commit_rows::look(std::size_t limit) {
    if (!begun_) begin();
    if (at_ < rows_.size()) return;
    forget();
    // So that a filter which lets little through does not make many small pages.
    bool const all = read_ == feed_filter{};
    auto page = log_.read_feed(through_, read_,
                               all ? limit : std::max(limit, limits::page_events_default));
    rows_ = std::move(page.events);
    read_through_ = page.through;
    head_ = page.head;
    if (!until_) return;
    read_through_ = std::max(through_, std::min(read_through_, *until_));
    std::erase_if(rows_, [&](auto const& row) { return row.commit_last > *until_; });
}

void commit_rows::forget() noexcept {
    rows_.clear();
    at_ = 0;
    read_through_ = through_;
}

std::span<recorded_event> commit_rows::commit_at(std::size_t at) noexcept {
    auto const begin = rows_.begin() + static_cast<std::ptrdiff_t>(at);
    auto const end = std::find_if(begin, rows_.end(), [&](auto const& row) {
        return row.commit_last != begin->commit_last;
    });
    return {begin, end};
}

std::vector<slot_change> commit_rows::changed_in(std::string const& stream,
                                                 recorded_event const& row) {
    auto const k = row.commit_last;
    auto const& history = folds_.known_to(stream_name{stream}, k);
    struct operations {
        int first = -1;
        int last = -1;
    };
    std::map<uuid, operations> by_event;
    for (auto const& write : history.written_at(row.position - ordinal_of(row.id))) {
        auto const [known, fresh] = by_event.try_emplace(write.event, operations{write.n, write.n});
        if (!fresh) known->second.last = write.n;
    }
    std::vector<slot_change> changes;
    for (auto& change : history.delta(k - 1, k)) {
        // Where a slot went is for the fold of that stream to say.
        if (change.version.stream != stream) continue;
        auto const& of = by_event[change.version.event];
        auto const n = change.weight < 0 ? of.first : of.last;
        auto const at = ordinal_of(change.version.event);
        changes.push_back({std::move(change), n, at});
    }
    return changes;
}

std::vector<recorded_event> commit_rows::whole(std::span<recorded_event const> rows) {
    if (!read_.stream && read_.categories.empty()) return {rows.begin(), rows.end()};
    auto const& row = rows.front();
    auto const before = row.position - static_cast<position>(ordinal_of(row.id)) - 1;
    auto const count = static_cast<std::size_t>(row.commit_last - before);
    auto page = log_.read_feed(before, {.types = {std::string{restructured_type}}}, count);
    // A log that has an index of restructures may have read on.
    std::erase_if(page.events, [&](auto const& e) { return e.commit_last > row.commit_last; });
    return std::move(page.events);
}

}  // namespace detail

}  // namespace recount::history
