// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/provenance/verify.hpp>

#include <future>
#include <limits>

#include <fmt/core.h>

#include <recount/log/hash.hpp>

#include "provenance/link_check.hpp"
#include "provenance/row_check.hpp"

namespace recount::provenance {

namespace {

using detail::differences;

// A page grows and shrinks with the size of its rows: two of them are in memory at a time.
constexpr position page_positions_first = 1'024;
constexpr position page_positions_min = 64;
constexpr position page_positions_max = 16'384;
constexpr std::size_t page_bytes_wanted = 8U << 20U;
constexpr std::size_t page_links = 16'384;
constexpr position lowest = std::numeric_limits<position>::min();
constexpr position highest = std::numeric_limits<position>::max() - 2 * page_positions_max;

std::size_t bytes_of(stored_page const& page) {
    std::size_t total = 0;
    for (auto const& e : page.events) {
        total += e.payload.size() + e.meta.size() + (e.command ? e.command->size() : 0);
    }
    return total;
}

// Where to begin, and what is known there.
detail::link_start start_of(stored_log& log, verify_options const& options, differences& found) {
    detail::link_start start;
    if (options.since_head) {
        auto const& head = *options.since_head;
        auto const there = log.link_until(head.position);
        start = {head.position, head.link, head.recorded_at};
        if (!there || there->last != head.position || there->link != head.link) {
            bool const ends = there && there->last == head.position;
            found.add(head.position, {}, "head", to_hex(head.link),
                      ends ? detail::hash_text(there->link)
                           : std::string{"no batch ends there"});
        }
        return start;
    }
    auto const there = log.link_until(options.since);
    if (options.since > 0 && there && there->last > 0) {
        return {there->last, there->link.value_or(digest{}), there->recorded_at};
    }
    auto const genesis = log.links(lowest, 1);
    start.link = link_genesis(log.store_id());
    bool const stored = !genesis.empty() && genesis.front().last <= 0;
    if (!stored || genesis.front().link != start.link || genesis.front().first != 0 ||
        genesis.front().last != 0) {
        found.add(0, {}, "link", to_hex(start.link),
                  stored ? detail::hash_text(genesis.front().link) : std::string{"nothing"});
    }
    if (stored) start.recorded_at = genesis.front().recorded_at;
    return start;
}

void check_possible(stored_log& log, verify_options const& options, differences& found) {
    auto const since = options.since_head ? options.since_head->position : options.since;
    if (options.head && options.head->position < since) {
        throw error{errc::invalid_argument,
                    fmt::format("the head is at position {}, before the beginning at {}",
                                options.head->position, since)};
    }
    for (auto const* one : {&options.head, &options.since_head}) {
        if (!one->has_value() || (*one)->store_id == log.store_id()) continue;
        found.add(0, {}, "store", to_string((*one)->store_id), to_string(log.store_id()));
    }
}

class run {
public:
    run(stored_log& log, verify_options const& options)
        : log_{log}, options_{options}, ends_{log.ends()} {
        check_possible(log, options, found_);
        start_ = start_of(log, options, found_);
        // A position may be any number by now; pages are counted beyond it.
        target_ = std::min(std::max(ends_.log_last, ends_.links_last), highest);
        if (!options.since_head && options.since > target_) {
            found_.add(options.since, {}, "end of the log",
                       fmt::format("{} or later", options.since), std::to_string(target_));
        }
        if (options.limit && *options.limit < target_ - start_.last) {
            auto const last = log.links(start_.last + std::max<position>(*options.limit, 1) - 1, 1);
            if (!last.empty() && last.front().last < target_) {
                target_ = last.front().last;
                whole_ = false;
            }
        }
    }

    verify_report operator()() {
        detail::row_check rows{log_.store_id(), start_.last, found_};
        detail::link_check links{start_, options_.head, found_};
        links.compare_head(start_.last, start_.link);
        if (start_.last == 0 && ends_.log_first < 1) below_the_beginning();
        read(rows, links);
        verify_report report;
        report.stopped = stopped_;
        if (!stopped_) {
            links.finish();
            at_the_end(rows, links);
        }
        report.since = start_.last;
        report.through = stopped_ ? links.last_position() : target_;
        report.events = rows.events();
        report.streams = rows.streams();
        report.batches = links.batches();
        report.link = links.last_link();
        report.more = !whole_;
        found_.hand_over(report);
        return report;
    }

private:
    stored_log& log_;
    verify_options const& options_;
    differences found_;
    stored_ends ends_;
    detail::link_start start_;
    position target_ = 0;
    bool whole_ = true;      // up to the end of the log
    bool stopped_ = false;
    position page_positions_ = page_positions_first;

    [[nodiscard]] position page_end(position first) const {
        return std::min(first + page_positions_ - 1, target_);
    }
    void fit_page(stored_page const& page) {
        auto const bytes = bytes_of(page);
        if (bytes > page_bytes_wanted) {
            page_positions_ = std::max(page_positions_ / 2, page_positions_min);
        } else if (bytes < page_bytes_wanted / 2) {
            page_positions_ = std::min(page_positions_ * 2, page_positions_max);
        }
    }

    // While one page is hashed the next one is on its way.
    void read(detail::row_check& rows, detail::link_check& links) {
        auto const fetch = [this](position first, position last) {
            return std::async(std::launch::async,
                              [this, first, last] { return log_.rows(first, last + 1); });
        };
        auto first = start_.last + 1;
        auto last = page_end(first);
        std::future<stored_page> next;
        if (first <= target_) next = fetch(first, last);
        while (first <= target_) {
            auto const page = next.get();
            auto const looked_at = last;
            first = last + 1;
            // Nothing there: positions may leap.
            if (page.events.empty()) first = log_.next_row(first).value_or(target_ + 1);
            fit_page(page);
            last = page_end(first);
            if (first <= target_) next = fetch(first, last);
            announce(links, std::min(first - 1, target_));
            rows.know(log_.before(rows.unknown(page)), page);
            for (auto const& row : page.events) links.take(row, rows.take(row));
            if (options_.progress) {
                options_.progress(looked_at - start_.last, target_ - start_.last);
            }
            if (first <= target_ && options_.stop_wanted && options_.stop_wanted()) {
                next.wait();
                stopped_ = true;
                return;
            }
        }
    }

    void announce(detail::link_check& links, position through) {
        while (links.announced() < through) {
            auto const more = log_.links(links.announced(), page_links);
            for (auto const& link : more) {
                if (link.last > target_) return;
                links.announce(link);
            }
            if (more.size() < page_links) return;
        }
    }

    void below_the_beginning() {
        for (auto const& row : log_.rows(lowest, 1).events) {
            found_.add(row.position, {}, "position", "1 or later", std::to_string(row.position));
        }
    }

    void at_the_end(detail::row_check& rows, detail::link_check& links) {
        if (whole_ && ends_.log_last != ends_.links_last) {
            found_.add(std::min(ends_.log_last, ends_.links_last) + 1, {}, "end of the log",
                       std::to_string(ends_.links_last), std::to_string(ends_.log_last));
        }
        if (whole_ && options_.head && !links.head_met()) {
            auto const at = options_.head->position;
            found_.add(std::min(at, ends_.log_last + 1), {}, "head",
                       fmt::format("{} at {}", to_hex(options_.head->link), at),
                       at > ends_.links_last
                           ? fmt::format("the log ends at {}", ends_.links_last)
                           : std::string{"no batch ends there"});
        }
        // Others append meanwhile: the end is asked for behind the types.
        auto const types = log_.types();
        rows.check_types(types, log_.ends().log_last);
        if (log_.count_streams(start_.last, target_) == rows.streams()) return;
        auto const extra = log_.streams_without_events(differences_kept_max);
        for (auto const& one : extra) {
            found_.add(one.id, one.name, "stream", "no row in streams",
                       fmt::format("id {}", one.id));
        }
    }
};

}  // namespace

verify_report verify(stored_log& log, verify_options const& options) {
    return run{log, options}();
}

verify_report verify_stream(stored_log& log, std::string_view name) {
    auto const stream = log.stream(name);
    if (!stream) throw error{errc::not_found, fmt::format("no stream {}", name)};
    differences found;
    verify_report report;
    detail::stream_head head{stream->name, 0, {}};
    position at = 0;
    timestamp recorded{duration{std::numeric_limits<std::int64_t>::min()}};
    constexpr std::size_t page_rows = 16'384;
    for (bool more = true; more;) {
        auto const page = log.stream_rows(stream->id, report.events == 0 ? lowest : head.version,
                                          page_rows);
        more = page.events.size() == page_rows;
        for (auto const& row : page.events) {
            if (++report.events == 1) detail::check_stream_row(*stream, row.position, found);
            if (row.version != head.version + 1) {
                found.add(row.position, name, "version", std::to_string(head.version + 1),
                          std::to_string(row.version));
            }
            if (row.position <= at) {
                found.add(row.position, name, "position", fmt::format("{} or later", at + 1),
                          std::to_string(row.position));
            }
            if (row.commit_last < row.position) {
                found.add(row.position, name, "commit",
                          fmt::format("up to {} or later", row.position),
                          fmt::format("up to {}", row.commit_last));
            }
            if (row.recorded_at < recorded) {
                found.add(row.position, name, "recorded_at",
                          fmt::format("{} or later", detail::time_text(recorded)),
                          detail::time_text(row.recorded_at));
            }
            detail::check_ordinal(row, name, found);
            detail::follow_chain(log.store_id(), row, head, found);
            at = row.position;
            recorded = row.recorded_at;
        }
    }
    if (report.events == 0) found.add(stream->id, name, "stream", "an event", "none");
    report.streams = 1;
    report.through = at;
    report.link = {};
    found.hand_over(report);
    return report;
}

}  // namespace recount::provenance
