// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// Instances, timers and the outbox in memory: for tests, and for folding a part of history on the
// side.
//
//     recount::testing::test_clock clock;
//     recount::memory_saga_store store{clock};
//     store.write({.timers = {reminder}});
//     clock.advance(std::chrono::hours{24});
//     for (auto const& timer : store.due_timers("transfer", 100)) …
//
// Behaves as the tables on PostgreSQL do (tests/conformance), with the clock that it was given.
// Thread safety: every function from any thread, if the clock may be asked by any.
// Cost: a claim walks the messages that wait, a list all there are.
#pragma once

#include <memory>

#include <recount/saga/saga_store.hpp>

namespace recount {

class memory_saga_store final : public saga_store {
public:
    explicit memory_saga_store(clock_function clock = &recount::now);
    ~memory_saga_store() override;
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
