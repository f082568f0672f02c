// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/projection/runner.hpp>

#include <algorithm>
#include <iterator>
#include <set>
#include <thread>

#include <fmt/core.h>

#include <recount/core/fault_point.hpp>
#include <recount/log/feed_reader.hpp>
#include <recount/projection/limits.hpp>
#include <recount/restructure/read.hpp>

#include "projection/report.hpp"
#include "projection/telling.hpp"

namespace recount {

using action_kind = projection_runner::action_kind;
using detail::may_pass;

projection_runner::action projection_runner::start() { return {action_kind::read_checkpoint}; }

projection_runner::action projection_runner::next_page() {
    if (stopping_) return {action_kind::done};
    if (options_.until && checkpoint_.position >= *options_.until) return {action_kind::done};
    return {action_kind::read_page, checkpoint_.position, options_.page_events};
}

projection_runner::action projection_runner::on_checkpoint(checkpoint const& found) {
    checkpoint_ = found;
    if (found.position == 0) return next_page();
    return {action_kind::read_hash, found.position};
}

projection_runner::action projection_runner::on_hash(std::optional<digest> const& found) {
    if (found == checkpoint_.hash) return next_page();
    failure_ = error{errc::corrupted,
                     fmt::format("the rows were made from another log: at position {} their "
                                 "checkpoint has the hash {}, the log has {}; rebuild the "
                                 "projection",
                                 checkpoint_.position, to_hex(checkpoint_.hash).substr(0, 16),
                                 found ? to_hex(*found).substr(0, 16) : "no event")};
    return {action_kind::fail};
}

projection_runner::action projection_runner::on_page(feed_page const& page) {
    if (stopping_) return {action_kind::done};
    if (page.through > checkpoint_.position) {
        return {action_kind::apply_page, checkpoint_.position};
    }
    failures_ = 0;  // nothing to do is as good as done
    return {action_kind::wait_for_news, checkpoint_.position};
}

projection_runner::action projection_runner::on_written(bool written, checkpoint const& now) {
    failures_ = 0;
    // Overtaken by another worker: its rows are as good as ours, go on from there.
    if (!written) return {action_kind::read_checkpoint};
    checkpoint_ = now;
    return next_page();
}

projection_runner::action projection_runner::on_news() { return next_page(); }
projection_runner::action projection_runner::on_pause_over() { return start(); }

projection_runner::action projection_runner::on_failure(error const& failure) {
    ++failures_;
    bool const too_often = options_.until && failures_ >= options_.failures_max;
    if (stopping_ || too_often || !may_pass(failure)) {
        failure_ = failure;
        return {action_kind::fail};
    }
    auto const doublings = std::min(failures_ - 1, 16);
    auto const pause = std::min(options_.pause_first * (1 << doublings), options_.pause_max);
    return {action_kind::pause, 0, 0, pause};
}

projection_runner::action projection_runner::on_stop() {
    stopping_ = true;
    return {action_kind::done};
}

namespace {

// What `apply_page` does. `reach`: how far the page has to go for it, if it threw for that.
bool tell_and_write(projection_descriptor const& p, row_store& rows, table_build build,
                    checkpoint const& from, checkpoint const& to,
                    std::vector<recorded_event> const& events, history::stream_folds* folds,
                    position& reach) {
    auto const source = rows.source(p, build);
    detail::telling page{p, *source, folds};
    try {
        page.tell(events, to.position);
    } catch (...) {
        reach = page.reach();
        throw;
    }
    fault_point<"projection.page_told">();
    return rows.write(p, build, from, to, page.changes(), page.noted());
}

}  // namespace

bool apply_page(projection_descriptor const& p, row_store& rows, table_build build,
                checkpoint const& from, checkpoint const& to,
                std::vector<recorded_event> const& events, history::stream_folds* folds) {
    position reach = 0;
    return tell_and_write(p, rows, build, from, to, events, folds, reach);
}

namespace {

std::size_t rows_of_restructures(feed_page const& page) {
    return static_cast<std::size_t>(
        std::count_if(page.events.begin(), page.events.end(), history::is_restructure));
}

// A commit is one restructure, of as many rows as it touches streams.
std::size_t restructures_in(feed_page const& page) {
    std::set<position> commits;
    for (auto const& row : page.events) {
        if (history::is_restructure(row)) commits.insert(row.commit_last);
    }
    return commits.size();
}

// Performs the actions of a runner.
class shell {
public:
    shell(log& from, row_store& rows, projection_descriptor const& p, table_build build,
          runner_options const& options, projection_run_hooks const& hooks)
        : log_{from}, rows_{rows}, projection_{p}, build_{build}, hooks_{hooks}, runner_{options},
          folds_{from, limits::refold_rows_kept} {
        std::set<std::string_view> types{history::restructured_type};
        for (auto const& handler : p.handlers) {
            for (auto const& version : handler.versions) types.insert(version.event.name);
        }
        filter_.types.assign(types.begin(), types.end());
    }

    projection_run run() {
        auto next = runner_.start();
        while (next.kind != action_kind::done) {
            if (next.kind == action_kind::fail) {
                auto const at = runner_.checkpoint_now().position;
                detail::tell_stopped(projection_, log_.store_name(), runner_.failure(), at);
                throw runner_.failure();
            }
            if (hooks_.stop_wanted && hooks_.stop_wanted()) {
                next = runner_.on_stop();
                continue;
            }
            try {
                next = perform(next);
            } catch (error const& failure) {
                next = runner_.on_failure(failure);
                if (next.kind == action_kind::pause) {
                    detail::tell_paused(projection_, log_.store_name(), failure,
                                        runner_.failures(), next.pause);
                }
            }
        }
        done_.through = runner_.checkpoint_now().position;
        return done_;
    }

private:
    log& log_;
    row_store& rows_;
    projection_descriptor const& projection_;
    table_build build_;
    projection_run_hooks const& hooks_;
    projection_runner runner_;
    feed_filter filter_;
    std::optional<feed_reader> reader_;
    feed_page page_;
    history::stream_folds folds_;
    projection_run done_;

    projection_runner::action perform(projection_runner::action const& a) {
        constexpr std::chrono::milliseconds look_again{500};
        switch (a.kind) {
            case action_kind::read_checkpoint:
                reader_.reset();  // what was read ahead may be of a log that is not there any more
                return runner_.on_checkpoint(rows_.read_checkpoint(projection_, build_));
            case action_kind::read_hash: return runner_.on_hash(log_.hash_at(a.after));
            case action_kind::read_page:
                if (!reader_) reader_.emplace(log_, a.after, filter_, a.limit);
                assert_that(reader_->after() == a.after, "a page goes on where the rows end");
                page_ = reader_->next();
                return runner_.on_page(page_);
            case action_kind::apply_page: return apply();
            case action_kind::wait_for_news:
                static_cast<void>(log_.wait(a.after, look_again));
                return runner_.on_news();
            case action_kind::pause:
                std::this_thread::sleep_for(a.pause);
                return runner_.on_pause_over();
            case action_kind::done:
            case action_kind::fail: break;
        }
        return a;
    }

    [[nodiscard]] digest hash_of_page_end() {
        if (!page_.events.empty() && page_.events.back().position == page_.through) {
            return page_.events.back().hash;
        }
        auto const hash = log_.hash_at(page_.through);
        if (!hash) {
            throw error{errc::corrupted,
                        fmt::format("the log has lost position {}, which it had a moment ago",
                                    page_.through)};
        }
        return *hash;
    }

    // An event that the handler threw at is taken back further on, and only a page that has both
    // can be told.
    [[nodiscard]] bool read_on_to(position reach) {
        if (reach <= page_.through) return false;
        reader_.reset();   // what was read ahead begins too early now
        while (page_.through < reach) {
            auto more = log_.read_feed(page_.through, filter_);
            if (page_.events.size() + more.events.size() > limits::projection_page_events_max) {
                return false;
            }
            std::move(more.events.begin(), more.events.end(), std::back_inserter(page_.events));
            page_.through = more.through;
            page_.head = more.head;
            page_.caught_up = more.caught_up;
        }
        return true;
    }

    [[nodiscard]] bool apply_page_now(checkpoint& to) {
        for (;;) {
            to = {page_.through, hash_of_page_end(), runner_.checkpoint_now().epoch};
            position reach = 0;
            try {
                return apply_page_to(to, reach);
            } catch (...) {
                if (!read_on_to(reach)) throw;
            }
        }
    }

    [[nodiscard]] bool apply_page_to(checkpoint const& to, position& reach) {
        auto const& from = runner_.checkpoint_now();
        try {
            return tell_and_write(projection_, rows_, build_, from, to, page_.events, &folds_,
                                  reach);
        } catch (error const& failure) {
            // A handler that saw rows which somebody else had meanwhile moved on may well throw.
            if (!may_pass(failure) && !(rows_.read_checkpoint(projection_, build_) == from)) {
                return false;
            }
            throw;
        }
    }

    projection_runner::action apply() {
        auto const began = std::chrono::steady_clock::now();
        fault_point<"projection.page_read">();
        checkpoint to;
        auto const from = runner_.checkpoint_now().position;
        auto const read_before = folds_.rows_read();
        bool const written = apply_page_now(to);
        detail::page_told told;
        told.restructures = restructures_in(page_);
        told.events = page_.events.size() - rows_of_restructures(page_);
        told.read_for_refold = folds_.rows_read() - read_before;
        done_.events_read_for_refold += told.read_for_refold;
        if (written) {
            done_.events += told.events;
            done_.restructures += told.restructures;
            detail::tell_page(projection_, log_.store_name(), from, page_, told, began);
        } else {
            detail::tell_overtaken(projection_, from);
        }
        auto const next = runner_.on_written(written, to);
        if (hooks_.progress) hooks_.progress(runner_.checkpoint_now().position);
        return next;
    }
};

}  // namespace

projection_run run_projection(log& from, row_store& rows, projection_descriptor const& p,
                              table_build build, runner_options const& options,
                              projection_run_hooks const& hooks) {
    return shell{from, rows, p, build, options, hooks}.run();
}

}  // namespace recount
