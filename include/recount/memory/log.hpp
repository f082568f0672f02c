// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The log in memory: for tests and tools. Behaves like the one on PostgreSQL, hashes and links
// included, and forgets everything with the object.
//
//     recount::memory::log log{"main"};
//     log.append(commit);
//
// Thread safety: every function from any thread. `clock` gives recorded_at, which never goes back.
#pragma once

#include <memory>
#include <string>

#include <recount/log/log.hpp>

namespace recount::memory {

class log final : public recount::log {
public:
    explicit log(std::string store_name = "main", clock_function clock = &recount::now);
    ~log() override;

    [[nodiscard]] uuid store_id() const override;
    [[nodiscard]] std::string const& store_name() const override;
    [[nodiscard]] std::vector<append_result> append_batch(std::span<commit const> commits) override;
    appended append_restructure(std::function<commit()> const& make) override;
    recorded_seal seal(new_seal const& wanted) override;
    [[nodiscard]] std::vector<recorded_seal> list_seals() override;
    [[nodiscard]] stream_page read_stream(stream_name const& stream,
                                          stream_read const& options = {}) override;
    [[nodiscard]] std::map<std::string, std::vector<recorded_event>> read_streams(
        std::span<stream_name const> streams, position* as_of = nullptr,
        streams_read const& options = {}) override;
    [[nodiscard]] feed_page read_feed(position after, feed_filter const& filter = {},
                                      std::size_t limit = limits::page_events_default) override;
    [[nodiscard]] std::optional<recorded_event> find_event(uuid const& id) override;
    [[nodiscard]] std::map<uuid, remembered_commit> find_commits(
        std::span<uuid const> ids) override;
    [[nodiscard]] log_head head() override;
    [[nodiscard]] std::optional<digest> hash_at(position at) override;
    [[nodiscard]] position wait(position after, std::chrono::milliseconds timeout) override;
    [[nodiscard]] std::vector<stream_summary> list_streams(std::string_view category,
                                                           std::string_view after = {},
                                                           std::size_t limit = 1'000) override;
    [[nodiscard]] std::vector<category_summary> list_categories() override;
    [[nodiscard]] std::vector<type_summary> list_types() override;
    // A copy of how it is now.
    [[nodiscard]] std::unique_ptr<stored_log> stored() override;
    [[nodiscard]] snapshot_store* snapshots() noexcept override;

    // The links so far, one a batch: what the links table holds on PostgreSQL.
    struct link {
        position first = 0;
        position last = 0;
        timestamp recorded_at;
        digest hash{};
    };
    [[nodiscard]] std::vector<link> links() const;

private:
    struct implementation;
    std::unique_ptr<implementation> self_;
};

}  // namespace recount::memory
