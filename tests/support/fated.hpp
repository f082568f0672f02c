// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// A log and a saga store whose program is killed at one of its calls, before or after the call had
// its effect.
//
//     recount::tests::fate end{.at = 7};
//     auto log = std::make_shared<recount::tests::fated_log>(inner, end);
//     try { act(); } catch (recount::tests::killed const&) { … }
//
//     end.interlude = [&] { others_work(); };    // at that call, which then goes on: nobody dies
#pragma once

#include <functional>
#include <type_traits>

#include <recount/log/log.hpp>
#include <recount/saga/saga_store.hpp>

namespace recount::tests {

struct killed {};

// Counts the calls that change something, and ends the program at one of them.
struct fate {
    int calls = 0;
    int at = -1;         // the call that is the last one; below zero: none
    bool after = false;  // it has its effect all the same
    std::function<void()> interlude{};

    template <class Act>
    auto pass(Act&& act) -> decltype(act()) {
        bool const last = calls++ == at;
        if (last && !after) come();
        if constexpr (std::is_void_v<decltype(act())>) {
            act();
            if (last && after) come();
        } else {
            auto result = act();
            if (last && after) come();
            return result;
        }
    }

private:
    void come() const {
        if (!interlude) throw killed{};
        interlude();
    }
};

class fated_log final : public recount::log {
public:
    recount::log& inner;
    fate& end;
    fated_log(recount::log& of, fate& f) : inner{of}, end{f} {}

    [[nodiscard]] recount::uuid store_id() const override { return inner.store_id(); }
    [[nodiscard]] std::string const& store_name() const override { return inner.store_name(); }
    [[nodiscard]] std::vector<recount::append_result> append_batch(
        std::span<recount::commit const> commits) override {
        return end.pass([&] { return inner.append_batch(commits); });
    }
    recount::appended append_restructure(std::function<recount::commit()> const& make) override {
        return inner.append_restructure(make);
    }
    [[nodiscard]] recount::stream_page read_stream(recount::stream_name const& stream,
                                                   recount::stream_read const& o) override {
        return inner.read_stream(stream, o);
    }
    [[nodiscard]] std::map<std::string, std::vector<recount::recorded_event>> read_streams(
        std::span<recount::stream_name const> streams, recount::position* as_of,
        recount::streams_read const& o) override {
        return inner.read_streams(streams, as_of, o);
    }
    [[nodiscard]] recount::feed_page read_feed(recount::position after,
                                               recount::feed_filter const& filter,
                                               std::size_t limit) override {
        return inner.read_feed(after, filter, limit);
    }
    [[nodiscard]] std::optional<recount::recorded_event> find_event(
        recount::uuid const& id) override {
        return inner.find_event(id);
    }
    [[nodiscard]] std::map<recount::uuid, recount::remembered_commit> find_commits(
        std::span<recount::uuid const> ids) override {
        return inner.find_commits(ids);
    }
    [[nodiscard]] recount::log_head head() override { return inner.head(); }
    [[nodiscard]] std::optional<recount::digest> hash_at(recount::position at) override {
        return inner.hash_at(at);
    }
    [[nodiscard]] recount::position wait(recount::position after,
                                         std::chrono::milliseconds timeout) override {
        return inner.wait(after, timeout);
    }
    [[nodiscard]] std::vector<recount::stream_summary> list_streams(std::string_view category,
                                                                    std::string_view after,
                                                                    std::size_t limit) override {
        return inner.list_streams(category, after, limit);
    }
    [[nodiscard]] std::vector<recount::category_summary> list_categories() override {
        return inner.list_categories();
    }
    [[nodiscard]] std::vector<recount::type_summary> list_types() override {
        return inner.list_types();
    }
};

class fated_store final : public recount::saga_store {
public:
    recount::saga_store& inner;
    fate& end;
    fated_store(recount::saga_store& of, fate& f) : inner{of}, end{f} {}

    [[nodiscard]] recount::timestamp now() override { return inner.now(); }
    [[nodiscard]] recount::checkpoint read_checkpoint(std::string_view saga,
                                                      recount::checkpoint const& b) override {
        return inner.read_checkpoint(saga, b);
    }
    [[nodiscard]] bool write(std::string_view saga, recount::checkpoint const& from,
                             recount::checkpoint const& to,
                             recount::saga_changes const& changes) override {
        return end.pass([&] { return inner.write(saga, from, to, changes); });
    }
    void write(recount::saga_changes const& changes) override {
        end.pass([&] { inner.write(changes); });
    }
    [[nodiscard]] std::vector<recount::outbox_message> claim(
        recount::message_claim const& wanted) override {
        return end.pass([&] { return inner.claim(wanted); });
    }
    void release(std::vector<recount::outbox_message> const& claimed) override {
        end.pass([&] { inner.release(claimed); });
    }
    void sent(recount::uuid const& key) override { inner.sent(key); }
    void failed(recount::outbox_message const& claimed, std::string_view why,
                std::chrono::milliseconds again_in) override {
        inner.failed(claimed, why, again_in);
    }
    void give_up(recount::outbox_message const& claimed, std::string_view why) override {
        end.pass([&] { inner.give_up(claimed, why); });
    }
    [[nodiscard]] bool replay(recount::uuid const& key) override { return inner.replay(key); }
    [[nodiscard]] recount::saga_counts counts() override { return inner.counts(); }
    [[nodiscard]] std::vector<recount::saga_timer> due_timers(std::string_view saga,
                                                              std::size_t limit) override {
        return inner.due_timers(saga, limit);
    }
    [[nodiscard]] std::optional<std::chrono::milliseconds> until_next(
        recount::message_claim const& wanted) override {
        return inner.until_next(wanted);
    }
    [[nodiscard]] std::vector<recount::saga_instance> list_instances(
        recount::instance_list const& wanted) override {
        return inner.list_instances(wanted);
    }
    [[nodiscard]] std::optional<recount::saga_instance> find_instance(
        std::string_view saga, std::string_view instance) override {
        return inner.find_instance(saga, instance);
    }
    [[nodiscard]] std::vector<recount::outbox_message> list_messages(
        recount::message_list const& wanted) override {
        return inner.list_messages(wanted);
    }
    [[nodiscard]] std::optional<recount::outbox_message> find_message(
        recount::uuid const& key) override {
        return inner.find_message(key);
    }
    [[nodiscard]] std::vector<recount::saga_timer> list_timers(
        recount::timer_list const& wanted) override {
        return inner.list_timers(wanted);
    }
};

}  // namespace recount::tests
