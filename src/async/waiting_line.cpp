// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include <recount/async/waiting_line.hpp>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <recount/core/error.hpp>

namespace recount::detail {

waiting_line::verdict waiting_line::put(ticket number, work& one) {
    if (closed_) return verdict::closed;
    if (waiting_.size() >= waiting_max_) return verdict::full;
    waiting_.push_back({number, nullptr});
    waiting_.back().what = std::move(one);
    return verdict::waits;
}

std::vector<waiting_line::work> waiting_line::take(std::size_t most) {
    std::vector<work> taken;
    taken.reserve(std::min(most, waiting_.size()));
    while (!waiting_.empty() && taken.size() < most) {
        taken.push_back(std::move(waiting_.front().what));
        waiting_.pop_front();
    }
    return taken;
}

waiting_line::work waiting_line::withdraw(ticket number) {
    auto const found = std::find_if(waiting_.begin(), waiting_.end(),
                                    [&](place const& one) { return one.number == number; });
    if (found == waiting_.end()) return nullptr;
    auto mine = std::move(found->what);
    waiting_.erase(found);
    return mine;
}

struct work_line::withdrawal::state {
    mutable std::mutex mutex;
    std::condition_variable news;
    waiting_line line;
    waiting_line::ticket tickets = 0;

    explicit state(std::size_t waiting_max) : line{waiting_max} {}
};

namespace {

void await_more(std::unique_lock<std::mutex>& hold, waiting_line const& line, linger& wait) {
    using clock = linger::clock;
    wait.begin(clock::now());
    while (!line.closed() && wait.expects_more(line.size(), clock::now())) {
        hold.unlock();
        // Too short to sleep.
        for (auto const look = clock::now() + linger::next_comes_in; clock::now() < look;) {
            std::this_thread::yield();
        }
        hold.lock();
    }
}

void fail_with(waiting_line::work const& one, errc code, std::string const& sentence,
               bool retryable) noexcept {
    one->fail(std::make_exception_ptr(error{code, sentence, {}, retryable}));
}

}  // namespace

work_line::work_line(work_line_options options, make_perform_function make)
    : options_{std::move(options)}, state_{std::make_shared<state>(options_.waiting_max)} {
    if (options_.waiting_max == 0 || options_.batch_max == 0 || options_.threads == 0) {
        throw error{errc::invalid_argument,
                    fmt::format("{}: limits, batches and threads begin at 1", options_.limit)};
    }
    try {
        for (std::size_t i = 0; i < options_.threads; ++i) {
            threads_.emplace_back([line = state_, most = options_.batch_max, make] {
                serve(*line, most, make);
            });
        }
    } catch (...) {
        finish();
        throw;
    }
}

work_line::~work_line() { finish(); }

void work_line::finish() noexcept {
    {
        std::lock_guard const hold{state_->mutex};
        state_->line.close();
    }
    state_->news.notify_all();
    for (auto& one : threads_) one.join();
}

void work_line::serve(state& line, std::size_t batch_max, make_perform_function const& make) {
    auto const perform = make();
    std::unique_lock hold{line.mutex};
    linger wait;
    for (;;) {
        line.news.wait(hold, [&] { return line.line.size() > 0 || line.line.closed(); });
        if (line.line.size() == 0) return;  // closed, and all is done
        await_more(hold, line.line, wait);
        auto batch = line.line.take(batch_max);
        if (batch.empty()) continue;  // withdrawn meanwhile
        wait.answered(batch.size());
        hold.unlock();
        perform(std::move(batch));
        hold.lock();
    }
}

work_line::withdrawal work_line::next_withdrawal() {
    withdrawal next;
    next.line_ = state_;
    std::lock_guard const hold{state_->mutex};
    next.number_ = ++state_->tickets;
    return next;
}

void work_line::submit(withdrawal const& as, work one) {
    auto const verdict = [&] {
        std::lock_guard const hold{state_->mutex};
        return state_->line.put(as.number_, one);
    }();
    switch (verdict) {
        case waiting_line::verdict::waits: state_->news.notify_one(); return;
        case waiting_line::verdict::full:
            fail_with(one, errc::limit_exceeded,
                      fmt::format("{} is {}, and as many wait already", options_.limit,
                                  options_.waiting_max),
                      true);
            return;
        case waiting_line::verdict::closed:
            fail_with(one, errc::stopped, "the queue is being closed", false);
            return;
    }
}

void work_line::withdrawal::operator()() const noexcept {
    auto const line = line_.lock();
    if (line == nullptr) return;
    auto const mine = [&] {
        std::lock_guard const hold{line->mutex};
        return line->line.withdraw(number_);
    }();
    if (mine == nullptr) return;
    fail_with(mine, errc::stopped, "it was withdrawn before its turn came", false);
}

std::size_t work_line::waiting() const {
    std::lock_guard const hold{state_->mutex};
    return state_->line.size();
}

}  // namespace recount::detail
