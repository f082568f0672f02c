// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "http/live_feed.hpp"

#include <algorithm>
#include <iterator>

#include "http/event_stream.hpp"

namespace recount::http::detail {

namespace {

template <class Items> void give(live_page& to, Items&& items, position told) {
    if (!items.empty()) to.told = told;
    to.items.assign(std::make_move_iterator(items.begin()), std::make_move_iterator(items.end()));
}

template <class Page> live_page page_of(Page const& read) {
    live_page page;
    page.through = read.through;
    page.caught_up = read.caught_up;
    return page;
}

// Nothing is left to tell of the commit that ends at `k`.
template <class Items> bool is_over(Items const& items, position k) {
    return items.empty() || items.front().k > k;
}

}  // namespace

void add_item(std::string& text, live_item const& item) {
    std::visit([&](auto const& one) { add_event(text, one); }, item);
}

live_feed::live_feed(recount::log& from, live_events const& wanted)
    : source_{recorded_feed{&from, wanted.filter}}, after_{wanted.after} {
    history::change_options options;
    options.after = {wanted.after, wanted.ordinal};
    if (wanted.ordinal) unmarked_ = wanted.after;
    options.filter = wanted.filter;
    if (wanted.rows) {
        source_ = row_feed{wanted.rows, options.after};
    } else if (wanted.as == feed_form::changes) {
        source_ = history::change_reader{from, std::move(options)};
    } else if (wanted.as == feed_form::append_only) {
        source_ = history::append_only_reader{from, std::move(options)};
    }
}

live_page live_feed::next_rows(row_feed& from, std::size_t limit) {
    auto read = from.read(from.at, limit);
    if (!read.since || from.at.k < *read.since) {
        throw error{errc::refused, "changes that were asked for are not kept any more"};
    }
    auto page = page_of(read);
    page.lagging = read.changes.empty();
    if (unmarked_ && is_over(read.changes, *unmarked_)) page.mark = unmarked_;
    from.at = {read.through};
    give(page, std::move(read.changes), read.changes.empty() ? 0 : read.changes.back().k);
    return page;
}

live_page live_feed::next(std::size_t limit) {
    live_page page;
    if (auto* const rows = std::get_if<row_feed>(&source_)) {
        page = next_rows(*rows, limit);
    } else if (auto* const changes = std::get_if<history::change_reader>(&source_)) {
        auto read = changes->next(limit);
        page = page_of(read);
        if (unmarked_ && is_over(read.changes, *unmarked_)) page.mark = unmarked_;
        give(page, std::move(read.changes), read.changes.empty() ? 0 : read.changes.back().k);
    } else if (auto* const events = std::get_if<history::append_only_reader>(&source_)) {
        auto read = events->next(limit);
        page = page_of(read);
        if (unmarked_ && is_over(read.events, *unmarked_)) page.mark = unmarked_;
        give(page, std::move(read.events), read.events.empty() ? 0 : read.events.back().k);
    } else {
        auto const& feed = std::get<recorded_feed>(source_);
        auto read = feed.from->read_feed(after_, feed.filter, limit);
        page = page_of(read);
        give(page, std::move(read.events), read.events.empty() ? 0 : read.events.back().position);
    }
    unmarked_.reset();
    after_ = std::max(after_, page.through);
    return page;
}

void live_feed::add_place(std::string& text, position through) const {
    if (std::holds_alternative<recorded_feed>(source_)) {
        detail::add_place(text, through);
    } else {
        add_mark(text, through);
    }
}

}  // namespace recount::http::detail
