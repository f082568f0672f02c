// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
//
// How the appender plans what has come in, on the heads that the batch in flight will leave.
#include <algorithm>
#include <string>
#include <unordered_set>

#include "postgres/appender_parts.hpp"
#include "postgres/stream_heads.hpp"

namespace recount::postgres {

using detail::batcher;

void appender::build(lock& hold, std::vector<batcher::piece> const& pieces, bells& to_ring) {
    if (open_ == nullptr) {
        open_ = std::make_shared<batch>(store_id_, cache_.newest().age);
        open_->after = flights_.empty() ? nullptr : flights_.back();
    }
    auto const open = open_;
    auto const before = flights_.empty() ? nullptr : flights_.back();
    static_cast<void>(ring(hold, to_ring));
    hold.unlock();
    std::exception_ptr unforeseen;
    try {
        auto const rows = open->plan.batch().rows.size();
        auto const commits = open->commits.size();
        plan(*open, before.get(), pieces);
        if (before != nullptr && !open->careful) {
            early_.look(cache_.range(0).newest.position,
                        std::span{open->commits}.subspan(commits),
                        std::span{open->plan.batch().rows}.subspan(rows));
        }
    } catch (...) {
        unforeseen = std::current_exception();
    }
    hold.lock();
    if (unforeseen) {
        open->careful = true;  // there may be rows of half a commit in it
        for (auto const& piece : pieces) static_cast<call*>(piece.who)->failure = unforeseen;
    }
    if (!group_.built(may_follow(*open))) open_.reset();
}

// It stands on nothing that the batch in flight is yet to write: append() compares versions, and if
// that batch is not written, somebody else's event may have the version that it was to have. And it
// fits into a socket's buffer, so that who sends it does not wait.
bool appender::may_follow(batch const& open) {
    constexpr std::size_t bytes_max = std::size_t{64} * 1024;
    std::size_t bytes = 0;
    for (auto const* one : open.commits) bytes += detail::bytes_of(*one);
    return !open.careful && !open.entries.empty() && !open.stands_on_before && bytes < bytes_max;
}

void appender::learn_heads(batch& open, batch const* before,
                           std::vector<batcher::piece> const& pieces) {
    std::vector<std::string> unknown;
    std::unordered_set<std::string_view> asked;
    auto const see = [&](std::string const& stream) {
        if (open.plan.knows(stream)) return;
        if (before != nullptr) {
            if (auto const* const left = before->plan.find(stream)) {
                open.plan.know(stream, left->now);
                open.stands_on_before = true;
                return;
            }
        }
        if (auto const known = cache_.find(stream)) {
            open.plan.know(stream, known->head);
            open.oldest = std::min(open.oldest, known->as_of.position);
        } else if (asked.insert(stream).second) {
            unknown.push_back(stream);
        }
    };
    for (auto const& piece : pieces) {
        auto const& from = *static_cast<call*>(piece.who);
        for (auto i = piece.from; i < piece.to; ++i) {
            if (!from.parts[i].result && !from.parts[i].aside) each_stream(from.commits[i], see);
        }
    }
    if (unknown.empty()) return;
    detail::known_heads heads;
    auto const as_of = read_heads(*sessions_.lend(), queries_, cache_, unknown, heads);
    open.oldest = std::min(open.oldest, as_of.position);
    for (auto const& stream : unknown) open.plan.know(stream, heads.at(stream));
}

// Puts the commits into the batch. What cannot be planned now makes it one that is appended
// carefully; its commits are in it all the same.
void appender::plan(batch& open, batch const* before, std::vector<batcher::piece> const& pieces) {
    try {
        if (!open.careful) learn_heads(open, before, pieces);
    } catch (error const&) {
        open.careful = true;
    }
    for (auto const& piece : pieces) {
        auto& from = *static_cast<call*>(piece.who);
        for (auto i = piece.from; i < piece.to; ++i) {
            auto const& one = from.commits[i];
            from.parts[i].stands = false;
            if (from.parts[i].result || from.parts[i].aside) continue;
            // The same id once more: it sees what became of the first.
            if (open.ids.contains(one.id) ||
                (before != nullptr && before->ids.contains(one.id)) ||
                from.comes_after_one_aside(i)) {
                from.set_aside(i);
                continue;
            }
            bool const leader_stands = from.leader_stands(i);
            if (!open.careful && open.plan.judge(one, leader_stands)) {
                from.set_aside(i);
                continue;
            }
            open.ids.insert(one.id);
            open.entries.push_back(
                {&from, i, leader_stands && !open.ids.contains(*one.follows)});
            open.commits.push_back(&one);
            from.parts[i].stands = true;
            if (open.careful) continue;
            auto const row = open.plan.add(open.entries.size() - 1, one, from.parts[i].prepared);
            open.arguments.add(one, open.plan.batch(), row, from.parts[i].prepared.meta);
            from.parts[i].first_row = row;
        }
    }
}

}  // namespace recount::postgres
