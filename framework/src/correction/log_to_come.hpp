// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A log as it would be with the rows that a restructure would append: what a projection is told of
// it is what it will be told. Streams only; nothing can be written.
#pragma once

#include <algorithm>

#include "correction/imagined.hpp"

namespace recount::detail {

class log_to_come final : public log {
public:
    log_to_come(log& base, imagined const& history) : base_{base}, history_{history} {}

    [[nodiscard]] uuid store_id() const override { return base_.store_id(); }
    [[nodiscard]] std::string const& store_name() const override { return base_.store_name(); }

    // From the first version on, forward, as folds read.
    [[nodiscard]] stream_page read_stream(stream_name const& stream,
                                          stream_read const& options) override {
        auto page = base_.read_stream(stream, options);
        auto const known = page.events.size();
        std::erase_if(page.events, [&](auto const& e) { return e.position > history_.was_at; });
        if (page.events.size() < known) page.more = false;
        page.as_of = history_.is_at;
        if (page.more) return page;
        for (auto const& row : history_.rows) {
            if (row.stream == stream.str() && row.version >= options.from) {
                page.events.push_back(row);
            }
        }
        return page;
    }
    [[nodiscard]] log_head head() override { return {history_.is_at, {}}; }

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
    imagined const& history_;

    [[noreturn]] static void only_streams() {
        throw error{errc::refused, "a preview reads streams only"};
    }
};

}  // namespace recount::detail
