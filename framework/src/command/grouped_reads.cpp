// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "command/grouped_reads.hpp"

#include <iterator>

namespace recount::detail {

namespace {

// A failure that the same read would have, whoever asked for it.
bool of_the_database(std::exception_ptr const& failure) {
    try {
        std::rethrow_exception(failure);
    } catch (error const& e) {
        return e.code() == errc::database_unreachable;
    } catch (...) {
        return false;
    }
}

}  // namespace

std::vector<stream_found> grouped_reads::read(std::span<stream_wanted const> wanted) {
    if (wanted.empty()) return {};
    caller mine;
    mine.wanted = wanted;
    {
        std::unique_lock hold{mutex_};
        queue_.push_back(&mine);
        while (!mine.done) {
            if (!mine.taken && reading_ < reads_max) {
                read_next(hold);
            } else {
                news_.wait(hold);
            }
        }
    }
    // What is wrong with one stream is no reason to fail those who wait for another.
    if (mine.alone) return read_(wanted);
    if (mine.failure) std::rethrow_exception(mine.failure);
    return std::move(mine.found);
}

std::size_t grouped_reads::waiting() const {
    std::lock_guard const hold{mutex_};
    return queue_.size();
}

void grouped_reads::read_next(std::unique_lock<std::mutex>& hold) {
    ++reading_;
    std::vector<caller*> group;
    std::vector<stream_wanted> wanted;
    // Whoever waits longest first.
    while (!queue_.empty() &&
           (group.empty() || wanted.size() + queue_.front()->wanted.size() <= streams_max)) {
        auto* const next = queue_.front();
        queue_.pop_front();
        next->taken = true;
        group.push_back(next);
        wanted.insert(wanted.end(), next->wanted.begin(), next->wanted.end());
    }
    hold.unlock();
    std::vector<stream_found> found;
    std::exception_ptr failure;
    try {
        found = read_(wanted);
        assert_that(found.size() == wanted.size(), "every stream of a group has a result");
    } catch (...) {
        failure = std::current_exception();
    }
    bool const alone = failure && group.size() > 1 && !of_the_database(failure);
    hold.lock();
    auto next = found.begin();
    for (auto* const one : group) {
        one->failure = failure;
        one->alone = alone;
        if (!failure) {
            auto const end = next + static_cast<std::ptrdiff_t>(one->wanted.size());
            one->found.assign(std::make_move_iterator(next), std::make_move_iterator(end));
            next = end;
        }
        one->done = true;
    }
    --reading_;
    news_.notify_all();
}

}  // namespace recount::detail
