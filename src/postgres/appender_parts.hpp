// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// What the appender's two files share: a call, the batches that its commits go into, and what
// became of a flight. Only for them.
#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/wait_word.hpp"
#include "postgres/append_arguments.hpp"
#include "postgres/appender.hpp"

namespace recount::postgres {

template <typename See>
void each_stream(commit const& one, See const& see) {
    for (auto const& e : one.events) see(e.stream.str());
    for (auto const& e : one.expectations) see(e.stream.str());
}

// Callers that came in during the same flight wait for the same bell. All are woken at once where
// the next batch waits for all of them, and where some of them sleep on, since their batches are
// later ones. Else who is woken wakes the next one before he goes on: all at once, they would stand
// in front of the sender and of the server's process for the processor. Of its own life, since who
// is woken may be gone before the last is.
class appender::bell {
public:
    [[nodiscard]] std::uint32_t heard() const { return word_.load(); }
    // Until it is rung or work is offered; `heard` is what was heard before, and the result now.
    [[nodiscard]] std::uint32_t wait(std::uint32_t heard) {
        word_.wait(heard);
        if (one_by_one_.load()) word_.wake_one();
        return word_.load();
    }
    // Before it is first rung: not all who listen are in the batch that is about to fly.
    void split() { split_ = true; }
    void ring(bool all_at_once) {
        if (all_at_once || split_) {
            word_.advance_for_all();
        } else {
            one_by_one_ = true;
            word_.advance_for_one();
        }
    }
    // Whoever wakes is to see what there is to do.
    void offer_work() {
        work_ = true;
        word_.advance_for_one();
    }
    [[nodiscard]] bool take_work() { return work_.load() && work_.exchange(false); }

private:
    detail::wait_word word_;
    std::atomic<bool> one_by_one_{false};
    std::atomic<bool> split_{false};
    std::atomic<bool> work_{false};
};

// One call of append(), on the stack of its caller.
struct appender::call {
    struct part {  // a commit
        detail::prepared_commit prepared;
        std::optional<append_result> result;
        std::shared_ptr<batch const> in;  // that brought it into the log …
        std::size_t first_row = 0;        // … and where in it
        std::atomic<bool> stands{false};  // planned, or written by this call
        bool aside = false;               // in no batch: it is looked at again, alone
    };
    std::span<commit const> commits;
    std::vector<part> parts;
    std::vector<detail::commit_size> sizes;  // none for a commit that has a defect
    std::unordered_map<uuid, std::size_t> by_id;  // made when first a commit follows another
    std::unordered_set<std::string_view> aside_streams;  // what touches them, too, is set aside
    std::unordered_set<uuid> aside_ids;
    detail::batcher::clock::time_point began = detail::batcher::clock::now();

    // Under the lock of the appender.
    std::size_t unsettled = 0;  // commits
    std::exception_ptr failure;
    std::shared_ptr<bell> listens_to;
    std::atomic<bool> done{false};

    explicit call(std::span<commit const> given)
        : commits{given}, parts(given.size()), sizes(given.size()), unsettled{given.size()} {
        for (std::size_t i = 0; i < given.size(); ++i) {
            if (auto defect = detail::defect_of(given[i])) {
                parts[i].result = std::move(*defect);
                continue;
            }
            sizes[i] = {given[i].events.size(), detail::bytes_of(given[i])};
            parts[i].prepared = detail::prepare(given[i]);
        }
    }

    [[nodiscard]] bool leader_stands(std::size_t index) {
        auto const& leader = commits[index].follows;
        if (!leader) return false;
        if (by_id.empty()) {
            for (std::size_t i = 0; i < commits.size(); ++i) by_id.try_emplace(commits[i].id, i);
        }
        auto const at = by_id.find(*leader);
        return at != by_id.end() && at->second < index && parts[at->second].stands;
    }
    void set_aside(std::size_t index) {
        parts[index].aside = true;
        aside_ids.insert(commits[index].id);
        each_stream(commits[index],
                    [&](std::string const& stream) { aside_streams.insert(stream); });
    }
    // Commits of one call are judged in order.
    [[nodiscard]] bool comes_after_one_aside(std::size_t index) const {
        if (aside_ids.empty()) return false;
        auto const& one = commits[index];
        bool after = aside_ids.contains(one.id) ||
                     (one.follows && aside_ids.contains(*one.follows));
        each_stream(one, [&](std::string const& stream) {
            after = after || aside_streams.contains(stream);
        });
        return after;
    }
};

struct appender::flight {
    bool as_planned = true;
    bool in_doubt = false;
    std::optional<error> failure;
    std::exception_ptr unforeseen;
    std::optional<detail::batcher::clock::duration> fixed{};  // of its length: network and disk
};

struct appender::batch {
    struct entry {
        call* who = nullptr;
        std::size_t index = 0;
        bool leader_landed = false;  // the commit that it follows was written by another batch
    };
    detail::batch_planner plan;
    append_arguments arguments;
    std::vector<entry> entries;          // what rows call their commit
    std::vector<commit const*> commits;  // of the entries
    std::unordered_set<uuid> ids;
    position oldest = std::numeric_limits<position>::max();  // of heads from the cache
    std::uint64_t age;                                       // of the cache
    bool careful = false;  // no use in sending it as it is
    bool stands_on_before = false;  // on heads that the batch in flight is to leave
    std::shared_ptr<batch const> after;  // in flight while this one was built; its end, if any
    detail::batcher::clock::time_point began = detail::batcher::clock::now();

    // Once it has flown.
    std::vector<detail::batcher::piece> pieces;
    bool alone = false;  // nothing was at the server when it was sent
    bool away = false;   // sent, or given up; under the lock, which hands over what follows
    flight trip;
    detail::batcher::clock::time_point sent{};  // if it was
    known_range known;
    position base = 0;
    timestamp recorded_at;

    batch(uuid const& store_id, std::uint64_t cache_age) : plan{store_id}, age{cache_age} {}
};

}  // namespace recount::postgres
