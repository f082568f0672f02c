// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/restructure/changes.hpp>

#include <set>

#include <fmt/format.h>

#include <recount/restructure/read.hpp>

#include "restructure/commit_rows.hpp"
#include "restructure/told_slot.hpp"

namespace recount::history {

namespace detail {

class change_source {
public:
    change_source(log& from, change_options options) : rows_{from, std::move(options)} {}

    changes_page next(std::size_t limit) {
        changes_page page;
        rows_.next(page.changes, page, limit,
                   [&](auto rows, auto& list) { tell(rows, list); });
        return page;
    }
    void set_aside() noexcept { rows_.forget(); }

private:
    commit_rows rows_;

    void tell(std::span<recorded_event> rows, std::vector<change>& to);
    void tell_corrected(std::span<recorded_event const> rows, std::vector<change>& to);
};

namespace {

// A retraction comes before the assertion that takes its place.
std::uint32_t ordinal_of_change(slot_change const& c) {
    if (c.n < 0) return operations_end + c.row;
    return 2 * static_cast<std::uint32_t>(c.n) + (c.what.weight > 0 ? 1 : 0);
}

}  // namespace

void change_source::tell(std::span<recorded_event> rows, std::vector<change>& to) {
    if (std::any_of(rows.begin(), rows.end(), is_restructure)) return tell_corrected(rows, to);
    auto const begin = static_cast<std::ptrdiff_t>(to.size());
    for (auto& row : rows) {
        if (!passes(rows_.filter(), row.stream, row.type)) continue;
        make_told(row);
        constexpr int asserted = 1;
        to.push_back({row.commit_last, told_ordinal_of(row), asserted, false, {},
                      place::root(row.position)});
        to.back().event = std::move(row);
    }
    sort_by_ordinal(to, begin);
}

void change_source::tell_corrected(std::span<recorded_event const> rows, std::vector<change>& to) {
    auto const begin = static_cast<std::ptrdiff_t>(to.size());
    std::set<std::string> streams;
    for (auto const& row : rows) {
        if (!streams.insert(row.stream).second) continue;
        for (auto& c : rows_.changed_in(row.stream, row)) {
            auto const& version = c.what.version;
            if (!passes(rows_.filter(), version.stream, version.content->type)) continue;
            to.push_back({row.commit_last, ordinal_of_change(c), c.what.weight, false,
                          event_of(version), version.at});
        }
    }
    sort_by_ordinal(to, begin);
}

}  // namespace detail

std::string order_text(place const& at) {
    return to_hex(std::as_bytes(std::span{at.key()}));
}

std::string to_json(change const& c) {
    return fmt::format(R"({{"k":{},"ordinal":{},"change":"{}","order":"{}","event":{}}})", c.k,
                       c.ordinal, c.weight > 0 ? "assert" : "retract", order_text(c.at),
                       recount::to_json(c.event));
}

change_reader::change_reader(log& from, change_options options)
    : source_{std::make_unique<detail::change_source>(from, std::move(options))} {}
change_reader::~change_reader() = default;
change_reader::change_reader(change_reader&& other) noexcept = default;
change_reader& change_reader::operator=(change_reader&& other) noexcept = default;

changes_page change_reader::next(std::size_t limit) { return source_->next(limit); }
void change_reader::set_aside() noexcept { source_->set_aside(); }

}  // namespace recount::history
