// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Instances, timers and the outbox in PostgreSQL: the tables of migrations/0011_sagas.sql, written
// by the role that follows the feed.
//
//     recount::postgres_saga_store store{url, log.names(), "bank 1.0"};
//     auto const batch = store.claim({.kind = recount::message_kind::effect});
//
// A lost connection and a clash with another worker are tried again, where that can be told from
// having happened twice.
// Thread safety: every function from any thread. Errors: as saga_store says.
// Cost: a step is one transaction with a statement for each kind of change, however many there are.
// Claimed messages are found by index, waiting ones that have to stay cost a look each.
#pragma once

#include <memory>
#include <string>

#include <recount/postgres/migrate.hpp>
#include <recount/saga/saga_store.hpp>

namespace recount {

class postgres_saga_store final : public saga_store {
public:
    postgres_saga_store(std::string url, postgres::store_names const& names, std::string program);
    ~postgres_saga_store() override;
    [[nodiscard]] timestamp now() override;
    [[nodiscard]] checkpoint read_checkpoint(std::string_view saga,
                                             checkpoint const& begin_at = {}) override;
    [[nodiscard]] bool write(std::string_view saga, checkpoint const& from, checkpoint const& to,
                             saga_changes const& changes) override;
    void write(saga_changes const& changes) override;
    [[nodiscard]] std::vector<outbox_message> claim(message_claim const& wanted) override;
    void release(std::vector<outbox_message> const& claimed) override;
    void sent(uuid const& key) override;
    void failed(outbox_message const& claimed, std::string_view why,
                std::chrono::milliseconds again_in) override;
    void give_up(outbox_message const& claimed, std::string_view why) override;
    [[nodiscard]] bool replay(uuid const& key) override;
    [[nodiscard]] std::vector<saga_timer> due_timers(std::string_view saga,
                                                     std::size_t limit) override;
    [[nodiscard]] std::optional<std::chrono::milliseconds> until_next(
        message_claim const& wanted) override;
    [[nodiscard]] std::vector<saga_instance> list_instances(instance_list const& wanted) override;
    [[nodiscard]] std::optional<saga_instance> find_instance(std::string_view saga,
                                                             std::string_view instance) override;
    [[nodiscard]] std::vector<outbox_message> list_messages(message_list const& wanted) override;
    [[nodiscard]] std::optional<outbox_message> find_message(uuid const& key) override;
    [[nodiscard]] std::vector<saga_timer> list_timers(timer_list const& wanted) override;
    [[nodiscard]] saga_counts counts() override;

private:
    struct implementation;
    std::unique_ptr<implementation> self_;
};

}  // namespace recount
