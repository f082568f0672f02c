// Copyright (c) 2026 The Recount authors. Distributed under the Boost Software License 1.0.
#include "app/follower_threads.hpp"

#include <exception>

namespace recount::detail {

namespace {

constexpr std::chrono::seconds try_again{5};

}  // namespace

void follower_threads::start(std::vector<std::string> const& names,
                             std::function<void(std::size_t)> follow) {
    follow_ = std::move(follow);
    for (auto const& name : names) {
        list_.push_back(std::make_unique<follower>(follower{name, {}, {}}));
    }
    for (std::size_t part = 0; part < list_.size(); ++part) {
        list_[part]->thread = std::thread{[this, part] { run(part); }};
    }
}

void follower_threads::stop() noexcept {
    {
        std::lock_guard const hold{mutex_};
        stopping_ = true;
    }
    news_.notify_all();
    for (auto const& one : list_) {
        if (one->thread.joinable()) one->thread.join();
    }
}

void follower_threads::run(std::size_t part) {
    while (!stopping_) {
        try {
            follow_(part);
            continue;
        } catch (std::exception const& failed) {
            say(part, failed.what());
        } catch (...) {
            say(part, "something was thrown that is no exception");
        }
        std::unique_lock hold{mutex_};
        news_.wait_for(hold, try_again, [this] { return stopping_.load(); });
    }
}

void follower_threads::say(std::size_t part, std::string sentence) {
    std::lock_guard const hold{mutex_};
    list_[part]->failure = std::move(sentence);
}

std::vector<std::pair<std::string, std::string>> follower_threads::failures() const {
    std::lock_guard const hold{mutex_};
    std::vector<std::pair<std::string, std::string>> found;
    for (auto const& one : list_) {
        if (!one->failure.empty()) found.emplace_back(one->name, one->failure);
    }
    return found;
}

void follower_threads::wait_until(std::chrono::steady_clock::time_point at) const {
    std::unique_lock hold{mutex_};
    news_.wait_until(hold, at);
}

}  // namespace recount::detail
