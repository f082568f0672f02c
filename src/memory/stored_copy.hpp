// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A store's rows in memory, all of them open to whoever wants to change them: what a test does.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <recount/log/stored.hpp>
#include <recount/memory/log.hpp>

namespace recount::memory {

class stored_copy final : public recount::stored_log {
public:
    struct row {
        std::int64_t stream_id = 0;
        int ordinal = 0;
        recorded_event event;   // its `stream` is not looked at
    };
    uuid id;
    std::string name;
    std::vector<row> log;                  // by position
    std::vector<stored_link> all_links;    // by last position
    std::vector<stored_stream> streams;
    std::vector<stored_type> all_types;

    explicit stored_copy(memory::log& of);

    [[nodiscard]] uuid store_id() const override { return id; }
    [[nodiscard]] std::string const& store_name() const override { return name; }
    [[nodiscard]] stored_ends ends() override;
    [[nodiscard]] stored_page rows(position first, position past) override;
    [[nodiscard]] std::optional<position> next_row(position from) override;
    [[nodiscard]] stored_page stream_rows(std::int64_t stream_id, version after,
                                          std::size_t limit) override;
    [[nodiscard]] std::vector<stored_link> links(position after, std::size_t limit) override;
    [[nodiscard]] std::optional<stored_link> link_until(position at) override;
    [[nodiscard]] std::vector<stored_before> before(
        std::span<stored_version const> versions) override;
    [[nodiscard]] std::optional<stored_stream> stream(std::string_view wanted) override;
    [[nodiscard]] std::int64_t count_streams(position after, position through) override;
    [[nodiscard]] std::vector<stored_stream> streams_without_events(std::size_t limit) override;
    [[nodiscard]] std::vector<stored_type> types() override;
};

}  // namespace recount::memory
