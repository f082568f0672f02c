// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A log in memory that a test can get in the way of: between a load and an append, say.
//
//     recount::tests::wrapped_log log;
//     log.before_append = [&] { log.inner.append(somebody_elses); };
#pragma once

#include <atomic>
#include <functional>
#include <utility>

#include <recount/log/stored.hpp>
#include <recount/memory/log.hpp>

namespace recount::tests {

class wrapped_log final : public recount::log {
public:
    memory::log inner;
    std::function<void()> before_append;      // with no lock held
    std::function<void(std::span<commit const>)> before_commits;   // likewise
    std::function<void()> before_restructure; // likewise, before it is judged
    std::function<void()> before_read_feed;
    std::function<void(feed_page&)> after_read_feed;   // what was stored may look otherwise
    std::function<void()> before_read_stream;
    std::function<void(std::chrono::milliseconds)> before_wait;
    std::atomic<int> appends = 0;             // calls of append_batch
    std::atomic<int> stream_reads = 0;        // calls of read_stream and read_streams
    std::atomic<int> questions = 0;           // calls of find_commits

    [[nodiscard]] uuid store_id() const override { return inner.store_id(); }
    [[nodiscard]] std::string const& store_name() const override { return inner.store_name(); }
    [[nodiscard]] std::vector<append_result> append_batch(
        std::span<commit const> commits) override {
        ++appends;
        call(before_append);
        if (auto const hook = before_commits) hook(commits);
        return inner.append_batch(commits);
    }
    appended append_restructure(std::function<commit()> const& make) override {
        call(before_restructure);
        return inner.append_restructure([&] {
            auto made = make();
            call(before_append);
            return made;
        });
    }
    recorded_seal seal(new_seal const& wanted) override { return inner.seal(wanted); }
    [[nodiscard]] std::vector<recorded_seal> list_seals() override { return inner.list_seals(); }
    [[nodiscard]] stream_page read_stream(stream_name const& stream,
                                          stream_read const& options) override {
        ++stream_reads;
        call(before_read_stream);
        return inner.read_stream(stream, options);
    }
    [[nodiscard]] std::map<std::string, std::vector<recorded_event>> read_streams(
        std::span<stream_name const> streams, position* as_of,
        streams_read const& options) override {
        ++stream_reads;
        call(before_read_stream);
        return inner.read_streams(streams, as_of, options);
    }
    [[nodiscard]] feed_page read_feed(position after, feed_filter const& filter,
                                      std::size_t limit) override {
        call(before_read_feed);
        auto page = inner.read_feed(after, filter, limit);
        if (after_read_feed) after_read_feed(page);
        return page;
    }
    [[nodiscard]] std::optional<recorded_event> find_event(uuid const& id) override {
        return inner.find_event(id);
    }
    [[nodiscard]] std::map<uuid, remembered_commit> find_commits(
        std::span<uuid const> ids) override {
        ++questions;
        return inner.find_commits(ids);
    }
    [[nodiscard]] log_head head() override { return inner.head(); }
    [[nodiscard]] std::optional<digest> hash_at(position at) override { return inner.hash_at(at); }
    [[nodiscard]] position wait(position after, std::chrono::milliseconds timeout) override {
        if (auto const hook = before_wait) hook(timeout);
        return inner.wait(after, timeout);
    }
    [[nodiscard]] std::vector<stream_summary> list_streams(std::string_view category,
                                                           std::string_view after,
                                                           std::size_t limit) override {
        return inner.list_streams(category, after, limit);
    }
    [[nodiscard]] std::vector<category_summary> list_categories() override {
        return inner.list_categories();
    }
    [[nodiscard]] std::vector<type_summary> list_types() override { return inner.list_types(); }
    [[nodiscard]] std::unique_ptr<stored_log> stored() override {
        return replaced_stored ? replaced_stored() : inner.stored();
    }
    std::function<std::unique_ptr<stored_log>()> replaced_stored;
    [[nodiscard]] snapshot_store* snapshots() noexcept override { return inner.snapshots(); }

private:
    // A copy: what is called may take itself away.
    static void call(std::function<void()> hook) {
        if (hook) hook();
    }
};

}  // namespace recount::tests
