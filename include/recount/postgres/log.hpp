// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// The log on PostgreSQL.
//
//     auto log = recount::postgres::log::open({.url = url, .program = "bank 1.0"});
//     log->append(commit);
//
// `open` throws errc::refused unless the store is migrated (recount/postgres/migrate.hpp) and of
// this program's format. Whether the server may lose data is for the program to check when it
// starts (`check_durability`), since it may be told to go on all the same.
// Thread safety: every function from any thread; each call borrows one session of a pool.
// Errors: a connection that is lost while an append is in doubt is resolved by running the same
// append again, at most limits::statement_attempts_max times; then errc::in_doubt.
// Cost: an append is one round trip while the heads of its streams are known, else one more. What
// comes in while a batch is on its way is written together by the next (group commit), so many
// threads append faster than one. An append fails with errc::limit_exceeded, which may be tried
// again, while limits::append_waiting_commits_max or _bytes_max wait already. Other processes are
// told of appends at once, in a rush every 10 ms.
#pragma once

#include <memory>
#include <string>

#include <recount/log/log.hpp>
#include <recount/postgres/migrate.hpp>
#include <recount/postgres/own_tables.hpp>
#include <recount/postgres/session.hpp>

namespace recount::postgres {

struct log_options {
    std::string url{};
    std::string store = "main";
    std::string program = "recount";  // application_name of its sessions
    std::size_t sessions_max = 16;
    std::chrono::milliseconds poll_interval{500};  // the longest sleep of wait() without a notice
    std::chrono::milliseconds answer_grace{10'000};  // session_options::answer_grace
};

class log final : public recount::log {
public:
    [[nodiscard]] static std::unique_ptr<log> open(log_options const& options);
    ~log() override;

    [[nodiscard]] uuid store_id() const override;
    [[nodiscard]] std::string const& store_name() const override;
    [[nodiscard]] store_names const& names() const noexcept;  // schema and roles

    [[nodiscard]] std::vector<append_result> append_batch(std::span<commit const> commits) override;
    // With your own tables in the same transaction (recount/postgres/own_tables.hpp).
    appended append_with(commit const& one, participants const& with);
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
    [[nodiscard]] std::unique_ptr<stored_log> stored() override;
    [[nodiscard]] snapshot_store* snapshots() noexcept override;

private:
    struct implementation;
    explicit log(std::unique_ptr<implementation> self) noexcept;
    std::unique_ptr<implementation> self_;
};

}  // namespace recount::postgres
