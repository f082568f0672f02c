// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "log/group_commit.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include <recount/core/logging_events.hpp>

#include "log/batch.hpp"

namespace recount::detail {

std::vector<append_result> group_commit::append(std::span<commit const> commits) {
    if (commits.empty()) return {};
    caller mine;
    mine.commits = commits;
    std::unique_lock hold{mutex_};
    queue_.push_back(&mine);
    while (!mine.done) {
        if (writing_) {
            news_.wait(hold);
        } else {
            write_next(hold);
        }
    }
    hold.unlock();
    if (mine.failure) std::rethrow_exception(mine.failure);
    return std::move(mine.results);
}

std::size_t group_commit::waiting() const {
    std::lock_guard const hold{mutex_};
    return queue_.size();
}

void group_commit::write_next(std::unique_lock<std::mutex>& hold) {
    writing_ = true;
    std::vector<caller*> group;
    std::vector<commit const*> commits;
    batch_meter meter;
    auto const fits = [&](caller const& next) {
        return group.empty() ||
               std::all_of(next.commits.begin(), next.commits.end(),
                           [&](commit const& one) { return meter.has_room_for(one); });
    };
    // Whoever waits longest first. A bit more than a batch holds is cut up by the writer.
    while (!queue_.empty() && fits(*queue_.front())) {
        group.push_back(queue_.front());
        queue_.pop_front();
        for (auto const& one : group.back()->commits) {
            meter.add(one);
            commits.push_back(&one);
        }
    }
    hold.unlock();
    if (group.size() > 1 && logging::wanted("append.group")) {
        logging::tell("append.group", fmt::format("{} callers are written together", group.size()),
                      {{"callers", std::to_string(group.size())},
                       {"commits", std::to_string(commits.size())}});
    }
    std::vector<append_result> results;
    std::exception_ptr failure;
    try {
        results = write_(commits);
        assert_that(results.size() == commits.size(), "every commit of a group has a result");
    } catch (...) {
        failure = std::current_exception();
    }
    hold.lock();
    auto next = results.begin();
    for (auto* const one : group) {
        one->failure = failure;
        if (!failure) {
            auto const end = next + static_cast<std::ptrdiff_t>(one->commits.size());
            one->results.assign(std::make_move_iterator(next), std::make_move_iterator(end));
            next = end;
        }
        one->done = true;
    }
    writing_ = false;
    news_.notify_all();
}

}  // namespace recount::detail
