// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A log as it would be with the rows that a restructure would append behind a position: what a
// projection that is there is told of it is what it will be told. Streams only; nothing can be
// written. Thread safety: none.
#pragma once

#include <algorithm>

#include "correction/imagined.hpp"

namespace recount::detail {

class log_to_come final : public log {
public:
    // `at` ends a commit; the plan comes to the same there.
    log_to_come(log& base, imagined const& history, position at)
        : base_{base}, at_{at}, rows_{history.rows} {
        auto const later = at - history.was_at;
        for (auto& row : rows_) {
            row.position += later;
            row.commit_last += later;
            row.version = 0;   // not known before its stream was read
        }
    }

    [[nodiscard]] uuid store_id() const override { return base_.store_id(); }
    [[nodiscard]] std::string const& store_name() const override { return base_.store_name(); }
    [[nodiscard]] std::vector<recorded_event> const& rows_to_come() const { return rows_; }
    [[nodiscard]] position end() const {
        return at_ + static_cast<position>(rows_.size());
    }

    // From the first version on, forward, as folds read.
    [[nodiscard]] stream_page read_stream(stream_name const& stream,
                                          stream_read const& options) override {
        auto page = base_.read_stream(stream, options);
        auto const known = page.events.size();
        std::erase_if(page.events, [&](auto const& e) { return e.position > at_; });
        if (page.events.size() < known) page.more = false;
        page.as_of = end();
        if (page.more) return page;
        auto const row = std::find_if(rows_.begin(), rows_.end(), [&](auto const& r) {
            return r.stream == stream.str();
        });
        if (row == rows_.end()) return page;
        auto const from = std::max<version>(options.from, 1);
        if (row->version == 0) {
            row->version = page.events.empty() ? from : page.events.back().version + 1;
        }
        if (row->version >= from) page.events.push_back(*row);
        return page;
    }
    [[nodiscard]] log_head head() override { return {end(), {}}; }

    std::vector<append_result> append_batch(std::span<commit const>) override { only_streams(); }
    appended append_restructure(std::function<commit()> const&) override { only_streams(); }
    std::map<std::string, std::vector<recorded_event>> read_streams(
        std::span<stream_name const>, position*, streams_read const&) override {
        only_streams();
    }
    feed_page read_feed(position, feed_filter const&, std::size_t) override { only_streams(); }
    std::optional<recorded_event> find_event(uuid const&) override { only_streams(); }
    std::map<uuid, remembered_commit> find_commits(std::span<uuid const>) override {
        only_streams();
    }
    std::optional<digest> hash_at(position) override { only_streams(); }
    position wait(position, std::chrono::milliseconds) override { only_streams(); }
    std::vector<stream_summary> list_streams(std::string_view, std::string_view,
                                             std::size_t) override {
        only_streams();
    }
    std::vector<category_summary> list_categories() override { only_streams(); }
    std::vector<type_summary> list_types() override { only_streams(); }

private:
    log& base_;
    position at_;
    std::vector<recorded_event> rows_;

    [[noreturn]] static void only_streams() {
        throw error{errc::refused, "a preview reads streams only"};
    }
};

}  // namespace recount::detail
