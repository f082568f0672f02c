// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The rows of a feed commit by commit, and the folds that say what a restructure changed: what
// changes.cpp and append_only.cpp have in common.
//
//     auto const page = source.next<changes_page>(limit, [&](auto rows, auto& page) { … });
//
// Thread safety: one caller at a time.
#pragma once

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include <recount/restructure/change_mark.hpp>
#include <recount/restructure/stream_folds.hpp>

namespace recount::history::detail {

// What the entry of a restructure did to a slot, as one stream tells it.
struct slot_change {
    weighted_version what;
    int n = -1;                   // of the operation: the first to a retracted slot, else the last
    std::uint16_t row = 0;        // of the slot's event in its commit
};

// What was told of one commit, from `begin` on.
template <class Item>
void sort_by_ordinal(std::vector<Item>& told, std::ptrdiff_t begin) {
    std::sort(told.begin() + begin, told.end(),
              [](auto const& a, auto const& b) { return a.ordinal < b.ordinal; });
}

class commit_rows {
public:
    commit_rows(log& from, change_options options);

    [[nodiscard]] feed_filter const& filter() const noexcept { return options_.filter; }
    // What the restructure in these rows changed in one of their streams.
    [[nodiscard]] std::vector<slot_change> changed_in(std::string const& stream,
                                                      recorded_event const& row);
    // All rows of the restructure that these are of; `rows` may be those of some streams alone.
    [[nodiscard]] std::vector<recorded_event> whole(std::span<recorded_event const> rows);
    // What was read and not told is read anew.
    void forget() noexcept;

    // A page: `tell` appends to `list` what the rows of a commit say. Commits are told until there
    // are `limit` of that, or what was read is used up.
    template <class Item, class Page, class Tell>
    void next(std::vector<Item>& list, Page& page, std::size_t limit, Tell const& tell);

private:
    log& log_;
    change_options options_;
    feed_filter read_;            // what the store is asked for
    stream_folds folds_;
    bool begun_ = false;
    position through_ = 0;        // whole commits up to here were told
    position read_through_ = 0;   // and up to here they were read
    position head_ = 0;
    std::optional<position> until_;
    std::vector<recorded_event> rows_;
    std::size_t at_ = 0;          // the first row that was not told

    void begin();
    void look(std::size_t limit);
    [[nodiscard]] std::span<recorded_event> commit_at(std::size_t at) noexcept;
    [[nodiscard]] position known_at() const noexcept { return until_.value_or(head_); }
};

template <class Item, class Page, class Tell>
void commit_rows::next(std::vector<Item>& list, Page& page, std::size_t limit, Tell const& tell) {
    look(limit);
    auto through = through_;
    auto at = at_;
    list.reserve(std::min(limit, rows_.size() - at));
    // The mark that the subscriber came with may be inside a commit.
    auto const known = [&](Item const& i) { return options_.after.covers(i.k, i.ordinal); };
    try {
        while (at < rows_.size() && list.size() < std::max<std::size_t>(limit, 1)) {
            auto const rows = commit_at(at);
            auto const told = list.size();
            at += rows.size();
            through = rows.front().commit_last;
            tell(rows, list);
            auto const begin = list.begin() + static_cast<std::ptrdiff_t>(told);
            list.erase(std::remove_if(begin, list.end(), known), list.end());
            if (list.size() > told) list.back().last = true;
        }
    } catch (...) {
        forget();  // rows may have been moved from
        throw;
    }
    at_ = at;
    through_ = at == rows_.size() ? read_through_ : through;
    page.through = through_;
    page.head = head_;
    page.known_at = known_at();
    page.caught_up = through_ >= page.known_at;
}

}  // namespace recount::history::detail
